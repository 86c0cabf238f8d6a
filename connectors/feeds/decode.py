"""Bytes of a feed to text.

The rule that parsers get wrong: bytes that are valid UTF-8 are UTF-8, whatever a header or prolog says. (Arabic text
in windows-1256 or ISO 8859-6 is practically never valid UTF-8, because its letters would have to form lead and
continuation bytes by chance.) Order: byte order mark, UTF-16 by its zero bytes, strict UTF-8, the declared charset,
and then the 8-bit charset in which the text has most Arabic or, without Arabic, Western letters.
"""

import codecs
import re
from typing import Final, NamedTuple


class Decoded(NamedTuple):
    """Text of a document and how it was found."""

    text: str
    encoding: str
    """Python's name of the charset used."""
    surprise: str = ""
    """Why the declared charset was not used as it stands; empty when all was as declared."""


_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_PROLOG: Final = re.compile(rb"""^\s*<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']""")
_META: Final = re.compile(rb"""<meta\s[^>]{0,200}?charset\s*=\s*["']?([A-Za-z0-9._:-]{1,40})""", re.IGNORECASE)
_HEADER: Final = re.compile(r"""charset\s*=\s*["']?([A-Za-z0-9._:-]{1,40})""", re.IGNORECASE)
_DECLARATION: Final = re.compile(r"^\s*<\?xml[^>]*\?>")
# A declaration that cannot be one, or that says less than the bytes: treated as if nothing had been declared.
_NO_CHARSET: Final = {"utf-16", "utf-32", "ascii", "utf-8", "utf-7", "unicode_escape", "raw_unicode_escape", "idna"}
_NOT_XML: Final = dict.fromkeys(
    code for code in (*range(0x20), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF) if code not in {0x09, 0x0A, 0x0D}
)  # characters that XML 1.0 forbids (§2.2)


def decode(body: bytes, content_type: str | None = None, *, html: bool = False) -> Decoded:
    """The document's text; never fails, at worst with U+FFFD for bytes that no charset explains.

    Args:
        body: as received, decompressed.
        content_type: value of the HTTP header.
        html: it is a page, which may declare its charset in a `meta` element.
    """
    for mark, encoding in _MARKS:
        if body.startswith(mark):
            return Decoded(body[len(mark) :].decode(encoding, "replace"), encoding)
    if (wide := _wide(body)) is not None:
        return Decoded(body.decode(wide, "replace"), wide)
    declared = _declared(body, content_type, html)
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return _eight_bit(body, declared)
    surprise = f"declared {declared}, is valid UTF-8" if declared not in {"", "utf-8", "ascii"} else ""
    return Decoded(text, "utf-8", surprise)


def as_utf8_xml(text: str) -> bytes:
    """The text as UTF-8 bytes that say so, without characters that XML forbids."""
    return _DECLARATION.sub("", text, count=1).translate(_NOT_XML).lstrip("\ufeff \t\r\n").encode("utf-8")


def _wide(body: bytes) -> str | None:
    """UTF-16 or UTF-32 without a byte order mark shows in the zero bytes around the first `<` (XML 1.0, appendix F)."""
    heads = ((b"<\0\0\0", "utf-32-le"), (b"\0\0\0<", "utf-32-be"), (b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"))
    return next((encoding for head, encoding in heads if body.startswith(head)), None)


def _declared(body: bytes, content_type: str | None, html: bool) -> str:
    """Python's name of the declared charset, the header's before the document's; empty for none or an unknown one."""
    in_header = _HEADER.search(content_type or "")
    in_prolog = _META.search(body[:4096]) if html else _PROLOG.match(body[:1024])
    names = [in_header[1]] if in_header else []
    names += [in_prolog[1].decode("ascii")] if in_prolog else []
    for name in names:
        try:
            return codecs.lookup(name).name
        except LookupError:
            continue
    return ""


def _eight_bit(body: bytes, declared: str) -> Decoded:
    damaged = body.decode("utf-8", "replace")
    broken = damaged.count("\ufffd")
    if sum(letter > "\x7f" for letter in damaged) - broken > 10 * broken:
        # An answer cut within a letter, or a quotation pasted from elsewhere: still UTF-8.
        return Decoded(damaged, "utf-8", "a few bytes are damaged")
    if declared and declared not in _NO_CHARSET:
        try:
            return Decoded(body.decode(declared), declared)
        except (UnicodeDecodeError, LookupError, ValueError):
            pass
    best = max(("cp1256", "iso8859-6", "cp1252"), key=lambda encoding: _plausibility(body, encoding))
    said = f"declared {declared}" if declared else "nothing usable declared"
    return Decoded(body.decode(best, "replace"), best, f"{said}, is not; read as {best}")


def _plausibility(body: bytes, encoding: str) -> float:
    """How much of the non-ASCII part makes sense in this charset: Arabic words, or single accented Western letters."""
    text = body.decode(encoding, "replace")
    foreign = [letter for letter in text if letter > "\x7f"]
    if not foreign:
        return 0.0
    if encoding == "cp1252":
        # Accented letters stand alone among ASCII letters; runs of them are another alphabet misread.
        runs: list[str] = re.findall(r"[\x80-\uffff]+", text)
        return sum(len(run) == 1 and run.isalpha() for run in runs) / len(runs)
    in_words = sum(len(word) for word in re.findall("[\u0621-\u064a]{2,}", text))
    unlikely = 2 * text.count("\ufffd") + sum(letter in "پچژگ" for letter in foreign)
    return (in_words - unlikely) / len(foreign)
