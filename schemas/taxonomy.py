"""marqab's event types on ACLED's (code book, 25 sub-events) and PLOVER's words."""

from typing import Final, NamedTuple

from schemas.kinds import EventType as E


class Coding(NamedTuple):
    """One event type in the field's other languages; empty where the field has no word for it."""

    acled_event_type: str
    acled_sub_event_type: str
    plover: str


_BATTLES, _REMOTE, _CIVILIANS = "Battles", "Explosions/Remote violence", "Violence against civilians"
_PROTESTS, _RIOTS, _STRATEGIC = "Protests", "Riots", "Strategic developments"

CODING: Final[dict[E, Coding]] = {
    E.ARMED_ATTACK: Coding(_BATTLES, "Armed clash", "ASSAULT: firearms"),
    E.CLASH: Coding(_BATTLES, "Armed clash", "ASSAULT: firearms"),
    E.AMBUSH: Coding(_BATTLES, "Armed clash", "ASSAULT: firearms"),
    E.PRISON_ATTACK: Coding(_BATTLES, "Armed clash", "ASSAULT: firearms"),
    E.TERRITORY_TAKEN: Coding(_BATTLES, "Non-state actor overtakes territory", "ASSAULT"),
    E.TERRITORY_REGAINED: Coding(_BATTLES, "Government regains territory", "ASSAULT"),
    E.SUICIDE_BOMBING: Coding(_REMOTE, "Suicide bomb", "ASSAULT: suicide-attack"),
    E.IED_MINE: Coding(_REMOTE, "Remote explosive/landmine/IED", "ASSAULT: explosives"),
    E.GRENADE: Coding(_REMOTE, "Grenade", "ASSAULT: explosives"),
    E.SHELLING_ROCKET: Coding(_REMOTE, "Shelling/artillery/missile attack", "ASSAULT: heavy-weapons"),
    E.AIR_DRONE_STRIKE: Coding(_REMOTE, "Air/drone strike", "ASSAULT: aerial"),
    E.CHEMICAL: Coding(_REMOTE, "Chemical weapon", "ASSAULT: unconventional"),
    E.ATTACK_ON_CIVILIANS: Coding(_CIVILIANS, "Attack", "ASSAULT: targeted"),
    E.ASSASSINATION: Coding(_CIVILIANS, "Attack", "ASSAULT: targeted"),
    E.EXECUTION: Coding(_CIVILIANS, "Attack", "ASSAULT: targeted"),
    E.ABDUCTION: Coding(_CIVILIANS, "Abduction/forced disappearance", "ASSAULT: abduct"),
    E.SEXUAL_VIOLENCE: Coding(_CIVILIANS, "Sexual violence", "ASSAULT: sexual"),
    E.PROTEST_PEACEFUL: Coding(_PROTESTS, "Peaceful protest", "PROTEST"),
    E.PROTEST_INTERVENTION: Coding(_PROTESTS, "Protest with intervention", "PROTEST"),
    E.PROTEST_EXCESSIVE_FORCE: Coding(_PROTESTS, "Excessive force against protesters", "PROTEST"),
    E.RIOT_VIOLENT_DEMONSTRATION: Coding(_RIOTS, "Violent demonstration", "PROTEST"),
    E.RIOT_MOB_VIOLENCE: Coding(_RIOTS, "Mob violence", "PROTEST"),
    E.ARREST_CAMPAIGN: Coding(_STRATEGIC, "Arrests", "COERCE: arrest"),
    E.RAID: Coding(_STRATEGIC, "Arrests", "COERCE: arrest"),
    E.ATTACK_FOILED: Coding(_STRATEGIC, "Disrupted weapons use", "COERCE: seize"),
    E.DEVICE_DEFUSED: Coding(_STRATEGIC, "Disrupted weapons use", "COERCE: seize"),
    E.WEAPONS_SEIZED: Coding(_STRATEGIC, "Disrupted weapons use", "COERCE: seize"),
    E.INTERCEPTION: Coding(_STRATEGIC, "Disrupted weapons use", "COERCE: seize"),
    E.CURFEW: Coding(_STRATEGIC, "Change to group/activity", "COERCE: curfew"),
    E.STATE_OF_EMERGENCY: Coding(_STRATEGIC, "Change to group/activity", "COERCE: martial-law"),
    E.ROAD_CLOSURE: Coding(_STRATEGIC, "Change to group/activity", "COERCE: restrict"),
    E.LOCKDOWN: Coding(_STRATEGIC, "Change to group/activity", "COERCE: restrict"),
    E.SECURITY_ALERT: Coding(_STRATEGIC, "Change to group/activity", "MOBILIZE"),
    E.REINFORCEMENT: Coding(_STRATEGIC, "Change to group/activity", "MOBILIZE"),
    E.JAILBREAK: Coding(_STRATEGIC, "Other", "ASSAULT"),
    E.RELEASE: Coding(_STRATEGIC, "Agreement", "RETREAT"),
    E.EXCHANGE: Coding(_STRATEGIC, "Agreement", "AGREE"),
    E.CEASEFIRE: Coding(_STRATEGIC, "Agreement", "AGREE"),
    E.TALKS: Coding(_STRATEGIC, "Agreement", "AGREE"),
    E.BASE_ESTABLISHED: Coding(_STRATEGIC, "Headquarters or base established", ""),
    E.LOOTING: Coding(_STRATEGIC, "Looting/property destruction", ""),
    E.HANDOVER: Coding(_STRATEGIC, "Non-violent transfer of territory", ""),
    E.THREAT_STATEMENT: Coding("", "", "THREATEN"),
    E.CONDEMNATION: Coding("", "", "ACCUSE"),
    E.OTHER: Coding(_STRATEGIC, "Other", ""),
}
