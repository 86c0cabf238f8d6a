"""What the demo's web server publishes, and when: the facts of a real incident (Raqqa, 26 December 2022).

A monitor tells of an attack beside a prison and hides the words of its headline from filters; a broadcaster tells the
same with another origin; a third site copies the monitor; the group claims it on its channel (paraphrased neutrally);
the toll rises from 4 to 6; a curfew follows. The copy must stay silent.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Telling:
    """One entry or message of the story.

    Attributes:
        after_seconds: when it appears, counted from the start of the demo.
        source: id of the source that carries it.
        title: headline; empty for a channel's message.
        text: body, one paragraph a line.
        english: what it says, for readers of this file and of the demo's log.
    """

    after_seconds: float
    source: str
    title: str
    text: str
    english: str


_FIRST_REPORT: Final = (
    "محافظة الرقة: هاجم مسلحون من خلايا تنظيم “الدولة الإسلامية”، مساء اليوم، المربع الأمني الذي يضم سجناً"
    " في حي الانتفاضة بمدينة الرقة، واندلعت اشتباكات مع قوى الأمن الداخلي.\n"
    "وأسفر الهجوم عن مقتل 4 عناصر من قوات سوريا الديمقراطية، في حصيلة غير نهائية، وفقاً لنشطاء المرصد."
)

STORY: Final = (
    Telling(
        0,
        "demo-monitor",
        "هـ ـجـ ـوم مسـ ـلـ ـح على مقر أمني بجوار سـ ـجـ ـن في مدينة الرقة",
        _FIRST_REPORT,
        "Armed attack on a security post beside a prison in Raqqa city; 4 SDF killed, not final (hidden headline).",
    ),
    Telling(
        6,
        "demo-broadcaster",
        "قسد تعلن إحباط هجوم لداعش على مقر أمني في الرقة",
        "أعلنت قوات سوريا الديمقراطية أنها أحبطت هجوماً شنه تنظيم داعش على مقر أمني وسجن في مدينة الرقة شمالي سوريا،"
        " ما أدى إلى مقتل أربعة من قوات الأمن.\nوقال مراسلنا إن المدينة تشهد انتشاراً أمنياً واسعاً.",
        "SDF says it foiled an ISIS attack on a security post and prison in Raqqa; four of the security forces killed.",
    ),
    Telling(
        9,
        "demo-copyist",
        "هجوم مسلح على مقر أمني بجوار سجن في مدينة الرقة",
        _FIRST_REPORT,
        "The monitor's report, copied by another site: must raise no alert.",
    ),
    Telling(
        13,
        "demo-monitor",
        "ارتفاع حصيلة الهجوم على المربع الأمني في مدينة الرقة",
        "محافظة الرقة: ارتفع عدد قتلى قوات سوريا الديمقراطية إلى 6 بينهم 3 عناصر من قوى الأمن الداخلي، جراء الهجوم الذي"
        " نفذته خلايا تنظيم “الدولة الإسلامية” على المربع الأمني بجوار السجن في حي الانتفاضة بمدينة الرقة مساء اليوم.",
        "The toll rises to 6 SDF members, of them 3 of the Internal Security Forces.",
    ),
    Telling(
        18,
        "demo-claims",
        "",
        "تبنى تنظيم الدولة الإسلامية في بيان مسؤوليته عن الهجوم على المربع الأمني والسجن في مدينة الرقة.",
        "The group claims responsibility for the attack on the security compound and the prison in Raqqa.",
    ),
    Telling(
        23,
        "demo-monitor",
        "حظر للتجوال وحالة طوارئ في الرقة بعد الهجوم على المربع الأمني",
        "محافظة الرقة: أعلنت السلطات المحلية حالة الطوارئ وفرضت حظراً للتجوال في مدينة الرقة، وأغلقت مداخل المدينة، بعد"
        " الهجوم على المربع الأمني بجوار السجن مساء اليوم.",
        "State of emergency, curfew and closed roads in Raqqa after the attack.",
    ),
)

EXPECTED_KINDS: Final = ("new", "corroborated", "toll_changed", "claimed")
"""Kinds of alert that the story must raise; the demo fails without them."""

CHANNEL: Final = "demo_claims"
CHANNEL_ID: Final = 1000000001
"""Numeric id of the channel on its pages; in a range that Telegram has not reached for channels of this name."""
