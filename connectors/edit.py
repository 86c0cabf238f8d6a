"""Adding sources to the sources file without touching what people wrote in it: pure."""

import json
from collections.abc import Iterable

import msgspec

from connectors.sources import SourceSettings, parse_sources
from schemas.errors import Misconfigured


def table_of(source: SourceSettings) -> str:
    """One `[[source]]` table with the fields that differ from their defaults."""
    lines = ["[[source]]"]
    for field in msgspec.structs.fields(SourceSettings):
        value = getattr(source, field.name)
        if field.required or value != _default(field):
            lines.append(f"{field.name} = {_toml(value)}")
    return "\n".join(lines) + "\n"


def with_added(text: str, sources: Iterable[SourceSettings], file: str = "sources.toml") -> str:
    """The file's text with these tables behind it; everything else stays byte for byte.

    Raises:
        Misconfigured: the file is wrong as it stands, or an id or address is in it already.
    """
    present = parse_sources(text, file) if text.strip() else []
    ids = {source.id for source in present}
    addresses = {address: source.id for source in present if (address := address_of(source))}
    tables = []
    for source in sources:
        if source.id in ids:
            raise Misconfigured(f"{file} has a source “{source.id}” already. Choose another id.")
        address = address_of(source)
        if address in addresses:
            raise Misconfigured(f"{file} reads {address} already, as “{addresses[address]}”.")
        ids.add(source.id)
        addresses |= {address: source.id} if address else {}
        tables.append(table_of(source))
    head = text if not text or text.endswith("\n") else text + "\n"
    joined = "\n".join(([head] if head else []) + tables)
    parse_sources(joined, file)
    return joined


def summary(source: SourceSettings) -> tuple[str, str, str, str, str, str]:
    """One line of `marqab sources list`: id, kind, role and reliability, tier, address, name."""
    address = address_of(source)
    state = "" if source.enabled else " (off)"
    trust = f"{source.role} {source.reliability}"
    return source.id + state, str(source.kind), trust, source.tier, address, source.name


def address_of(source: SourceSettings) -> str:
    """Where a source is read, in one form for each: an address, or `@name`; empty where it has neither."""
    if source.url:
        return source.url
    name = str(source.channel or "").rstrip("/").rpartition("/")[2].lstrip("@")
    return f"@{name.lower()}" if name else ""


def _default(field: msgspec.structs.FieldInfo) -> object:
    if field.default is not msgspec.NODEFAULT:
        return field.default
    return field.default_factory() if field.default_factory is not msgspec.NODEFAULT else None


def _toml(value: object) -> str:
    """TOML's strings and lists are JSON's, but for characters that JSON leaves bare and TOML does not (DEL)."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_toml(name)} = {_toml(one)}" for name, one in value.items()) + " }"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
