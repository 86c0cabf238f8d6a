"""Lines that are not the post's own words are marked, and nothing else is."""

import pytest

from agents.normalize.boilerplate import RULES, find_boilerplate

BODY = "قالت مصادر محلية إن الاشتباكات تجددت صباح اليوم في محيط البلدة واستمرت حتى ساعات الظهر."
MORE = "وأضافت المصادر أن حركة المرور توقفت على الطريق العام وأن المدارس أغلقت أبوابها حتى إشعار آخر."

EXAMPLES = {
    "counter": ["128", "1.2K", "3,405 views", "٤٧", "96 مشاهدة"],
    "share": ["شارك الخبر", "2 Retweets", "Facebook | Twitter | WhatsApp", "Share this on Facebook"],
    "see_also": ["شاهد أيضًا: تقرير من الريف", "اقرأ أيضا تفاصيل أخرى", "Read more: how it began"],
    "caption": ["صورة الشارع الرئيسي (وكالة محلية)", "Photo: the main street (Reuters)"],
    "credit": ["(رويترز)", "AFP"],
    "cross_head": ["خسائر مادية", "ردود الفعل"],
}
"""Name of a rule -> lines between two paragraphs that it marks."""
AT_THE_END = {
    "signature": ["تابعونا على تلغرام", "t.me/example_channel", "https://example.org/news", "@example_channel"],
    "hashtags": ["#سوريا #عاجل", "#الأخبار"],
}


def rules(text: str, title_length: int = 0) -> list[tuple[str, str]]:
    return [(rule, text[start:end]) for start, end, rule in find_boilerplate(text, title_length)]


@pytest.mark.parametrize(("rule", "line"), [(rule, line) for rule, lines in EXAMPLES.items() for line in lines])
def test_a_line_between_paragraphs_is_marked(rule: str, line: str):
    assert rules(f"{BODY}\n\n{line}\n\n{MORE}") == [(rule, line)]


@pytest.mark.parametrize(("rule", "line"), [(rule, line) for rule, lines in AT_THE_END.items() for line in lines])
def test_a_line_at_the_end_is_marked(rule: str, line: str):
    assert rules(f"{BODY}\n{line}") == [(rule, line)]
    assert rules(f"{line}\n{BODY}") == []


def test_a_sentence_that_returns_is_marked_the_second_time():
    assert rules(f"{BODY}\n\n{MORE}\n\n{BODY}") == [("repeated", BODY)]


def test_a_teaser_that_returns_is_marked_each_time():
    teaser = "كيف يبدو الوضع في البلدة؟"  # what does it look like in the town?
    assert rules(f"{BODY}\n\n{teaser}\n\n{MORE}\n\n{teaser}\n\n{BODY[:50]}") == [
        ("teaser", teaser),
        ("repeated", teaser),
    ]


def test_a_title_repeated_in_the_body_is_marked_there():
    title = "تجدد الاشتباكات"  # clashes renewed
    assert rules(f"{title}\n\n{title}\n\n{BODY}", len(title)) == [("repeated", title)]


@pytest.mark.parametrize(
    "text",
    [
        "6 قتلى",  # six killed: a figure with its noun is the news
        "#عاجل\nانفجار في المدينة",
        "#الرقة | مقتل شخص",
        f"{BODY}\n{MORE}",
        "صورة من الأرض",
        f"شاهد: لحظة سقوط الصاروخ على الحي\n{BODY}",  # "watch: the moment when the rocket hit the quarter" is the news
        f"فيديو: آثار القصف على البلدة\n{BODY}",
        "47",  # a post that is nothing else
        "",
    ],
)
def test_news_is_never_marked(text: str):
    assert rules(text) == []


def test_every_rule_has_an_example():
    assert set(RULES) == set(EXAMPLES) | set(AT_THE_END) | {"repeated", "teaser"}
