"""The Stripe app at work. `api.py` imports the stripe package and is imported itself when the first app needs it."""
