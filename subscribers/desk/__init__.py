"""The desk: a small live page on `marqab.alerts`."""
