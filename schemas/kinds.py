"""The closed lists of words that records use; the names are ACLED's, UCDP's, GTD's, Airwars' and CAP's.

A member's value is what stands in the JSON. Adding a member is a compatible change, removing one never is.
"""

from enum import StrEnum


class SourceKind(StrEnum):
    """How a source is read."""

    FEED = "feed"
    TELEGRAM = "telegram"
    TELEGRAM_WEB = "telegram_web"
    WEB = "web"


class SourceRole(StrEnum):
    """In which capacity a source speaks."""

    MEDIA = "media"
    MONITOR = "monitor"
    OFFICIAL = "official"
    CLAIMS = "claims"
    CITIZEN = "citizen"


class Reliability(StrEnum):
    """Admiralty code of a source: A completely reliable … E unreliable, F cannot be judged."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"
    E = "E"
    F = "F"


class DocRole(StrEnum):
    """What a post is for in the life of an incident."""

    NEW_INCIDENT = "new_incident"
    UPDATE = "update"
    CLAIM = "claim"
    OFFICIAL_STATEMENT = "official_statement"
    BACKGROUND = "background"
    UNRELATED = "unrelated"


class Modality(StrEnum):
    """Whether what a post tells did happen."""

    ACTUAL = "actual"
    FOILED = "foiled"
    ATTEMPTED = "attempted"
    HYPOTHETICAL = "hypothetical"
    HISTORICAL = "historical"
    FUTURE = "future"
    NEGATED = "negated"


class EventType(StrEnum):
    """marqab's event types; `schemas.taxonomy` maps each to ACLED and PLOVER."""

    ARMED_ATTACK = "armed_attack"
    CLASH = "clash"
    AMBUSH = "ambush"
    PRISON_ATTACK = "prison_attack"
    TERRITORY_TAKEN = "territory_taken"
    TERRITORY_REGAINED = "territory_regained"
    SUICIDE_BOMBING = "suicide_bombing"
    IED_MINE = "ied_mine"
    GRENADE = "grenade"
    SHELLING_ROCKET = "shelling_rocket"
    AIR_DRONE_STRIKE = "air_drone_strike"
    CHEMICAL = "chemical"
    ATTACK_ON_CIVILIANS = "attack_on_civilians"
    ASSASSINATION = "assassination"
    EXECUTION = "execution"
    ABDUCTION = "abduction"
    SEXUAL_VIOLENCE = "sexual_violence"
    PROTEST_PEACEFUL = "protest_peaceful"
    PROTEST_INTERVENTION = "protest_intervention"
    PROTEST_EXCESSIVE_FORCE = "protest_excessive_force"
    RIOT_VIOLENT_DEMONSTRATION = "riot_violent_demonstration"
    RIOT_MOB_VIOLENCE = "riot_mob_violence"
    ARREST_CAMPAIGN = "arrest_campaign"
    RAID = "raid"
    ATTACK_FOILED = "attack_foiled"
    DEVICE_DEFUSED = "device_defused"
    WEAPONS_SEIZED = "weapons_seized"
    INTERCEPTION = "interception"
    CURFEW = "curfew"
    STATE_OF_EMERGENCY = "state_of_emergency"
    ROAD_CLOSURE = "road_closure"
    LOCKDOWN = "lockdown"
    SECURITY_ALERT = "security_alert"
    REINFORCEMENT = "reinforcement"
    JAILBREAK = "jailbreak"
    RELEASE = "release"
    EXCHANGE = "exchange"
    CEASEFIRE = "ceasefire"
    TALKS = "talks"
    BASE_ESTABLISHED = "base_established"
    LOOTING = "looting"
    HANDOVER = "handover"
    THREAT_STATEMENT = "threat_statement"
    CONDEMNATION = "condemnation"
    OTHER = "other"


class ActorRole(StrEnum):
    """What an actor does in the incident that a post tells of."""

    ATTACKER = "attacker"
    VICTIM = "victim"
    AUTHORITY = "authority"
    SPEAKER = "speaker"
    MENTIONED = "mentioned"


class TollKind(StrEnum):
    """What happened to the people that a figure counts."""

    KILLED = "killed"
    WOUNDED = "wounded"
    ARRESTED = "arrested"
    ABDUCTED = "abducted"
    MISSING = "missing"
    FREED = "freed"
    ESCAPED = "escaped"


class Party(StrEnum):
    """Whom a figure counts."""

    CIVILIANS = "civilians"
    CHILDREN = "children"
    WOMEN = "women"
    MEN = "men"
    JOURNALISTS = "journalists"
    SECURITY_FORCES = "security_forces"
    STATE_MILITARY = "state_military"
    NON_STATE_ARMED = "non_state_armed"
    PERPETRATORS = "perpetrators"
    UNKNOWN = "unknown"


class FactKind(StrEnum):
    """What else a post states of an incident, besides who, where, when and how many."""

    WEAPON = "weapon"
    ATTACKERS = "attackers"
    """How many attacked."""
    TARGET = "target"
    """What was attacked."""
    NEARBY = "nearby"
    """What the target stands next to."""
    MOTIVE = "motive"
    PRISONERS = "prisoners"
    """How many a prison holds: a population, never a toll."""
    OUTCOME = "outcome"
    ATTRIBUTION = "attribution"
    """Who is held responsible by somebody; no claim of the group itself."""
    OFFICIAL = "official"
    """Who speaks for an authority: office and name."""
    WITNESS = "witness"
    RESPONSE = "response"
    """Who was sent there."""
    OCCASION = "occasion"
    """A feast or a holiday that it coincided with."""


class PlaceRole(StrEnum):
    """Why a post names a place; a `context` place never becomes the event's place."""

    EVENT = "event"
    CONTEXT = "context"
    TARGET_SITE = "target_site"


class Accuracy(StrEnum):
    """Airwars' words for how exactly a place is known, most exact first."""

    EXACT = "exact"
    NEARBY_LANDMARK = "nearby_landmark"
    STREET = "street"
    NEIGHBOURHOOD = "neighbourhood"
    VILLAGE = "village"
    TOWN = "town"
    CITY = "city"
    NEAR = "near"
    SUBDISTRICT = "subdistrict"
    DISTRICT = "district"
    GOVERNORATE = "governorate"
    REGION = "region"
    COUNTRY = "country"


class TimeBasis(StrEnum):
    """What an event's time rests on."""

    EXPLICIT = "explicit"
    RELATIVE = "relative"
    PUBLICATION = "publication"
    FEED = "feed"


class MeasureKind(StrEnum):
    """What authorities did about an incident."""

    CURFEW = "curfew"
    STATE_OF_EMERGENCY = "state_of_emergency"
    ROAD_CLOSURE = "road_closure"
    LOCKDOWN = "lockdown"
    MARKETS_CLOSED = "markets_closed"
    WORK_SUSPENDED = "work_suspended"
    SECURITY_MOBILISATION = "security_mobilisation"
    COMBING = "combing"
    EVACUATION = "evacuation"
    INVESTIGATION = "investigation"


class ClaimMode(StrEnum):
    """How a claim was made: GTD's values (1–10) and Telegram."""

    LETTER = "letter"
    CALL_POST = "call_post"
    CALL_PRE = "call_pre"
    EMAIL = "email"
    NOTE = "note"
    VIDEO = "video"
    WEBSITE = "website"
    PERSONAL = "personal"
    OTHER = "other"
    UNKNOWN = "unknown"
    TELEGRAM = "telegram"


class Confirmation(StrEnum):
    """How a claim stands beside what others say; a claim never confirms an incident."""

    ACCEPTED_BY_AUTHORITIES = "accepted_by_authorities"
    CONSISTENT = "consistent"
    CONTRADICTED = "contradicted"
    UNVERIFIED = "unverified"


class Grade(StrEnum):
    """Airwars' grading of an incident by who stands behind it."""

    CONFIRMED = "confirmed"
    FAIR = "fair"
    WEAK = "weak"
    CONTESTED = "contested"
    DISCOUNTED = "discounted"


class Level(StrEnum):
    """marqab's severity level, from points."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class CapSeverity(StrEnum):
    """CAP 1.2 `severity`."""

    EXTREME = "Extreme"
    SEVERE = "Severe"
    MODERATE = "Moderate"
    MINOR = "Minor"
    UNKNOWN = "Unknown"


class CapCertainty(StrEnum):
    """CAP 1.2 `certainty`."""

    OBSERVED = "Observed"
    LIKELY = "Likely"
    POSSIBLE = "Possible"
    UNLIKELY = "Unlikely"
    UNKNOWN = "Unknown"


class CapMessage(StrEnum):
    """CAP 1.2 `msgType`, as far as marqab sends it."""

    ALERT = "Alert"
    UPDATE = "Update"
    CANCEL = "Cancel"


class IncidentState(StrEnum):
    """Where an incident is in its life."""

    OPEN = "open"
    CLOSED = "closed"
    MERGED = "merged"


class FeedbackKind(StrEnum):
    """What a person says about an incident."""

    MUTE = "mute"
    NOT_AN_INCIDENT = "not_an_incident"
    WRONG_PLACE = "wrong_place"
    MERGE = "merge"
    """It is the same as another one, and becomes part of that."""
    SPLIT = "split"
    """Some of its posts tell of something else."""


class AlertKind(StrEnum):
    """Why an alert was sent; the first that applies in this order names an alert of several changes."""

    NEW = "new"
    MERGED = "merged"
    CORRECTED = "corrected"
    TOLL_CHANGED = "toll_changed"
    CLAIMED = "claimed"
    CORROBORATED = "corroborated"
    MEASURE_ADDED = "measure_added"
    PLACE_REFINED = "place_refined"
    CLOSED = "closed"
