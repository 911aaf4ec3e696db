"""A stand-in for Stripe's API in test mode: stateful, on loopback, with signed deliveries and faults on demand."""
