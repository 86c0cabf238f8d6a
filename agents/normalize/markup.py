"""Markup to text: paragraphs and line breaks stay, everything else goes."""

import html
import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

from agents.normalize.draft import Draft, Repair

_TAG = re.compile(
    r"<(/?)(a|abbr|article|aside|b|blockquote|body|br|center|code|del|div|em|figcaption|figure|font|footer|h[1-6]|head|header|hr|html|i|iframe|img|"
    r"ins|li|main|mark|ol|p|pre|q|s|section|small|span|strike|strong|sub|sup|table|tbody|td|tg-emoji|tg-spoiler|th|thead|tr|u|ul|video)"
    r"(?:\s[^<>]{0,4000})?/?>",
    re.IGNORECASE,
)
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_ROUNDS = 4
_BLOCKS = frozenset(
    {
        "article",
        "aside",
        "blockquote",
        "br",
        "center",
        "div",
        "figcaption",
        "figure",
        "footer",
        "header",
        "hr",
        "li",
        "main",
    }
    | {"ol", "p", "pre", "section", "table", "tr", "ul", "h1", "h2", "h3", "h4", "h5", "h6"}
)
_DROP = ["script", "style", "template", "noscript", "head", "iframe", "svg", "form", "button", "nav"]


def text_of_html(markup: str) -> str:
    """The text that a reader of this HTML sees, one line a paragraph, list entry, heading or caption."""
    tree = LexborHTMLParser(markup)
    tree.strip_tags(_DROP, recursive=True)
    root = tree.body
    if root is None:
        return ""
    lines: list[str] = []
    line: list[str] = []

    def finish() -> None:
        text = " ".join("".join(line).split())
        if text:
            lines.append(text)
        line.clear()

    waiting: list[LexborNode | None] = [root]  # None: the block that was entered last ends here
    while waiting:
        node = waiting.pop()
        if node is None:
            finish()
            continue
        if node.tag == "-text":
            line.append(node.text_content or "")
            continue
        if node.tag in _BLOCKS:
            finish()
            waiting.append(None)
        waiting.extend(reversed(list(node.iter(include_text=True))))
    finish()
    return "\n".join(lines)


def remove_markup(draft: Draft) -> bool:
    """Read tags and entities that stand in plain text as what they show; offsets are kept.

    Feeds escape markup once too often, so what the entities show is looked at again.

    Returns:
        True if there were tags.
    """
    found = False
    for _ in range(_ROUNDS):
        before = draft.text
        found |= _remove_tags(draft)
        if "&" in draft.text and ";" in draft.text:
            draft.apply(Repair(*m.span(), html.unescape(m.group()), "markup") for m in _ENTITY.finditer(draft.text))
        if draft.text == before:
            break
    return found


def _remove_tags(draft: Draft) -> bool:
    if "<" not in draft.text or ">" not in draft.text:
        return False
    return draft.apply(
        Repair(*m.span(), "\n" if m.group(2).lower() in _BLOCKS else "", "markup") for m in _TAG.finditer(draft.text)
    )
