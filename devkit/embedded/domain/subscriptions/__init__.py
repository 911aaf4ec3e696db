"""The rules of subscriptions: what one consists of, how it is edited, ended and shown."""
