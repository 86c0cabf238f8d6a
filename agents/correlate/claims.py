"""Claims of responsibility beside what others say (model, section 4): claimed and attributed never mix."""

from collections.abc import Collection, Iterable, Mapping, Sequence

import msgspec

from schemas.kinds import Confirmation, DocRole, Modality, SourceRole
from schemas.records import Claim, Sighting


def is_claim(sighting: Sighting) -> bool:
    """Whether a post is a claimant's own words and nothing else: it waits for an incident and opens none."""
    return bool(sighting.claims) and (sighting.source.role is SourceRole.CLAIMS or sighting.doc_role is DocRole.CLAIM)


def claims_of(
    members: Iterable[Sighting], incident_id: str, attributions: Mapping[str, Sequence[str]], officials: Collection[str]
) -> list[Claim]:
    """One claim for each claimant and side (claimed or denied), the first-hand and then the earliest one leading.

    Args:
        members: the posts in order of publication.
        incident_id: what they are about.
        attributions: who (canonical origins) holds which actor id responsible.
        officials: those among the origins that speak for authorities.
    """
    said: dict[tuple[str, bool], list[Claim]] = {}
    for sighting in members:
        for claim in () if sighting.deleted else sighting.claims:
            said.setdefault((claim.claimant, claim.claimed), []).append(claim)
    claimants = {claimant for claimant, claimed in said if claimed}
    told = []
    for (claimant, claimed), versions in said.items():
        lead, *others = sorted(versions, key=lambda c: (not c.first_hand, c.statement_time or c.seen_time, c.claim_id))
        told.append(
            msgspec.structs.replace(
                lead,
                incident_id=incident_id,
                compclaim=claimed and len(claimants) > 1,
                attributed_by=sorted(attributions.get(claimant, ())),
                confirmed=_confirmed(claimant, claimed, said.keys(), attributions, officials),
                killed_claimed=_first([lead, *others], "killed_claimed"),
                wounded_claimed=_first([lead, *others], "wounded_claimed"),
                attackers_claimed=_first([lead, *others], "attackers_claimed"),
            )
        )
    return sorted(told, key=lambda c: (c.statement_time or c.seen_time, c.claim_id))


def _first(versions: Sequence[Claim], field: str) -> int | None:
    return next((value for claim in versions if (value := getattr(claim, field)) is not None), None)


def _confirmed(
    claimant: str,
    claimed: bool,
    said: Collection[tuple[str, bool]],
    attributions: Mapping[str, Sequence[str]],
    officials: Collection[str],
) -> Confirmation:
    named = attributions.get(claimant, ())
    if not claimed:
        return Confirmation.CONTRADICTED if named or (claimant, True) in said else Confirmation.UNVERIFIED
    if any(origin in officials for origin in named):
        return Confirmation.ACCEPTED_BY_AUTHORITIES
    if named:
        return Confirmation.CONSISTENT
    if (claimant, False) in said or attributions:
        return Confirmation.CONTRADICTED
    return Confirmation.UNVERIFIED


def is_denial(sighting: Sighting) -> bool:
    """Whether a post says that the incident did not happen."""
    return sighting.modality is Modality.NEGATED and not sighting.deleted
