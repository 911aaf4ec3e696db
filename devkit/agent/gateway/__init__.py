"""Between tunnel and OpenMeter: lets Stripe's webhooks of this instance's apps in, and nothing else."""
