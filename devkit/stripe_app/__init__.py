"""OpenMeter's Stripe app and its webhook endpoint: installed, compared with what they should be, and repaired."""
