"""Identifiers that come from content, so that repeated work changes nothing (law 2).

Each is a short prefix and 20 hexadecimal digits of BLAKE2b (80 bits: one chance in a million of any
collision among a billion ids).
"""

from hashlib import blake2b


def digest(*parts: str) -> str:
    """20 hexadecimal digits that depend on every part and on the boundaries between them."""
    hashed: list[bytes] = []
    for part in parts:
        encoded = part.encode("utf-8", "surrogatepass")
        hashed += (len(encoded).to_bytes(8, "big"), encoded)
    return blake2b(b"".join(hashed), digest_size=10).hexdigest()


def post_id(source_id: str, native_id: str) -> str:
    """The identity of a post, whichever connector read it and however often it was edited.

    A Telegram message (`tg:<channel>:<message>`) names its channel itself, so MTProto and t.me/s give one identity
    even when they are configured as two sources.
    """
    owner = "telegram" if native_id.startswith("tg:") else source_id
    return "p-" + digest(owner, native_id)


def incident_id(first_post_id: str, ordinal: int = 0) -> str:
    """The identity of the incident that a sighting in this post opened.

    Args:
        first_post_id: the post whose sighting opened the incident.
        ordinal: 0 for the first incident that the post opened, counted up when people split one.
    """
    return "i-" + digest(first_post_id, str(ordinal))


def alert_id(incident: str, revision: int) -> str:
    """The identity of the one alert that may be sent for this revision of this incident."""
    return "a-" + digest(incident, str(revision))
