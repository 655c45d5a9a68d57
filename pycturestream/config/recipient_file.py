"""Reads recipients.yaml, and reports all its mistakes at once, each with its line."""

import base64
import binascii
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from pycturestream.config.field_types import CameraId
from pycturestream.config.recipient_entry import KEYS, WHOLE, RecipientSettings
from pycturestream.config.yaml_file import (
    YamlFile,
    YamlFileError,
    YamlPath,
    describe_problem,
    mappings,
    show,
    texts,
)
from pycturestream.domain.notifications.recipient import Recipient
from pycturestream.public_address import host_of, without_secrets

_GROUP: TypeAdapter[tuple[str, ...]] = TypeAdapter(tuple[CameraId, ...])
_SECRET_PREFIX = "whsec_"  # noqa: S105 - what the standard writes before a secret


class RecipientFileError(YamlFileError):
    """Mistakes in a file of recipients."""


def read_recipient_file(path: Path, environment: Mapping[str, str]) -> tuple[Recipient, ...]:
    """Return the recipients of a file, with their secrets from the environment.

    Raises RecipientFileError.
    """
    file = YamlFile.read(path, RecipientFileError)
    file.report_unknown_keys(KEYS["file"])
    groups = _groups(file, file.document.get("groups"))
    listed = file.listed("recipients")
    found = [
        _recipient(file, ("recipients", index), own, groups, environment)
        for index, own in enumerate(listed)
    ]
    file.report_duplicates(("recipients",), "name", listed)
    file.check()
    return tuple(recipient for recipient in found if recipient is not None)


def _groups(file: YamlFile, groups: object) -> dict[str, tuple[str, ...]]:
    if groups is None:
        return {}
    if not isinstance(groups, dict):
        file.note(("groups",), "must be a mapping of group names to lists of cameras")
        return {}
    read: dict[str, tuple[str, ...]] = {}
    for name, members in groups.items():
        read[str(name)] = ()
        if members == []:  # it would mean all cameras
            file.note(("groups", name), "must not be empty")
        try:
            read[str(name)] = _GROUP.validate_python(members)
        except ValidationError as error:
            for problem in error.errors():
                file.note(
                    ("groups", name, *problem["loc"]), describe_problem(problem, KEYS, "file")
                )
    return read


def _recipient(
    file: YamlFile,
    at: YamlPath,
    own: object,
    groups: Mapping[str, tuple[str, ...]],
    environment: Mapping[str, str],
) -> Recipient | None:
    if not isinstance(own, dict):
        file.note(at, "must be a mapping with a name")
        return None
    for inner, message in _find_unknown_groups(own, groups):
        file.note((*at, *inner), message)
    try:
        settings = RecipientSettings.model_validate(own)
    except ValidationError as error:
        for problem in error.errors():
            # pydantic also calls a list with a wrong item empty; the item is reported by itself.
            if problem["type"] != "too_short" or not problem["input"]:
                file.note((*at, *problem["loc"]), _describe_problem(problem))
        return None
    recipient = settings.build(groups, environment)
    if recipient.webhook and settings.webhook and (fault := _fault_of(recipient.webhook.secret)):
        file.note((*at, "webhook", "secret"), f"{settings.webhook.secret}: {fault}")
    return recipient


def _describe_problem(problem: ErrorDetails) -> str:
    if problem["type"] in WHOLE:
        return problem["msg"]
    # The file may hold the secret itself, which no message may repeat. For chat services, the
    # address of a webhook is one.
    shown = None
    if "webhook" in problem["loc"]:
        text = str(problem["input"])
        shown = show(without_secrets(text)) if host_of(text) else "this value"
    return describe_problem(problem, KEYS, "recipient", shown)


def _fault_of(secret: str) -> str | None:
    """Return why the value of a secret can't sign, or None."""
    if not secret:
        return "is not set in the environment"
    try:
        key = base64.b64decode(secret.removeprefix(_SECRET_PREFIX), validate=True)
    except binascii.Error:
        key = b""
    if len(key) < 24:
        return "must be base64 of at least 24 bytes, as `openssl rand -base64 32` makes it"
    return None


def _find_unknown_groups(
    recipient: Mapping[str, Any], groups: Mapping[str, tuple[str, ...]]
) -> Iterator[tuple[YamlPath, str]]:
    """Yield the groups that a recipient names and the file does not have."""
    for index, entry in mappings(recipient.get("alerts")):
        for position, name in texts(entry.get("groups")):
            if name not in groups:
                known = ", ".join(groups) or "none, the file has no groups"
                yield (
                    ("alerts", index, "groups", position),
                    f"{show(name)}: no such group; allowed: {known}",
                )
