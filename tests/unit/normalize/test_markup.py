"""Markup to text: line breaks stay, everything else goes; offsets are kept where the markup stood in the text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.normalize.draft import Draft
from agents.normalize.markup import remove_markup, text_of_html


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>one</p><p>two</p>", "one\ntwo"),
        ("one<br>two<br/>three", "one\ntwo\nthree"),
        ("<ul><li>a</li><li>b</li></ul>", "a\nb"),
        ("<h2>head</h2>body <b>bold</b> end", "head\nbody bold end"),
        ("a&nbsp;&amp;&#1602;", "a &ق"),
        ("<script>alert(1)</script><style>p{}</style>seen", "seen"),
        ("<p>broken <b>never closed", "broken never closed"),
        ("<figure><img src=x><figcaption>caption</figcaption></figure>body", "caption\nbody"),
        ("plain", "plain"),
        ("", ""),
    ],
)
def test_html_becomes_what_a_reader_sees(markup: str, text: str):
    assert text_of_html(markup) == text


def test_tags_in_text_go_and_every_character_keeps_its_source():
    source = 'قتل <b class="x">ثلاثة</b><br>في &quot;الرقة&quot; &lt;tag&gt;'
    draft = Draft(source)
    assert remove_markup(draft)
    assert draft.text == 'قتل ثلاثة\nفي "الرقة" <tag>'
    place = draft.text.index("الرقة")
    assert source[draft.source_of(place) :].startswith("الرقة")


def test_markup_escaped_once_too_often_is_removed_too():
    draft = Draft("&lt;p&gt;one&lt;/p&gt;&lt;p&gt;R&amp;amp;D&lt;/p&gt;")
    assert remove_markup(draft)
    assert draft.text.split() == ["one", "R&D"]


@pytest.mark.parametrize("text", ["3 < 5 and 7 > 6", "<3", "a <- b", "R&D; AT&T", "<unknown>", "x<y>z"])
def test_what_is_no_markup_stays(text: str):
    draft = Draft(text)
    assert not remove_markup(draft)
    assert draft.text == text


@given(st.text(alphabet="<>/abp r\"='&;#1&lt;", max_size=80))
def test_no_html_is_refused(markup: str):
    assert isinstance(text_of_html(markup), str)
    remove_markup(Draft(markup))
