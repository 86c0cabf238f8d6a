"""Apache Kafka without Docker, for development and tests: Maven brings the jars, Java runs them."""
