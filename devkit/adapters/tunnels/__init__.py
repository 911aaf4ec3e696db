"""How Stripe reaches this machine: providers of a public address behind one Protocol (base.py)."""
