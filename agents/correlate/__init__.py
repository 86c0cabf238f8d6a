"""correlate: knowing that it is the same.

**A copy** is a text of which another outlet has taken over a substantial share word for word (`copies`). It adds no
voice and makes no alert. **The same incident** is what ACLED calls one event: same day, same place, same actors, same
type. No single feature decides; `same` adds up explained points for every two posts, and `graph` says which posts
belong together, as a function of the set of posts alone, so that the order in which sources are heard cannot matter.

A wrong merge hides an attack from the readers; a missed one repeats an alert. The first is worse: doubt keeps posts
apart, and a missed merge is mended when a later post is alike beyond doubt to both sides. The same with copies: a
missed one counts one voice twice, a false one silences a voice.

What the thresholds (`rules`, `same`) rest on: points of likeness were chosen on 864 posts of 178 real incidents so
that a sum of 0 means as likely as not, and were moved only where reading wrong merges one by one showed a cause and
both halves of the set agreed (docs/decisions/0043). An incident takes up posts that are merely like it for 20 hours:
16 lost reports of the next morning, 24 made one incident of a town that is shelled every evening (B-cubed F1 .889,
.891, .885 for 16, 20, 24). A copy shares four tenths of all 4-word runs or four fifths of the shorter text's:
stricter than what is called a copy among all texts (`stream`), because a voice is at stake. Claims wait 72 hours, as
the model says.

A number of victims is something somebody said (`ledger`), a claim never confirms (`claims`), and corroboration counts
independent origins, not outlets (`origins`). What an incident says (`content`) is a pure function of its posts.
"""

from agents.correlate.correlator import Correlator, Fold
from agents.correlate.heard import Heard, hear
from agents.correlate.rules import Rules
from agents.correlate.stream import TextCopies

__all__ = ["Correlator", "Fold", "Heard", "Rules", "TextCopies", "hear"]
