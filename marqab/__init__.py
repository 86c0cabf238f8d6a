"""The hallway: command line, settings, metrics, health, logs, and the broker of the demo."""
