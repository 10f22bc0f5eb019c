"""Addresses of bills in object stores, as `path` of a source writes them: ``s3://bucket/prefix``."""

from __future__ import annotations

import re

from apportion.model import marked_yaml as y
from apportion.model.faults import Faults, did_you_mean

SCHEMES = ("s3", "gs", "az")
"""S3 and what speaks like it, Google Cloud Storage, Azure Blob Storage."""

_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://(.*)", re.DOTALL)
_ENDPOINT = re.compile(r"https?://[A-Za-z0-9.\[\]:_-]+(/[A-Za-z0-9._/-]*)?")
_BUCKET = re.compile(r"[A-Za-z0-9$][A-Za-z0-9._-]*")
_SIGNED = re.compile(r"[?&][A-Za-z0-9_.-]+=")


def split_address(path: str) -> tuple[str, str]:
    """The scheme of an address and what follows it; a local path has an empty scheme.

    >>> split_address("s3://bills/aws/*.csv"), split_address("bills/aws")
    (('s3', 'bills/aws/*.csv'), ('', 'bills/aws'))
    """
    found = _ADDRESS.fullmatch(path)
    return (found[1], found[2]) if found else ("", path)


def is_remote(path: str) -> bool:
    """Whether a path is an address in an object store."""
    return bool(split_address(path)[0])


def check_address(node: y.Node | None, faults: Faults) -> None:
    """Report an address of no known store, without a bucket, or with credentials in it.

    What is wrong is never repeated: it may be a secret.
    """
    if not isinstance(node, y.Scalar):
        return
    scheme, rest = split_address(node.text)
    if not scheme:
        return
    if scheme not in SCHEMES:
        hint = did_you_mean(scheme, SCHEMES, "bills are read from s3://, gs:// and az://")
        faults.add(node, f"addresses of kind {scheme}:// are not known", hint=hint)
        return
    bucket = rest.partition("/")[0]
    if "@" in bucket or ":" in bucket or _SIGNED.search(rest):
        faults.add(
            node,
            "the address seems to hold credentials or a signature",
            why="addresses are shown in messages and kept in the books",
            hint=f"write {scheme}://BUCKET/PREFIX; credentials come from the environment",
        )
    elif not _BUCKET.fullmatch(bucket):
        faults.add(node, "the address names no bucket", hint=f"write {scheme}://BUCKET/PREFIX")


def check_endpoint(node: y.Node | None, path: str, faults: Faults) -> None:
    """Report an endpoint that isn't a plain URL, or belongs to a path that has none."""
    if not isinstance(node, y.Scalar):
        return
    if not _ENDPOINT.fullmatch(node.text):
        faults.add(
            node,
            "the endpoint is not the URL of a server",
            why="it may hold neither credentials nor a query",
            hint="write it as https://storage.example.com:9000",
        )
    elif split_address(path)[0] not in {"s3", "gs"}:
        faults.add(
            node,
            "only s3:// and gs:// addresses have an endpoint",
            hint="leave it out; for Azure set AZURE_STORAGE_CONNECTION_STRING",
        )
