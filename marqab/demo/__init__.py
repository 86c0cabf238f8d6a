"""`make demo`: a story told by a local web server, read by the real connectors, answered by real alerts."""
