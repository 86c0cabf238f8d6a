"""Claims of responsibility and denials (GTD's fields). The text of a claim is never kept: only its span and hash."""

from collections.abc import Sequence
from typing import Final

from agents.classify.actors import Mention
from agents.classify.events import Scene
from agents.classify.text import Reading
from schemas.ids import digest
from schemas.kinds import ActorRole, ClaimMode, SourceRole
from schemas.records import Claim, Toll

_MODES: Final = {
    "platform_telegram": ClaimMode.TELEGRAM,
    "platform_video": ClaimMode.VIDEO,
    "platform_website": ClaimMode.WEBSITE,
    "platform_call": ClaimMode.CALL_POST,
}
_ARMED: Final = frozenset({"non_state_armed"})


def claims(
    reading: Reading, scenes: Sequence[Scene], mentions: Sequence[Mention], tolls: Sequence[Toll]
) -> list[Claim]:
    """What armed groups are said to have claimed or denied; one row a claimant.

    Args:
        reading: the report's tokens.
        scenes: its sentences.
        mentions: the actors named in it.
        tolls: figures; a first-hand claim's own figures are what the group claims.
    """
    found: dict[tuple[str, bool], Claim] = {}
    for index, scene in enumerate(scenes):
        denied = "denial" in scene.tags
        if not denied and "claim" not in scene.tags and not _armed_statement(scene):
            continue
        claimant = _claimant(index, reading, mentions)
        if claimant is not None and (claimant.actor.actor_id, not denied) not in found:
            attributed = _attributed_by(reading, claimant, mentions)
            found[claimant.actor.actor_id, not denied] = _claim(
                reading, scene, claimant, tolls, attributed, denied=denied
            )
    return list(found.values())


def _armed_statement(scene: Scene) -> bool:
    return "statement" in scene.tags and bool(scene.tags & {"platform_telegram", "claim"})


def _claimant(sentence: int, reading: Reading, mentions: Sequence[Mention]) -> Mention | None:
    armed = [m for m in mentions if m.actor.kind in _ARMED and m.actor.actor_id != "unknown_gunmen"]
    here = [m for m in armed if reading.sentence_of[m.first] == sentence]
    if here:
        return here[0]
    source = reading.report.source
    if source.role == SourceRole.CLAIMS:
        own = [m for m in armed if m.actor.actor_id == source.speaks_for]
        return own[0] if own else None
    return None


def _claim(
    reading: Reading, scene: Scene, claimant: Mention, tolls: Sequence[Toll], attributed: list[str], *, denied: bool
) -> Claim:
    report = reading.report
    first_hand = report.source.role == SourceRole.CLAIMS
    mode = next((m for tag, m in _MODES.items() if tag in scene.tags), ClaimMode.UNKNOWN)
    if first_hand and report.source.kind.value.startswith("telegram"):
        mode = ClaimMode.TELEGRAM
    trigger = next(h for h in scene.hits if h.tag in ("denial", "claim", "statement"))
    start, end = reading.span(min(trigger.first, claimant.first), max(trigger.last, claimant.last))
    return Claim(
        claim_id="c-" + digest(report.post_id, claimant.actor.actor_id, "denied" if denied else "claimed"),
        claimed=not denied,
        claimant=claimant.actor.actor_id,
        name_as_written=report.text[slice(*reading.span(claimant.first, claimant.last))],
        claimmode=mode,
        platform="telegram" if mode == ClaimMode.TELEGRAM else None,
        first_hand=first_hand,
        is_official=True if first_hand else None,
        message_id=report.native_id if first_hand else None,
        reported_by=None if first_hand else report.source.id,
        statement_time=report.published_at if first_hand else None,
        seen_time=report.published_at,
        text_hash=digest(report.text) if first_hand else None,
        killed_claimed=_figure(tolls, "killed") if first_hand else None,
        wounded_claimed=_figure(tolls, "wounded") if first_hand else None,
        reason="revenge" if "reason_revenge" in scene.tags else None,
        attributed_by=attributed,
        guncertain="suspicion" in scene.tags,
        evidence=report.evidence(start, end, rule="claim.denial" if denied else "claim"),
    )


def _figure(tolls: Sequence[Toll], kind: str) -> int | None:
    return next((t.high for t in tolls if t.kind == kind and t.of_which is None and t.high is not None), None)


def _attributed_by(reading: Reading, claimant: Mention, mentions: Sequence[Mention]) -> list[str]:
    """Others who say that it was the claimant: speakers of the sentences in which the claimant attacks."""
    attacking = {
        reading.sentence_of[m.first]
        for m in mentions
        if m.actor.actor_id == claimant.actor.actor_id and m.role == ActorRole.ATTACKER
    }
    speakers = (m.actor.actor_id for m in mentions if m.role == ActorRole.SPEAKER and m.actor != claimant.actor)
    spoken = {m.actor.actor_id for m in mentions if reading.sentence_of[m.first] in attacking}
    return [s for s in dict.fromkeys(speakers) if s in spoken]
