"""Elements as values: the same tree is HTML on the page and JSON in the stream of events.

Everything that is not an element is text and is escaped when it is written; there is no way to put markup in as text,
so a source cannot. The browser builds the JSON form with `createElement` and `createTextNode`, never `innerHTML`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from html import escape
from typing import Any, Final

from subscribers.safe import clean

VOID: Final = frozenset({"area", "br", "hr", "img", "input", "link", "meta", "circle", "rect", "line", "path"})
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9:_-]*\Z")


@dataclass(frozen=True)
class Element:
    """One element: its name, its attributes in order, what stands in it."""

    name: str
    attributes: tuple[tuple[str, str], ...] = ()
    content: tuple["Element | str", ...] = field(default=())


Part = Element | str | int | float | None | Iterable["Part"]


def h(name: str, /, *parts: Part, **attributes: str | int | float | bool | None) -> Element:
    """An element; `class_` and `data_id` become `class` and `data-id`; None and False leave an attribute out.

    Raises:
        ValueError: a name is no name, or an attribute would carry script.
    """
    told = []
    for key, value in attributes.items():
        attribute = key.rstrip("_").replace("_", "-")
        if not _NAME.match(attribute) or attribute.startswith("on") or attribute in ("style", "srcdoc"):
            raise ValueError(f"{attribute} may not be an attribute")
        if value is not None and value is not False:
            told.append((attribute, "" if value is True else clean(str(value))))
    if not _NAME.match(name):
        raise ValueError(f"{name} is no element")
    return Element(name, tuple(told), tuple(_flat(parts)))


def _flat(parts: Iterable[Part]) -> Iterable[Element | str]:
    for part in parts:
        if isinstance(part, Element):
            yield part
        elif isinstance(part, str | int | float):
            yield clean(str(part))
        elif part is not None:
            yield from _flat(part)


def html(part: Element | str) -> str:
    """The tree as HTML."""
    if isinstance(part, str):
        return escape(part)
    attributes = "".join(f' {name}="{escape(value)}"' for name, value in part.attributes)
    if part.name in VOID and not part.content:
        return f"<{part.name}{attributes}>" if part.name in _HTML_VOID else f"<{part.name}{attributes}/>"
    return f"<{part.name}{attributes}>{''.join(map(html, part.content))}</{part.name}>"


_HTML_VOID: Final = VOID - {"circle", "rect", "line", "path"}


def plain(part: Element | str) -> Any:
    """The tree as JSON: a text is a string, an element `[name, {attributes}, [content]]`."""
    return part if isinstance(part, str) else [part.name, dict(part.attributes), [plain(p) for p in part.content]]
