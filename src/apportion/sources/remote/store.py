"""An object store as a load sees it: what lies below a prefix, and an object's bytes.

The libraries of fsspec do the talking and take credentials from the
environment. What they complain of is told in our words: their own may hold
addresses with signatures.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from apportion.errors import Place, SourceError


@dataclass(frozen=True)
class Kind:
    """A kind of store: its name, the library that reads it, and where credentials come from."""

    name: str
    protocol: str
    library: str
    extra: str
    credentials: str


KINDS: Mapping[str, Kind] = {
    "s3": Kind("S3", "s3", "s3fs", "s3", "AWS_PROFILE, AWS_ACCESS_KEY_ID or the machine's role"),
    "gs": Kind(
        "Google Cloud Storage",
        "gcs",
        "gcsfs",
        "gcs",
        "GOOGLE_APPLICATION_CREDENTIALS, `gcloud auth` or the machine's account",
    ),
    "az": Kind(
        "Azure Blob Storage",
        "az",
        "adlfs",
        "azure",
        "AZURE_STORAGE_ACCOUNT_NAME with AZURE_STORAGE_ACCOUNT_KEY, AZURE_STORAGE_SAS_TOKEN "
        "or `az login`",
    ),
}


@dataclass(frozen=True)
class Object:
    """An object as the store lists it; size and version change when its content does.

    The version is the etag, or the time of change where a store has no etags;
    empty where it tells neither.
    """

    path: str
    size: int
    version: str


class Store:
    """A store of one kind; `path` is always bucket and key, without the scheme."""

    def __init__(self, scheme: str, files: Any) -> None:
        self.scheme = scheme
        self._files = files

    def url(self, path: str) -> str:
        """How people know an object."""
        return f"{self.scheme}://{path}"

    def below(self, path: str) -> tuple[Object, ...]:
        """The objects below a folder, or the one of that name, by path; raises SourceError."""
        with told(self.scheme, self.url(path)):
            found = self._files.find(path, detail=True)
        objects = (_object(name, info) for name, info in found.items())
        return tuple(sorted((o for o in objects if o is not None), key=lambda one: one.path))

    def now(self, path: str) -> Object | None:
        """An object as it is at this moment."""
        with told(self.scheme, self.url(path)):
            return _object(path, self._files.info(path, refresh=True))

    def fetch(self, path: str, target: Path) -> None:
        """Write an object's bytes to a file; raises SourceError."""
        with told(self.scheme, self.url(path)):
            self._files.get_file(path, str(target))


def open_store(scheme: str, endpoint: str = "") -> Store:
    """Open a kind of store; raises SourceError where its library isn't installed.

    `endpoint` is the URL of a server that speaks like S3 or Google Cloud
    Storage; without it the library decides (for S3, by AWS_ENDPOINT_URL).
    """
    kind = KINDS[scheme]
    options: dict[str, Any] = {"skip_instance_cache": True, "use_listings_cache": False}
    if endpoint:
        options["endpoint_url"] = endpoint
    with told(scheme, f"{scheme}://"):
        try:
            import fsspec

            return Store(scheme, fsspec.filesystem(kind.protocol, **options))
        except ImportError:
            raise SourceError(
                f"{kind.name} can't be read: {kind.library} isn't installed",
                why=f"addresses with {scheme}:// are read by it",
                hint=f"pip install 'apportion[{kind.extra}]'",
            ) from None


def _object(name: str, info: Mapping[str, Any]) -> Object | None:
    """What a listing says of an object; None for what stands for a folder."""
    if info.get("type") == "directory" or name.endswith("/"):
        return None
    told_by = ("ETag", "etag", "LastModified", "last_modified", "updated")
    version = next((str(info[key]) for key in told_by if info.get(key)), "")
    return Object(name.lstrip("/"), int(info["size"]), version.strip('"'))


@contextmanager
def told(scheme: str, url: str) -> Iterator[None]:
    """Tell a library's complaint as a SourceError about `url`, and none of its words."""
    try:
        yield
    except SourceError:
        raise
    except Exception as fault:
        raise _in_our_words(fault, KINDS[scheme], url) from None


def _in_our_words(fault: Exception, kind: Kind, url: str) -> SourceError:
    names = _names(fault)
    where = Place(url)
    source = f"credentials come from the environment: {kind.credentials}"
    if isinstance(fault, PermissionError) or _says(names, "Forbidden", "AccessDenied"):
        hint = f"allow listing and reading there; {source}"
        return SourceError(f"{kind.name} denied access", place=where, why=names, hint=hint)
    if isinstance(fault, FileNotFoundError):
        hint = "correct `path`; if the bucket is elsewhere, its endpoint or account"
        return SourceError("there is no such bucket or object", place=where, why=names, hint=hint)
    if _says(names, "Credential", "Authentication", "Token", "Login"):
        return SourceError(f"{kind.name} knows no credentials", place=where, why=names, hint=source)
    hint = "try again; if it stays so, check the network, the endpoint and the account"
    return SourceError(f"{kind.name} can't be reached or read", place=where, why=names, hint=hint)


def _says(names: str, *words: str) -> bool:
    return any(word in names for word in words)


def _names(fault: BaseException | None) -> str:
    """The names of a fault and of what caused it, with the store's own code; never their texts."""
    found: list[str] = []
    while fault is not None and len(found) < 5:
        code = _code(fault)
        found.append(type(fault).__name__ + (f" ({code})" if code else ""))
        fault = fault.__cause__
    return ", from ".join(found)


def _code(fault: BaseException) -> str:
    response = getattr(fault, "response", None)
    error = response.get("Error") if isinstance(response, dict) else None
    code = error.get("Code") if isinstance(error, dict) else getattr(fault, "error_code", None)
    text = str(code) if code is not None else ""
    return text if text.isalnum() and len(text) <= 40 else ""
