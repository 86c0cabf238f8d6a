"""Lists of feeds from and to other readers (OPML 2.0): pure."""

import re
from collections.abc import Iterable
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element, ParseError, SubElement, XMLParser, indent, tostring

from connectors.sources import SourceSettings
from schemas.errors import Misconfigured
from schemas.kinds import SourceKind


def read_opml(text: str, taken: Iterable[str] = ()) -> list[SourceSettings]:
    """The feeds of an OPML file as sources, in its order, each address once.

    Args:
        text: the file.
        taken: ids that are in use already.

    Raises:
        Misconfigured: the file is not OPML, or declares XML entities.
    """
    if "<!ENTITY" in text or "<!DOCTYPE" in text:
        raise Misconfigured("The OPML file declares a document type, which it has no use for. Remove the DOCTYPE.")
    parser = XMLParser()  # noqa: S314 - without a DOCTYPE there are no entities to expand
    try:
        parser.feed(text.strip())
        root = parser.close()
    except ParseError as error:
        raise Misconfigured(f"The file is not OPML: {error}.") from error
    if root.tag.lower() != "opml":
        raise Misconfigured(f"The file is not OPML: it starts with <{root.tag}>.")
    used, seen, sources = set(taken), set(), []
    for outline in root.iter():
        fields = {name.lower(): value.strip() for name, value in outline.attrib.items()}
        url = fields.get("xmlurl", "")
        if outline.tag.lower() == "outline" and _is_web(url) and url not in seen:
            seen.add(url)
            name = fields.get("title") or fields.get("text") or ""
            source_id = new_id(url, used)
            used.add(source_id)
            language = fields.get("language") or None
            sources.append(SourceSettings(id=source_id, kind=SourceKind.FEED, url=url, name=name, language=language))
    return sources


def _is_web(url: str) -> bool:
    try:
        return urlsplit(url).scheme in {"http", "https"}
    except ValueError:  # brackets that hold no IPv6 address
        return False


def write_opml(sources: Iterable[SourceSettings], title: str = "marqab") -> str:
    """The feeds among the sources as OPML; what OPML has no word for (role, reliability …) is left out."""
    root = Element("opml", version="2.0")
    SubElement(SubElement(root, "head"), "title").text = title
    body = SubElement(root, "body")
    for source in sources:
        if source.kind is SourceKind.FEED and source.url:
            outline = SubElement(body, "outline", type="rss", text=source.name or source.id, xmlUrl=source.url)
            if source.language:
                outline.set("language", source.language)
    indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def new_id(url: str, taken: Iterable[str] = ()) -> str:
    """A source id made from an address: its host, with a number behind it where that is taken."""
    host = (urlsplit(url).hostname or "source").removeprefix("www.")
    stem = re.sub(r"[^a-z0-9-]+", "-", host.lower()).strip("-")[:80] or "source"
    used = set(taken)
    return next(name for name in (stem, *(f"{stem}-{n}" for n in range(2, 100_000))) if name not in used)
