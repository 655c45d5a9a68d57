"""The archive in S3-compatible storage. Addresses and credentials come from the environment.

They are the usual variables: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION, and
AWS_ENDPOINT_URL for a storage that is not Amazon's.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from urllib.parse import urlsplit

from obstore.exceptions import BaseError
from obstore.store import S3Store

from pycturestream.archive.storage import (
    NotStoredError,
    StorageError,
    StoredFile,
    UnusableError,
    require_path,
)
from pycturestream.domain.times import Millis, from_datetime
from pycturestream.public_address import hide_addresses

_RETRIES = 3
_ENDPOINTS = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT")
_NO_BUCKET = "NoSuchBucket"
"""The code of the answer, by which S3 tells it from an object that is not there."""


class ObjectStorage:
    """Objects below a prefix of a bucket. An object appears as a whole, or not at all."""

    def __init__(self, address: str, timeout_ms: int) -> None:
        """Raise StorageError where the address names no bucket."""
        self.place = address
        endpoint = _endpoint()
        timeout = timedelta(milliseconds=timeout_ms)
        try:
            self._store = S3Store.from_url(
                address,
                client_options={
                    "timeout": timeout,
                    # Who writes http:// there means it.
                    "allow_http": endpoint.startswith("http://"),
                },
                retry_config={"max_retries": _RETRIES, "retry_timeout": timeout},
            )
        except (BaseError, ValueError) as error:
            raise StorageError(f"{address}: {_first_line(error)}") from error

    def write(self, path: str, data: bytes) -> None:
        require_path(path)
        with self._faults(path):
            self._store.put(path, data)

    def read(self, path: str, byte_limit: int) -> bytes:
        require_path(path)
        with self._faults(path):
            found = self._store.get(path)
            if (size := found.meta["size"]) > byte_limit:
                raise UnusableError(f"{self.place}: {path}: {size} bytes, allowed {byte_limit}")
            return bytes(found.bytes())

    def remove(self, paths: Sequence[str]) -> None:
        # One after the other: their order is what makes a removal safe to interrupt.
        for path in paths:
            require_path(path)
            with suppress(NotStoredError), self._faults(path):
                self._store.delete(path)

    def folders(self, *within: str) -> Iterator[str]:
        with self._faults("/".join(within)):
            found = self._store.list_with_delimiter(_prefix(within))
        yield from sorted(name.rstrip("/").rpartition("/")[2] for name in found["common_prefixes"])

    def files(self, *within: str) -> Iterator[StoredFile]:
        depth = len(within)
        with self._faults("/".join(within)):
            for chunk in self._store.list(_prefix(within)):
                for found in chunk:
                    if found["path"].count("/") == depth:
                        yield StoredFile(
                            found["path"],
                            found["size"],
                            Millis(from_datetime(found["last_modified"])),
                        )

    def clear_unfinished(self, *within: str, before: Millis) -> None:
        """Do nothing: an object that was not written completely is none."""

    @contextmanager
    def _faults(self, path: str) -> Iterator[None]:
        """Raise NotStoredError or StorageError for what the client raises."""
        try:
            yield
        except (BaseError, OSError) as error:
            # Whoever takes a wrong bucket for missing pictures may forget all of them.
            if _NO_BUCKET in str(error):
                fault = "there is no such bucket"
            elif isinstance(error, FileNotFoundError):
                raise NotStoredError(f"{path} is not in the archive") from error
            else:
                fault = _first_line(error)
            raise StorageError(f"{self.place}: {path or 'list'}: {fault}") from error


def _endpoint() -> str:
    """Return the address of the storage; empty: Amazon's. Raises StorageError for what is none.

    A variable that is set to nothing, as Compose has them, is removed: the client would take it at
    its word, and end the process.
    """
    for name in [each for each in os.environ if each.startswith("AWS_")]:
        if not os.environ[name]:
            del os.environ[name]
    for name in _ENDPOINTS:
        endpoint = os.environ.get(name, "")
        address = urlsplit(endpoint)
        if endpoint and not (address.scheme in {"http", "https"} and address.hostname):
            shown = hide_addresses(endpoint)[:200]
            raise StorageError(f"{name}={shown}: must be an address such as https://s3.example.org")
    return next((found for name in _ENDPOINTS if (found := os.environ.get(name))), "")


def _prefix(within: Sequence[str]) -> str | None:
    return "/".join(within) + "/" if within else None


def _first_line(error: Exception) -> str:
    return hide_addresses(str(error).strip().splitlines()[0])[:300]
