"""A webhook's letter and how its answer is read. Pure; `subscribers.notify` sends.

The body is a CloudEvent in structured mode (a batch where several alerts come together). The signature follows Standard
Webhooks: `webhook-signature: v1,BASE64(HMAC-SHA256(secret, id.timestamp.body))`, the secret as UTF-8, or base64 after
`whsec_`. `webhook-id` (and `Idempotency-Key`) is the same whenever the same alerts are sent again.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final

import msgspec

from schemas.codec import encode
from schemas.headers import cloud_event
from schemas.ids import digest
from schemas.records import Alert

FIRST_WAIT: Final = timedelta(seconds=5)
LONGEST_WAIT: Final = timedelta(hours=1)
USELESS: Final = frozenset({400, 405, 413, 414, 415, 422, 431})
"""Answers that the same letter would get again; others may be mended on the other side."""
GONE: Final = 410


@dataclass(frozen=True)
class Letter:
    """One request to a webhook."""

    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Delivered:
    """The subscriber has it."""


@dataclass(frozen=True)
class Again:
    """Try again; not before `wait` where the other side named a time."""

    reason: str
    wait: timedelta | None = None


@dataclass(frozen=True)
class Refused:
    """It will never be taken: a dead letter. `gone`: nothing else will be either."""

    reason: str
    gone: bool = False


Outcome = Delivered | Again | Refused


def message_id(alerts: Sequence[Alert]) -> str:
    """The same for the same alerts: the alert's id, or one made from all of them."""
    return alerts[0].alert_id if len(alerts) == 1 else "d-" + digest(*(alert.alert_id for alert in alerts))


def envelope(alert: Alert) -> dict[str, Any]:
    """The alert as a CloudEvent 1.0 in JSON format, with the attributes that its Kafka message has as headers."""
    told = {name.removeprefix("ce_"): value.decode() for name, value in cloud_event(alert) if name.startswith("ce_")}
    return {
        **told,
        "subject": alert.incident_id,
        "datacontenttype": "application/json",
        "data": msgspec.Raw(encode(alert)),
    }


def letter(url: str, secret: str, alerts: Sequence[Alert], now: datetime) -> Letter:
    """The request that tells these alerts, signed for this moment."""
    one = len(alerts) == 1
    body = msgspec.json.encode(envelope(alerts[0]) if one else [envelope(alert) for alert in alerts])
    identity, moment = message_id(alerts), str(int(now.timestamp()))
    return Letter(
        url,
        {
            "content-type": f"application/cloudevents{'' if one else '-batch'}+json; charset=utf-8",
            "webhook-id": identity,
            "webhook-timestamp": moment,
            "webhook-signature": sign(secret, identity, moment, body),
            "idempotency-key": identity,
            "user-agent": "marqab-notify",
        },
        body,
    )


def sign(secret: str, identity: str, moment: str, body: bytes) -> str:
    """The value of `webhook-signature`."""
    mac = hmac.new(key_of(secret), f"{identity}.{moment}.".encode() + body, hashlib.sha256)
    return "v1," + base64.b64encode(mac.digest()).decode()


def key_of(secret: str) -> bytes:
    """The bytes of the secret; what follows `whsec_` is base64.

    Raises:
        ValueError: it is not.
    """
    if not secret.startswith("whsec_"):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except binascii.Error as error:
        raise ValueError(f"what follows whsec_ is not base64: {error}") from None


def outcome(status: int, retry_after: str | None, now: datetime) -> Outcome:
    """What an answer means. A redirect is not followed: the operator should name the real address."""
    if 200 <= status < 300:
        return Delivered()
    if status == GONE:
        return Refused("the receiver says that it is gone (410)", gone=True)
    if status in USELESS:
        return Refused(f"the receiver will not take this message (HTTP {status})")
    return Again(f"HTTP {status}", _wait(retry_after, now))


def _wait(retry_after: str | None, now: datetime) -> timedelta | None:
    if retry_after is None:
        return None
    if retry_after.strip().isdecimal():
        return min(timedelta(seconds=int(retry_after.strip()[:9])), LONGEST_WAIT)
    try:
        moment: datetime = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    wait: timedelta = max(aware - now, timedelta(0))
    return min(wait, LONGEST_WAIT)


def back_off(attempt: int, chance: float) -> timedelta:
    """How long to wait after this many failures (from 1): doubling from 5 s to an hour, half of it by chance (0–1)."""
    whole = min(FIRST_WAIT * 2.0 ** min(attempt - 1, 16), LONGEST_WAIT)
    return whole * (0.5 + 0.5 * chance)
