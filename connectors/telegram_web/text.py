"""The words of a t.me/s text block: once as plain text, once as clean HTML. Pure.

Line breaks are `<br/>` there; a raw line break between the words is only the page's own layout. Emoji are pictures with
the character inside, hidden words (spoilers) are ordinary elements, a block quotation stands on lines of its own.
"""

import html
import re
from collections.abc import Iterator
from typing import Final

from selectolax.lexbor import LexborNode

EMPHASIS: Final = {
    "b": "b",
    "strong": "b",
    "i": "i",
    "em": "i",
    "u": "u",
    "ins": "u",
    "s": "s",
    "del": "s",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "tg-spoiler": "span",
}
"""Elements that mean something, and how they are written in a post's HTML."""
BLOCKS: Final = frozenset({"blockquote", "pre", "div", "p"})
DEEPEST: Final = 60
"""Nesting that no honest message reaches; below it only the words are kept."""

_LAYOUT: Final = re.compile(r"[ \t]*[\r\n][ \t\r\n]*")
_AROUND_BREAK: Final = re.compile(r"[ \t]*\n[ \t]*")


def plain_and_html(node: LexborNode) -> tuple[str, str | None]:
    """Plain text, and the same as HTML where it holds links or emphasis (None where it does not)."""
    pieces = list(_pieces(node, 0))
    plain = "".join(words for words, _ in pieces)
    marked = "".join(markup if markup is not None else html.escape(words, quote=False) for words, markup in pieces)
    text = _AROUND_BREAK.sub("\n", plain).strip()
    if all(markup in (None, "<br/>") for _, markup in pieces):
        return text, None
    return text, marked.replace("\n", "<br/>").strip()


def _pieces(node: LexborNode, depth: int) -> Iterator[tuple[str, str | None]]:
    """(words, markup); markup None means that the words are their own markup."""
    for child in node.iter(include_text=True):
        tag = child.tag or ""
        if tag == "-text":
            yield _LAYOUT.sub(" ", child.text_content or ""), None
        elif tag == "br":
            yield "\n", "<br/>"
        elif depth >= DEEPEST:
            yield child.text(), None
        else:
            yield from _element(child, tag, depth)


def _element(node: LexborNode, tag: str, depth: int) -> Iterator[tuple[str, str | None]]:
    before, after = _marks(node, tag)
    block = tag in BLOCKS
    if before or block:
        yield ("\n" if block else ""), before
    yield from _pieces(node, depth + 1)
    if after or block:
        yield ("\n" if block else ""), after


def _marks(node: LexborNode, tag: str) -> tuple[str, str]:
    if tag == "a":
        target = link_target(node)
        return (f'<a href="{html.escape(target)}">', "</a>") if target else ("", "")
    # An emoji is <i class="emoji"><b>…</b></i>: a picture, not emphasis.
    if (tag == "i" and "emoji" in _classes(node)) or (tag == "b" and "emoji" in _classes(node.parent)):
        return "", ""
    name = EMPHASIS.get(tag)
    return (f"<{name}>", f"</{name}>") if name else ("", "")


def _classes(node: LexborNode | None) -> list[str]:
    return ((node.attributes.get("class") or "") if node else "").split()


def link_target(node: LexborNode) -> str | None:
    """Where a link leads; None for links into t.me's own search (hashtags) and for scripts."""
    target = (node.attributes.get("href") or "").strip()
    if "onclick" in node.attributes:
        target = target.replace("&amp;", "&")  # t.me escapes the targets of foreign links twice
    if target.startswith("//"):
        target = f"https:{target}"
    return target if re.match(r"(?i)(https?|tg|mailto|tel):", target) else None
