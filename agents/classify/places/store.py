"""The gazetteer's file: a hash table of names over packed places, read in place through a memory map.

Opening costs the same for ten names and for ten million, nothing is unpacked until it is asked for, and a look-up is
one checksum and, on average, fewer than two probes: its cost does not depend on the number of names. Processes that
open the same file share its pages.

Layout, little endian: magic, length of the header, header (JSON: counts, offsets, attribution), then four sections:
`slots` (offsets into `names`, 0 = empty; at most half full), `names` (records: longest name that begins with this
word, number of references, key, references), `places` (fixed-size records), `strings` (length and UTF-8).
"""

import json
import mmap
import struct
import sys
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, NamedTuple

import msgspec

from schemas.errors import Misconfigured

MAGIC = b"MARQABG1"
COMMON, WEAK = 1, 2
"""Bits of a reference: the name is also an ordinary word or person's name; the spelling is one that we derived."""

_PLACE = struct.Struct("<BBH2sxxiiIIIIIII")
_NAME = struct.Struct("<BBHI")
_UNKNOWN = 0x7FFFFFFF
_FLAG_BITS = 2
_LONGEST_KEY = 255
_Offset = Annotated[int, msgspec.Meta(ge=0, le=2**62)]


class Row(NamedTuple):
    """One place as the file holds it; `admin1`–`admin3` are indexes of other rows of the same file."""

    kind: int
    source: int
    radius_m: int
    country: str
    lat: float | None
    lon: float | None
    population: int
    admin1: int | None
    admin2: int | None
    admin3: int | None
    name_ar: str
    name_en: str
    pcode: str


@dataclass
class Names:
    """Names gathered for a new file: key to references (row index, flags)."""

    refs: dict[str, dict[int, int]] = field(default_factory=dict)

    def add(self, key: str, row: int, flags: int = 0) -> None:
        """Let `key` (folded tokens) name a row; of several flags for one pair the stronger spelling stays.

        A key that is longer than the file can hold names nothing: no text writes such a name.
        """
        if len(key.encode()) > _LONGEST_KEY:
            return
        rows = self.refs.setdefault(key, {})
        rows[row] = min(flags, rows.get(row, flags))


class Header(msgspec.Struct):
    """What stands first in the file: counts, and where the sections begin."""

    end: _Offset
    names: _Offset
    places: _Offset
    strings: _Offset
    slots: _Offset
    slot_count: _Offset
    name_count: _Offset
    place_count: _Offset
    attribution: list[str]
    sources: list[str]


def _header(path: Path, told: mmap.mmap) -> Header:
    at = len(MAGIC) + 4
    try:
        (length,) = struct.unpack_from("<I", told, len(MAGIC))
        return msgspec.json.decode(told[at : at + length], type=Header)
    except (struct.error, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Misconfigured(f"the gazetteer {path} is damaged (its heading: {error}); copy it again") from error


class Store:
    """One gazetteer file, open for reading; immutable, safe to share between threads.

    Raises:
        Misconfigured: the file is missing, damaged or of another version.
    """

    def __init__(self, path: Path) -> None:
        try:
            with path.open("rb") as stream:
                self._bytes = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as error:
            raise Misconfigured(f"the gazetteer {path} cannot be read ({error}); build or import it again") from error
        if self._bytes[: len(MAGIC)] != MAGIC or sys.byteorder != "little":
            raise Misconfigured(f"{path} is not a gazetteer file of this version; build or import it again")
        header = _header(path, self._bytes)
        if header.end != len(self._bytes):
            raise Misconfigured(
                f"the gazetteer {path} is cut short ({len(self._bytes)} of {header.end} bytes); copy it again"
            )
        self._path = path
        self.attribution: tuple[str, ...] = tuple(header.attribution)
        self.sources: tuple[str, ...] = tuple(header.sources)
        self.names: int = header.name_count
        self.places: int = header.place_count
        self._names_at: int = header.names
        self._places_at: int = header.places
        self._strings_at: int = header.strings
        slots_end = header.slots + 4 * header.slot_count
        if not header.slot_count or header.slot_count & (header.slot_count - 1) or slots_end > header.end:
            raise Misconfigured(f"the gazetteer {path} is damaged (its table of names); copy it again")
        self._slots = memoryview(self._bytes)[header.slots : slots_end].cast("I")
        self._mask: int = header.slot_count - 1

    def find(self, key: str) -> tuple[int, tuple[int, ...]] | None:
        """Look a key up.

        Returns:
            The number of words of the longest name that begins with this key's word (single words only), and packed
            references for `row` and `flags`; None for a key that neither is a name nor begins one.

        Raises:
            Misconfigured: the file is damaged.
        """
        wanted = key.encode()
        slot, probes = zlib.crc32(wanted) & self._mask, 0
        try:
            while at := self._slots[slot]:
                at += self._names_at
                longest, length, count, _ = _NAME.unpack_from(self._bytes, at)
                at += _NAME.size
                if self._bytes[at : at + length] == wanted:
                    at += length
                    return longest, struct.unpack_from(f"<{count}I", self._bytes, at)
                slot, probes = (slot + 1) & self._mask, probes + 1
                if probes > self._mask:
                    raise self._damaged("no slot is empty")
        except struct.error as error:
            raise self._damaged(error) from error
        return None

    def _damaged(self, why: object) -> Misconfigured:
        return Misconfigured(f"the gazetteer {self._path} is damaged ({why}); copy it, or build or import it again")

    @staticmethod
    def split(ref: int) -> tuple[int, int]:
        """Return the row index and the flags of a packed reference."""
        return ref >> _FLAG_BITS, ref & ((1 << _FLAG_BITS) - 1)

    def row(self, index: int) -> Row:
        """Unpack one place.

        Raises:
            Misconfigured: the file is damaged.
        """
        try:
            return self._row(index)
        except (struct.error, UnicodeDecodeError) as error:
            raise self._damaged(error) from error

    def _row(self, index: int) -> Row:
        kind, source, radius, country, lat, lon, population, *rest = _PLACE.unpack_from(
            self._bytes, self._places_at + index * _PLACE.size
        )
        known = lat != _UNKNOWN
        return Row(
            kind,
            source,
            radius * 100,
            country.decode().strip("\0"),
            lat / 1e6 if known else None,
            lon / 1e6 if known else None,
            population,
            rest[0] - 1 if rest[0] else None,
            rest[1] - 1 if rest[1] else None,
            rest[2] - 1 if rest[2] else None,
            self._string(rest[3]),
            self._string(rest[4]),
            self._string(rest[5]),
        )

    def _string(self, offset: int) -> str:
        at = self._strings_at + offset
        (length,) = struct.unpack_from("<H", self._bytes, at)
        return self._bytes[at + 2 : at + 2 + length].decode()


class _Strings:
    def __init__(self) -> None:
        self.blob = bytearray(b"\0\0")
        self._at: dict[str, int] = {"": 0}

    def add(self, text: str) -> int:
        if text not in self._at:
            self._at[text] = len(self.blob)
            encoded = text.encode()
            self.blob += struct.pack("<H", len(encoded)) + encoded
        return self._at[text]


def _pack_rows(rows: Iterable[Row], strings: _Strings) -> bytes:
    packed = bytearray()
    for row in rows:
        known = row.lat is not None and row.lon is not None
        packed += _PLACE.pack(
            row.kind,
            row.source,
            min(row.radius_m // 100, 0xFFFF),
            row.country.encode(),
            round((row.lat or 0) * 1e6) if known else _UNKNOWN,
            round((row.lon or 0) * 1e6) if known else _UNKNOWN,
            min(row.population, 0xFFFFFFFF),
            *(0 if admin is None else admin + 1 for admin in (row.admin1, row.admin2, row.admin3)),
            *(strings.add(text) for text in (row.name_ar, row.name_en, row.pcode)),
        )
    return bytes(packed)


def _pack_names(names: Names) -> tuple[bytes, bytes, int]:
    longest: dict[str, int] = {}
    for key in names.refs:
        words = key.split(" ")
        longest[words[0]] = max(longest.get(words[0], 0), len(words))
    keys = sorted(names.refs.keys() | longest.keys())
    slot_count = 1 << max(4, (2 * len(keys)).bit_length())
    slots = [0] * slot_count
    blob = bytearray(b"\0" * 8)
    for key in keys:
        refs = sorted((row << _FLAG_BITS) | flags for row, flags in names.refs.get(key, {}).items())[:0xFFFF]
        encoded = key.encode()
        slot = zlib.crc32(encoded) & (slot_count - 1)
        while slots[slot]:
            slot = (slot + 1) & (slot_count - 1)
        slots[slot] = len(blob)
        blob += _NAME.pack(min(longest.get(key, 0), 255), len(encoded), len(refs), 0)
        blob += encoded + struct.pack(f"<{len(refs)}I", *refs)
    return struct.pack(f"<{slot_count}I", *slots), bytes(blob), slot_count


def write(path: Path, rows: Sequence[Row], names: Names, sources: Sequence[str], attribution: Sequence[str]) -> None:
    """Write a gazetteer file; the same input gives the same bytes. The file appears whole or not at all."""
    strings = _Strings()
    places = _pack_rows(rows, strings)
    slots, blob, slot_count = _pack_names(names)
    header: dict[str, object] = {
        "attribution": list(attribution),
        "sources": list(sources),
        "name_count": len(names.refs),
        "place_count": len(rows),
        "slot_count": slot_count,
    }
    sections = {"slots": slots, "names": blob, "places": places, "strings": bytes(strings.blob)}
    prefix = 4096 * (1 + len(json.dumps(header).encode()) // 3500)
    at = prefix
    for name, section in sections.items():
        header[name] = at
        at += (len(section) + 7) // 8 * 8
    header["end"] = at
    encoded = json.dumps(header, ensure_ascii=False, sort_keys=True).encode()
    body = bytearray((MAGIC + struct.pack("<I", len(encoded)) + encoded).ljust(prefix, b"\0"))
    for section in sections.values():
        body += section.ljust((len(section) + 7) // 8 * 8, b"\0")
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(path.name + ".new")
    fresh.write_bytes(body)
    fresh.replace(path)
