"""Proves what is kept of pictures, wherever the settings say that something is stored."""

import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from elasticsearch import ApiError, TransportError
from redis import RedisError

from pycturestream.archive.storage import archive_folder
from pycturestream.config.settings import Settings
from pycturestream.localstack.left_folders import PREFIX
from pycturestream.privacy.proof import Advance, Proof, Report, files_in
from pycturestream.privacy.rules import Rules
from pycturestream.public_address import without_secrets
from pycturestream.stores.elasticsearch import connect
from pycturestream.stores.everything import all_documents, all_values, count_documents
from pycturestream.stores.redis_client import connect as connect_redis

Progress = Callable[[str, int], Advance]
"""Called when a part of the search begins, with what it is and how many bytes or documents it has;
returns what is called as they are searched."""


def no_progress(_what: str, _total: int) -> Advance:
    """Show nothing."""
    return lambda _searched: None


def prove(
    settings: Settings,
    folders: Sequence[Path] = (),
    *,
    stores: bool = True,
    progress: Progress = no_progress,
) -> Report:
    """Search everything that the system writes, and these further folders, for pictures.

    Without `stores` Elasticsearch and Redis are not asked for what they hold.
    """
    proof = Proof(Rules.of(settings))
    left_out = [settings.download_folder.resolve(), Path(sys.prefix).resolve()]
    for each in left_out:
        proof.leave_out(str(each), "programs, as they were installed", by_request=True)
    for folder in (*written_folders(settings), *(folder.resolve() for folder in folders)):
        total = sum(_size(path) for path, _ in files_in(folder, left_out))
        proof.search_folder(folder, left_out, progress(str(folder), total))
    if settings.kafka_servers and not folders:
        proof.leave_out(
            f"files of the brokers at {settings.kafka_servers}",
            "they are on other machines: run this there, with --folder",
        )
    if archive_folder(settings) is None:
        why = "`pycturestream archive check` holds it against its descriptions"
        proof.leave_out(f"the archive at {settings.archive_place}", why, by_request=True)
    for what, search in (
        (f"Elasticsearch at {without_secrets(settings.elasticsearch)}", _search_elasticsearch),
        (f"Redis at {without_secrets(settings.redis)}", _search_redis),
    ):
        if stores:
            search(proof, settings, what, progress)
        else:
            proof.leave_out(what, "left out as asked", by_request=True)
    return proof.report()


def written_folders(settings: Settings) -> list[Path]:
    """Return the folders that the system writes to, as far as they exist.

    The data folder holds the log, Flink's checkpoints, the stores' files, logs and notifications.
    """
    data_folder = settings.data_folder.resolve()
    folders = [data_folder]
    if settings.reference_folder:
        folders.append(Path(settings.reference_folder).resolve())
    if archive := archive_folder(settings):
        folders.append(archive)
    folders += sorted(Path(tempfile.gettempdir()).resolve().glob(f"{PREFIX}*"))
    return [
        folder
        for place, folder in enumerate(folders)
        if folder.is_dir()
        and not folder.is_symlink()
        and not any(folder.is_relative_to(other) for other in folders[:place])
    ]


def _search_elasticsearch(proof: Proof, settings: Settings, what: str, progress: Progress) -> None:
    try:
        with connect(settings) as client:
            advance = progress(what, count_documents(client))
            proof.search_documents(what, all_documents(client), advance)
    except (ApiError, TransportError) as error:
        proof.leave_out(what, f"does not answer: {error.message}")


def _search_redis(proof: Proof, settings: Settings, what: str, progress: Progress) -> None:
    try:
        with closing(connect_redis(settings)) as client:
            size: Any = (
                client.dbsize()
            )  # its type promises what an asynchronous client returns, too
            advance = progress(what, size)
            proof.search_documents(what, all_values(client), advance)
    except RedisError as error:
        proof.leave_out(what, f"does not answer: {error}")


def _size(path: Path) -> int:
    try:
        return path.lstat().st_size
    except OSError:
        return 0
