"""Secrets: where they stand, and a veil before everything that is printed or logged.

No message of ours names a secret. The veil is the second net: libraries put addresses with passwords and their own
arguments into errors, and a value that is known to be secret is starred wherever it turns up.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final
from urllib.parse import quote, unquote, urlsplit

from marqab.settings import PREFIX, SECRET_PREFIX, SECRETS
from schemas.errors import Misconfigured

STARS: Final = "********"
SHORTEST: Final = 8
"""Shorter values are left alone: starring every "abc" would garble the text, and tell the secret by what is missing."""
_FILE: Final = "_FILE"


def unfolded(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment with every `MARQAB_SECRET_X_FILE` read, as if `MARQAB_SECRET_X` had been set.

    Raises:
        Misconfigured: a file cannot be read.
    """
    told = dict(environ)
    for variable, path in environ.items():
        name = variable.removesuffix(_FILE)
        if variable.startswith(SECRET_PREFIX) and name != variable and name not in environ:
            told[name] = _read(variable, path)
    return told


def _read(variable: str, path: str) -> str:
    try:
        return Path(path).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(
            f"{variable} names {path}, which cannot be read ({error}). Mend the path or its rights."
        ) from None


class Veil:
    """Stars over the secrets of this process."""

    def __init__(self, secrets: Iterable[str]) -> None:
        """Take the values, and what else they look like in addresses."""
        shapes = {shape for secret in secrets for shape in _shapes(secret) if len(shape) >= SHORTEST}
        self._shapes = sorted(shapes, key=len, reverse=True)

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> "Veil":
        """Over all secrets that these variables hold or lead to; what cannot be read holds none."""
        names = {PREFIX + name.upper() for name in SECRETS}
        found: list[str] = []
        for variable, value in environ.items():
            name = variable.removesuffix(_FILE)
            if not (name in names or name.startswith(SECRET_PREFIX)):
                continue
            if name == variable:
                found.append(value)
            else:
                try:
                    found.append(_read(variable, value))
                except Misconfigured:
                    continue
        return cls(found)

    def over(self, text: str) -> str:
        """The text with stars for every secret in it."""
        for shape in self._shapes:
            if shape in text:
                text = text.replace(shape, STARS)
        return text


def _shapes(secret: str) -> set[str]:
    secret = secret.strip()
    shapes = {secret, repr(secret)[1:-1], quote(secret, safe=""), unquote(secret)}
    if "://" in secret:
        try:
            parts = urlsplit(secret)
            shapes |= {parts.password or "", unquote(parts.password or ""), parts.path.strip("/"), parts.query}
        except ValueError:
            pass
    return shapes
