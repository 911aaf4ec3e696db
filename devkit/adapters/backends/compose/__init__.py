"""The compose backend: the real OpenMeter with Kafka, ClickHouse, Postgres, Redis and Svix, under Docker Compose."""
