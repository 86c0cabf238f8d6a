"""People correct incidents: mute one, say that it is none, say where it was, make two one, take posts out of one.

Muting, dismissing and placing change the incident's own row. A merge and a split say which posts belong together; they
are remembered as bonds (`bonds`), and what becomes of the incidents is worked out as for a new post. All of it survives
restarts, later posts and a replay, and the same feedback twice changes nothing.

What cannot be applied raises `Inapplicable` with a sentence, and so ends in the rejects, whole: nothing is guessed, for
a person waits for an answer.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from agents.correlate import rows
from agents.correlate.bonds import Bonds
from agents.correlate.claims import is_claim
from agents.correlate.fold import Fold
from agents.correlate.memory import Memory
from agents.correlate.region import rebound
from agents.correlate.rules import Rules
from agents.correlate.settle import Decided, Settlement, counted, current
from schemas.errors import Inapplicable
from schemas.kinds import FeedbackKind, IncidentState
from schemas.records import Correction, Feedback


def correct(memory: Memory, rules: Rules, feedback: Feedback) -> Fold:
    """What a correction changes.

    Raises:
        Inapplicable: it names an incident or a post that is not known here, or means what cannot be.
    """
    known = memory.given.get(feedback.feedback_id)
    if known is not None and known.done:
        return Fold(tuple(current(memory, entry, rules) for entry in _concerned(memory, feedback)))
    match feedback.kind:
        case FeedbackKind.MERGE:
            return _merge(memory, rules, feedback, known)
        case FeedbackKind.SPLIT:
            return _split(memory, rules, feedback, known)
        case _:
            return _mark(memory, rules, feedback)


def _mark(memory: Memory, rules: Rules, feedback: Feedback) -> Fold:
    """What changes the incident's own row."""
    entry = _known(memory, feedback.incident_id)
    if entry.state is IncidentState.MERGED:
        raise Inapplicable(f"{entry.incident_id} was merged into {entry.merged_into}: correct that one")
    if _has(entry, feedback):
        return Fold((current(memory, entry, rules),), (), None, entry.incident_id)
    muted = feedback.kind is FeedbackKind.MUTE
    until = feedback.until.timestamp() if feedback.until else None
    corrected = msgspec.structs.replace(
        entry,
        corrections=(*entry.corrections, _note(feedback)),
        muted=entry.muted or muted,
        muted_until=until if muted else entry.muted_until,
        dismissed=entry.dismissed or feedback.kind is FeedbackKind.NOT_AN_INCIDENT,
        place=feedback.place if feedback.kind is FeedbackKind.WRONG_PLACE else entry.place,
    )
    corrected = counted(corrected, memory.copied(entry.posts), memory.revision_of)
    put = ("i:" + entry.incident_id, rows.encode(corrected))
    return Fold((current(memory, corrected, rules),), (put,), None, entry.incident_id)


def _merge(memory: Memory, rules: Rules, feedback: Feedback, known: rows.Bond | None) -> Fold:
    """Two incidents are one: the second keeps its id, and what comes for either goes there.

    `known` is the bond where a crash came after it was stored and before all that follows from it was.
    """
    goes, stays = _standing(memory, feedback.incident_id), _standing(memory, feedback.into or "")
    if _is_test(memory, goes) != _is_test(memory, stays):
        raise Inapplicable(
            f"one of {goes.incident_id} and {stays.incident_id} is a test, and tests meet no real incident"
        )
    posts = sorted({*_posts(memory, goes), *_posts(memory, stays)})
    bond = known or _bond(feedback, [posts], lead=stays.incident_id)
    notes = {goes.incident_id: _note(feedback, feedback.into)}
    notes[stays.incident_id] = _note(feedback, feedback.incident_id)  # it may be the same one by now
    return _settled(memory, rules, bond, [goes.incident_id, stays.incident_id], notes)


def _split(memory: Memory, rules: Rules, feedback: Feedback, known: rows.Bond | None) -> Fold:
    """Some posts leave an incident, for one of their own or for another one; `known` as for a merge."""
    home = _standing(memory, feedback.incident_id)
    other = _standing(memory, feedback.into) if feedback.into is not None else None
    leaving = sorted(set(feedback.posts))
    if known is None:
        _may_leave(memory, home, leaving, other)
    staying = [post for post in _posts(memory, home) if post not in leaving]
    joined = sorted({*leaving, *(_posts(memory, other) if other else ())})
    bond = known or _bond(feedback, [joined, staying], home=home.incident_id, placed=leaving, stayed=staying)
    notes = {other.incident_id if other else leaving[0]: _note(feedback, feedback.incident_id)}
    notes[home.incident_id] = _note(feedback, feedback.into)  # it may be the same one by now
    touched = [home.incident_id, *([other.incident_id] if other else [])]
    return _settled(memory, rules, bond, touched, notes)


def _settled(
    memory: Memory,
    rules: Rules,
    bond: rows.Bond,
    incidents: Sequence[str],
    notes: Mapping[str, Correction],
) -> Fold:
    """What becomes of the incidents when the bond is added to those that there are."""
    bonds = Bonds([*(given for given in memory.given.values() if given.feedback_id != bond.feedback_id), bond])
    region = rebound(memory, incidents, rules.ties, bonds)
    settled = Settlement(memory, rules, decided=Decided(bonds, notes)).settle(region)
    key = "f:" + bond.feedback_id
    first, last = (rows.encode(msgspec.structs.replace(bond, done=done)) for done in (False, True))
    return Fold(tuple(settled.incidents), ((key, first), *settled.puts, (key, last)), None, incidents[-1])


# ── what may be meant ──────────────────────────────────────────────────────────────────────────────────────────────


def _known(memory: Memory, incident_id: str) -> rows.Entry:
    entry = memory.entries.get(incident_id)
    if entry is None:
        raise Inapplicable(
            f"{incident_id} is not known here: there never was such an incident, nobody has spoken of it for so long "
            "that it is closed, or it is heard in another theatre"
        )
    return entry


def _standing(memory: Memory, incident_id: str) -> rows.Entry:
    """The incident, or the one that it has become part of."""
    _known(memory, incident_id)
    return _known(memory, memory.survivor(incident_id) or incident_id)


def _may_leave(memory: Memory, home: rows.Entry, leaving: Sequence[str], other: rows.Entry | None) -> None:
    here = _posts(memory, home)
    strangers = [post for post in leaving if post not in here]
    staying = [post for post in here if post not in leaving]
    if strangers:
        raise Inapplicable(f"{', '.join(strangers)} is no post of {home.incident_id}, or not any more")
    if other is not None and other.incident_id == home.incident_id:
        raise Inapplicable(f"the posts are in {home.incident_id} already, which both ids lead to")
    if not staying:
        raise Inapplicable(f"these are all posts of {home.incident_id}: merge it instead")
    if all(is_claim(memory.sighting(post)) for post in staying):
        raise Inapplicable(f"only claims would stay in {home.incident_id}, and a claim alone is no incident")
    if other is None and all(is_claim(memory.sighting(post)) for post in leaving):
        raise Inapplicable("a claim alone is no incident: name the incident that it belongs to")


def _posts(memory: Memory, entry: rows.Entry) -> list[str]:
    """The incident's posts, in order of publication."""
    return [post for post in entry.posts if post in memory.posts]


def _is_test(memory: Memory, entry: rows.Entry) -> bool:
    return all(memory.sighting(post).test for post in _posts(memory, entry))


def _has(entry: rows.Entry, feedback: Feedback) -> bool:
    return any(known.feedback_id == feedback.feedback_id for known in entry.corrections)


def _concerned(memory: Memory, feedback: Feedback) -> list[rows.Entry]:
    """The incidents whose history tells of a feedback, those that were merged away first."""
    told = [entry for entry in memory.entries.values() if _has(entry, feedback)]
    return sorted(told, key=lambda entry: (entry.state is not IncidentState.MERGED, entry.incident_id))


# ── what is remembered ─────────────────────────────────────────────────────────────────────────────────────────────


def _note(feedback: Feedback, other: str | None = None) -> Correction:
    return Correction(
        feedback_id=feedback.feedback_id,
        kind=feedback.kind,
        by=feedback.by,
        note=feedback.note,
        given_at=feedback.given_at,
        other=other,
    )


def _bond(feedback: Feedback, together: list[list[str]], **more: Any) -> rows.Bond:
    return rows.Bond(
        feedback_id=feedback.feedback_id, given_at=feedback.given_at.timestamp(), together=together, **more
    )
