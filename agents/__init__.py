"""What happens to a post: pure stages, lifted to Kafka by `stage.py` and wired by `app.py`."""
