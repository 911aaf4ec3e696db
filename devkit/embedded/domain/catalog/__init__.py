"""The rules of the product catalog: plans with phases and rate cards, add-ons, and which of them go together."""
