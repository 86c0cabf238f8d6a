"""One line about an incident, written from its fields; never a source's words."""

from collections.abc import Sequence
from typing import Final

from schemas.kinds import EventType as E
from schemas.kinds import Modality, TollKind
from schemas.records import Place, TollSummary

_TYPES: Final[dict[E, tuple[str, str]]] = {
    E.ARMED_ATTACK: ("Armed attack", "هجوم مسلح"),
    E.CLASH: ("Clashes", "اشتباكات"),
    E.AMBUSH: ("Ambush", "كمين"),
    E.PRISON_ATTACK: ("Attack on a prison", "هجوم على سجن"),
    E.TERRITORY_TAKEN: ("Armed group takes ground", "سيطرة جماعة مسلحة على موقع"),
    E.TERRITORY_REGAINED: ("Government regains ground", "استعادة السيطرة على موقع"),
    E.SUICIDE_BOMBING: ("Suicide bombing", "تفجير انتحاري"),
    E.IED_MINE: ("Explosion of a device or mine", "انفجار عبوة أو لغم"),
    E.GRENADE: ("Grenade attack", "هجوم بقنبلة يدوية"),
    E.SHELLING_ROCKET: ("Shelling", "قصف مدفعي أو صاروخي"),
    E.AIR_DRONE_STRIKE: ("Air or drone strike", "غارة جوية أو ضربة مسيّرة"),
    E.CHEMICAL: ("Chemical attack", "هجوم كيميائي"),
    E.ATTACK_ON_CIVILIANS: ("Attack on civilians", "هجوم على مدنيين"),
    E.ASSASSINATION: ("Assassination", "اغتيال"),
    E.EXECUTION: ("Execution", "إعدام"),
    E.ABDUCTION: ("Abduction", "اختطاف"),
    E.SEXUAL_VIOLENCE: ("Sexual violence", "عنف جنسي"),
    E.PROTEST_PEACEFUL: ("Protest", "احتجاج"),
    E.PROTEST_INTERVENTION: ("Protest met by forces", "احتجاج مع تدخل أمني"),
    E.PROTEST_EXCESSIVE_FORCE: ("Force against protesters", "قمع احتجاج"),
    E.RIOT_VIOLENT_DEMONSTRATION: ("Violent demonstration", "مظاهرة عنيفة"),
    E.RIOT_MOB_VIOLENCE: ("Mob violence", "أعمال عنف جماعي"),
    E.ARREST_CAMPAIGN: ("Arrests", "حملة اعتقالات"),
    E.RAID: ("Raid", "مداهمة"),
    E.ATTACK_FOILED: ("Attack foiled", "إحباط هجوم"),
    E.DEVICE_DEFUSED: ("Device defused", "تفكيك عبوة"),
    E.WEAPONS_SEIZED: ("Weapons seized", "ضبط أسلحة"),
    E.INTERCEPTION: ("Interception", "اعتراض"),
    E.CURFEW: ("Curfew", "حظر تجول"),
    E.STATE_OF_EMERGENCY: ("State of emergency", "حالة طوارئ"),
    E.ROAD_CLOSURE: ("Roads closed", "إغلاق طرق"),
    E.LOCKDOWN: ("Lockdown", "إغلاق تام"),
    E.SECURITY_ALERT: ("Forces on alert", "استنفار أمني"),
    E.REINFORCEMENT: ("Reinforcements", "تعزيزات"),
    E.JAILBREAK: ("Prisoners escape", "فرار سجناء"),
    E.RELEASE: ("Release", "إفراج"),
    E.EXCHANGE: ("Prisoner exchange", "تبادل أسرى"),
    E.CEASEFIRE: ("Ceasefire", "وقف إطلاق نار"),
    E.TALKS: ("Talks", "محادثات"),
    E.BASE_ESTABLISHED: ("Base established", "إقامة قاعدة"),
    E.LOOTING: ("Looting or destruction", "نهب أو تخريب"),
    E.HANDOVER: ("Handover", "تسليم موقع"),
    E.THREAT_STATEMENT: ("Threat", "تهديد"),
    E.CONDEMNATION: ("Condemnation", "إدانة"),
    E.OTHER: ("Security incident", "حادث أمني"),
}
_MODALITY: Final = {
    Modality.FOILED: (" (foiled)", " (أُحبط)"),
    Modality.ATTEMPTED: (" (attempted)", " (محاولة)"),
    Modality.NEGATED: (" (denied)", " (نُفي)"),
}
_TOLLS: Final = {TollKind.KILLED: ("killed", "قتلى"), TollKind.WOUNDED: ("wounded", "جرحى"),
                 TollKind.ABDUCTED: ("abducted", "مختطفون"), TollKind.MISSING: ("missing", "مفقودون")}  # fmt: skip


def headlines(kind: E, modality: Modality, place: Place | None, tolls: Sequence[TollSummary]) -> tuple[str, str]:
    """The line in English and in Arabic, for example "Attack on a prison (foiled), Raqqa: killed 6"."""
    english, arabic = _TYPES[kind]
    suffix = _MODALITY.get(modality, ("", ""))
    english, arabic = english + suffix[0], arabic + suffix[1]
    if place is not None:
        english += f", {place.name_en or place.name_ar or place.name}"
        arabic += f"، {place.name_ar or place.name}"
    counted = [(_TOLLS[t.kind], t.best) for t in tolls if t.party is None and t.kind in _TOLLS and t.best]
    if counted:
        english += ": " + ", ".join(f"{word[0]} {best}" for word, best in counted)
        arabic += ": " + "، ".join(f"{word[1]} {best}" for word, best in counted)
    return english, arabic
