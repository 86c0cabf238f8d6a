"""Where: a gazetteer of names, and the places that a report names, told apart, weighed and located."""

from agents.classify.places.find import find_places, main_place
from agents.classify.places.gazetteer import Gazetteer

__all__ = ["Gazetteer", "find_places", "main_place"]
