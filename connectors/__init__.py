"""Where posts come from: each kind of source has a folder, a line in the registry, and publishes to Kafka."""
