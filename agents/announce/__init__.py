"""announce: one alert for each revision of an incident that is news, saying what changed and why.

Settling: the first alert goes out at once. What changes who must act (a toll, a claim, a correction, a merge, a rise of
severity) does so too; what only makes the picture surer or finer (`corroborated`, `measure_added`, `place_refined`)
waits until `settle` of event time has passed since the last alert and travels with the next one, so that a burst of
posts is not a burst of alerts. If there is no next one, the correlator sends the incident once more, `settled`, when
that time has passed, and what was held back is told then: nothing is lost.

What is no news at all (a figure below the one told, a place beside it) is listed in the next alert that is sent anyway,
so that no headline reads otherwise than the last one without a word.
"""

from agents.announce.announcer import Announcement, announce

__all__ = ["Announcement", "announce"]
