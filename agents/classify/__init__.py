"""Classify: a Report becomes a Sighting, with its reasons.

Rules are data (`lexicon/*.toml`) and find candidates; a decision weighs them against their context; then every value
that the report states is read off with its span: figures, actors, claims, measures, times, places.
"""

from agents.classify.classifier import Classifier

__all__ = ["Classifier"]
