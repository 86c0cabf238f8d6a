"""Feeds: RSS, RDF, Atom and JSON Feed.

Nothing is imported here, so that the processes that read single documents start quickly.
"""
