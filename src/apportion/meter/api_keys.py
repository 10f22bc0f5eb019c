"""API keys of a shared service: which team holds which key, without the keys themselves.

The map holds a digest of each key, so that neither the map, nor a record, nor a log can be
used to call the service. A key that the map doesn't know is named by the beginning of its
digest: its use is listed under that name until somebody says whose it is.
"""

from __future__ import annotations

import hmac
import json
import logging
import time
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from apportion.errors import ConfigurationError, Place
from apportion.meter.consumer import NOBODY, Caller, Consumer, Identify, bearer

_LOG = logging.getLogger("apportion.meter")

HEADERS = ("x-api-key", "authorization")
_LOOK_AGAIN = 10.0
_FIELDS = {"id": "key_id", "team": "team", "product": "product", "application": "application"}
_HEX = frozenset("0123456789abcdef")


def digest_of_key(key: str, pepper: bytes = b"") -> str:
    """What stands for a key in the map: SHA-256, keyed by `pepper` where one is given.

    A long random key needs no pepper; words that a person chose do.

    >>> digest_of_key("sk-example")[:16]
    'f2d4b279b82ad928'
    """
    raw = key.encode()
    return (hmac.new(pepper, raw, sha256) if pepper else sha256(raw)).hexdigest()


class KeyMap:
    """Digests of keys, and who holds each: ``{digest: {"id", "team", "product"}}``.

    From a file it is read anew when the file changes; a file that is wrong then is told in
    the log, and the map stays as it was.
    """

    def __init__(
        self, keys: Mapping[str, Mapping[str, str]], *, pepper: bytes = b"", path: str = ""
    ) -> None:
        self._pepper = pepper
        self._holders = _holders(keys, path)
        self._path = Path(path) if path else None
        self._seen = self._changed()
        self._look = time.monotonic() + _LOOK_AGAIN

    @classmethod
    def from_file(cls, path: str | Path, *, pepper: bytes = b"") -> KeyMap:
        """A map from a JSON file; raises ConfigurationError."""
        return cls(_read(str(path)), pepper=pepper, path=str(path))

    def holder(self, key: str) -> Consumer:
        """Who holds a key. An unknown one has a name, and no team."""
        self._look_again()
        digest = digest_of_key(key, self._pepper)
        return self._holders.get(digest) or Consumer(key_id=f"sha256:{digest[:16]}")

    def _look_again(self) -> None:
        now = time.monotonic()
        if self._path is None or now < self._look:
            return
        self._look = now + _LOOK_AGAIN
        changed = self._changed()
        if changed != self._seen:
            self._seen = changed
            try:
                self._holders = _holders(_read(str(self._path)), str(self._path))
            except ConfigurationError as fault:
                _LOG.warning("the map of API keys stays as it was: %s (%s)", fault.what, fault.why)

    def _changed(self) -> tuple[int, int] | None:
        if self._path is None or not self._path.exists():
            return None
        told = self._path.stat()
        return told.st_mtime_ns, told.st_size


def by_key(keys: KeyMap, headers: tuple[str, ...] = HEADERS) -> Identify:
    """Who calls as the API key says, in the first of the headers that holds one.

    A signed token (three parts, as JWT has them) is no key: it is left to the claims.
    """
    names = tuple(name.lower() for name in headers)

    def identify(caller: Caller) -> Consumer:
        for name in names:
            key = bearer(caller.headers.get(name, ""))
            if key and not _is_token(key):
                return keys.holder(key)
        return NOBODY

    return identify


def _is_token(key: str) -> bool:
    return key.startswith("eyJ") and key.count(".") == 2


def _read(path: str) -> Mapping[str, Mapping[str, str]]:
    try:
        read = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as fault:
        # The text of a fault may quote the file, which may hold a key by mistake.
        raise ConfigurationError(
            "the map of API keys can't be read",
            place=Place(path, getattr(fault, "lineno", None)),
            why=type(fault).__name__,
            hint='write JSON: {"<digest of the key>": {"id": "…", "team": "…", "product": "…"}}',
        ) from None
    return read if isinstance(read, dict) else {"": {}}


def _holders(keys: Mapping[str, Mapping[str, str]], path: str) -> dict[str, Consumer]:
    made = {}
    for number, (digest, holder) in enumerate(keys.items(), start=1):
        if len(digest) != 64 or not set(digest) <= _HEX or not isinstance(holder, Mapping):
            raise ConfigurationError(
                f"entry {number} of the map of API keys is no digest with its holder",
                place=Place(path) if path else None,
                why="a map holds SHA-256 digests of 64 small hexadecimal digits, never keys",
                hint="make the digest with: python -m apportion.meter.hash_key",
            )
        unknown = sorted(set(holder) - set(_FIELDS))
        if unknown:
            raise ConfigurationError(
                f"entry {number} of the map of API keys has {unknown[0]!r}",
                place=Place(path) if path else None,
                hint=f"an entry has {', '.join(_FIELDS)}",
            )
        named = {_FIELDS[name]: str(value) for name, value in holder.items()}
        made[digest] = Consumer(**{"key_id": f"sha256:{digest[:16]}", **named})
    return made
