"""correlate: knowing that it is the same.

**A copy** is a text of which another outlet has taken over a substantial share word for word (`copies`). It adds no
voice and makes no alert. **The same incident** is what ACLED calls one event: same day, same place, same actors, same
type. No single feature decides; `same` adds up explained points for every two posts, and `graph` says which posts
belong together, as a function of the set of posts alone, so that the order in which sources are heard cannot matter.

A wrong merge hides an attack from the readers; a missed one repeats an alert. The first is worse: doubt keeps posts
apart, and a missed merge is mended when a later post is alike beyond doubt to both sides.

A number of victims is something somebody said (`ledger`), a claim never confirms (`claims`), and corroboration counts
independent origins, not outlets (`origins`). What an incident says (`content`) is a pure function of its posts.
"""

from agents.correlate.correlator import Correlator, Fold
from agents.correlate.rules import Rules
from agents.correlate.stream import TextCopies

__all__ = ["Correlator", "Fold", "Rules", "TextCopies"]
