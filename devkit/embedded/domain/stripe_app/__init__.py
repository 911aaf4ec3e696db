"""The Stripe app: its rules, the parameters of its calls to Stripe and the reading of what Stripe answers and sends."""
