"""When a feed is asked again: pure; the time and the jitter are arguments.

The publisher's wishes come first (Retry-After, ttl, Cache-Control up to a ceiling), then the feed's own rhythm, then
the tier. A feed that fails is asked less and less often, down to once a day, but never given up: readers hate feeds
that stop after three errors.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

from connectors.sources import SourceSettings

DAY: Final = 86_400.0
JITTER: Final = 0.1
THROTTLED_SECONDS: Final = 900.0
THROTTLED_CEILING: Final = 6 * 3600.0
RHYTHM_DAYS: Final = 7
SHARE_OF_RHYTHM: Final = 0.25
"""A feed is asked four times for every entry that it is expected to bring."""


@dataclass(frozen=True)
class Bounds:
    """Shortest and longest time between two requests, in seconds."""

    floor: float
    ceiling: float


TIERS: Final = {
    "breaking": Bounds(60, 900),
    "normal": Bounds(300, 6 * 3600),
    "slow": Bounds(1800, DAY),
}


def bounds(source: SourceSettings) -> Bounds:
    """The source's own limits where it has some, else its tier's."""
    tier = TIERS[source.tier]
    floor = source.interval_seconds or tier.floor
    return Bounds(floor, max(floor, source.max_interval_seconds or tier.ceiling))


def after_success(
    limits: Bounds, published: Sequence[datetime], now: datetime, hint_seconds: float | None, jitter: float
) -> float:
    """Seconds until the next request after an answer.

    Args:
        limits: see `bounds`.
        published: dates of the entries in the latest document.
        now: the present.
        hint_seconds: how long the publisher wants the answer to be kept; None for no wish.
        jitter: −1 to 1, moves the result by up to a tenth, so that feeds do not march in step.
    """
    wish = max(rhythm_seconds(published, now) * SHARE_OF_RHYTHM, hint_seconds or 0)
    return min(max(wish, limits.floor), limits.ceiling) * (1 + JITTER * jitter)


def rhythm_seconds(published: Sequence[datetime], now: datetime) -> float:
    """Mean time between entries of the last seven days; a week where there were none."""
    since = now - timedelta(days=RHYTHM_DAYS)
    recent = [date for date in published if since <= date <= now]
    if not recent:
        return RHYTHM_DAYS * DAY
    # A window that does not reach back a week tells of the time that it spans, and of no other.
    reach = min(date for date in published if date <= now)
    span = (now - max(reach, since)).total_seconds()
    return max(span, 1.0) / len(recent)


def after_failure(limits: Bounds, failures: int, jitter: float) -> float:
    """Seconds until the next attempt after this many failures in a row (1 or more): doubling up to a day."""
    return min(limits.floor * 2.0 ** min(failures, 20), DAY) * (1 + JITTER * jitter)


def after_throttling(failures: int, retry_after_seconds: float | None, jitter: float) -> float:
    """Seconds until the next attempt after 429, 503 or a block page: what the publisher asks, at most a day.

    Without `Retry-After`, a quarter of an hour that doubles up to six hours. Jitter only ever lengthens it.
    """
    if retry_after_seconds is not None:
        return min(retry_after_seconds, DAY) + abs(jitter)
    return min(THROTTLED_SECONDS * 2.0 ** min(failures - 1, 20), THROTTLED_CEILING) * (1 + JITTER * abs(jitter))


def hint_seconds(headers: Mapping[str, str], ttl_seconds: float | None, now: datetime) -> float | None:
    """How long the publisher wants an answer to be kept: the longest of ttl, `Cache-Control` and `Expires`."""
    hints = [ttl_seconds, _max_age(headers.get("cache-control", "")), _expires(headers.get("expires"), now)]
    return max((hint for hint in hints if hint is not None), default=None)


def retry_after_seconds(value: str | None, now: datetime) -> float | None:
    """`Retry-After` as seconds from now (RFC 9110 §10.2.3: seconds or a date); None where absent or senseless."""
    if not value:
        return None
    if value.strip().isdecimal():
        return min(float(value.strip()), 366 * DAY)
    return _expires(value, now)


_MAX_AGE: Final = re.compile(r"(?:^|[\s,])max-age\s*=\s*\"?(\d{1,9})", re.IGNORECASE)


def _max_age(value: str) -> float | None:
    if re.search(r"\b(no-store|no-cache)\b", value, re.IGNORECASE):
        return None
    found = _MAX_AGE.search(value)
    return float(found[1]) if found else None


def _expires(value: str | None, now: datetime) -> float | None:
    try:
        date = parsedate_to_datetime(value or "")
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    aware = date if date.tzinfo else date.replace(tzinfo=UTC)
    seconds = (aware - now).total_seconds()
    return seconds if seconds > 0 else None
