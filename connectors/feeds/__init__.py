"""Feeds: RSS 0.9x to 2.0, RDF, Atom and JSON Feed over HTTP."""

from connectors.feeds.connector import FeedConnector

__all__ = ["FeedConnector"]
