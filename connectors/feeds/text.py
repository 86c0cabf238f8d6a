"""HTML of an entry to plain text with its line breaks.

Nothing is normalized here: letters, tatweels, bidi and zero-width characters stay as they were written, because how
a text was disguised is evidence. Only markup goes, and the white space that HTML itself ignores.
"""

import re
from html import unescape
from typing import Any, Final

from selectolax.lexbor import LexborHTMLParser

_TAG: Final = re.compile(r"<[A-Za-z/!?]")
_SPACES: Final = re.compile(r"[ \t\r\n\f\v]+")
_AROUND_BREAK: Final = re.compile(r"[ \t]*\n[ \t]*")
_MANY_BREAKS: Final = re.compile(r"\n{3,}")
_SILENT: Final = frozenset({"script", "style", "template", "noscript", "iframe", "head", "svg", "math"})
_PARAGRAPHS: Final = frozenset(
    {"p", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "table", "ul", "ol", "hr"}
)
_LINES: Final = frozenset(
    {"address", "article", "aside", "dd", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form"}
    | {"header", "li", "main", "nav", "section", "tbody", "tfoot", "thead", "tr", "caption"}
)


def has_markup(text: str) -> bool:
    """Whether a text holds something that could be a tag."""
    return _TAG.search(text) is not None


def html_to_text(html: str) -> str:
    """The text that a reader of this HTML sees, with a line break where a line ends."""
    if not has_markup(html):
        return plain(unescape(html))
    tree = LexborHTMLParser(html.encode("utf-8", "replace").decode("utf-8"))
    root = tree.body
    return plain(_joined(_pieces(root))) if root is not None else ""


def plain(text: str) -> str:
    """Trimmed lines, and never more than one empty line in a row."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _MANY_BREAKS.sub("\n\n", _AROUND_BREAK.sub("\n", text)).strip()


def one_line(text: str) -> str:
    """For titles: line breaks become spaces."""
    return _SPACES.sub(" ", text).strip()


Piece = str | int
"""Text, or a place where at least that many line feeds stand between what is before and what is after."""


def _joined(pieces: list[Piece]) -> str:
    """Neighbouring edges do not add up (the end of one `li` is the start of the next), line feeds of `br` do."""
    found: list[str] = []
    at_least = breaks = 0
    for piece in pieces:
        if isinstance(piece, int):
            at_least = max(at_least, piece)
        elif piece == "\n":
            breaks += 1
        elif not (piece.isspace() and (at_least or breaks)):
            found.append("\n" * max(at_least, breaks))
            found.append(piece)
            at_least = breaks = 0
    return "".join(found)


def _pieces(root: Any) -> list[Piece]:
    """Text and edges in reading order; an explicit stack, because hostile pages nest deeper than Python recurses."""
    found: list[Piece] = []
    stack: list[tuple[Any, bool, int]] = [(root, False, 0)]
    while stack:
        node, preformatted, after = stack.pop()
        if node is None:
            found.append(after)
            continue
        name = node.tag
        if name == "-text":
            text = node.text_content or ""
            found.append(text if preformatted else _SPACES.sub(" ", text))
        elif name == "br":
            found.append("\n")
        elif name not in _SILENT and not name.startswith(("-", "_", "!")):
            edge = 2 if name in _PARAGRAPHS else 1 if name in _LINES else 0
            found.append(" " if name in {"td", "th"} else edge)
            _push(stack, node, preformatted or name in {"pre", "textarea"}, edge)
    return found


def _push(stack: list[tuple[Any, bool, int]], node: Any, preformatted: bool, after: int) -> None:
    if after:
        stack.append((None, False, after))
    child = node.last_child
    while child is not None:
        stack.append((child, preformatted, 0))
        child = child.prev
