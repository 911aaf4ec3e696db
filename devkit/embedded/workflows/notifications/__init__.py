"""What makes notifications, and what delivers them."""
