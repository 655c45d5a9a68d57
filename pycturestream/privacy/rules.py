"""Which pictures may be where, and until when."""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path

from pycturestream.config.settings import Settings
from pycturestream.domain.times import Millis
from pycturestream.log.retention import DELETE_DELAY_MS, LATE_MS, picture_topics, retentions
from pycturestream.log.segments import read_batches, topic_of
from pycturestream.privacy.archived_files import ArchivedFiles


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether a picture may be where it is."""

    where: str
    """What stands for all places of the kind, such as `topic frames`."""
    allowed: bool
    why: str
    until: Millis = 0
    """When it should be gone; 0: it should not be there at all."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What is allowed, by the settings, and in the archive by its descriptions."""

    kept_ms: Mapping[str, int]
    """By topic that may hold pictures, how long at most."""
    reference_folder: Path | None = None
    archived: ArchivedFiles | None = None
    _ends: dict[Path, list[tuple[int, Millis]]] = field(default_factory=dict)
    """Of the file that was judged last: where each batch ends, and when it arrived."""

    @classmethod
    def of(cls, settings: Settings) -> "Rules":
        """Return what the settings allow."""
        kept = retentions(settings)
        folder = settings.reference_folder
        return cls(
            {topic: kept[topic].at_most_ms for topic in picture_topics(settings)},
            Path(folder).resolve() if folder else None,
            ArchivedFiles.of(settings),
        )

    def judge(self, path: Path, offset: int, now: Millis) -> Judgement:
        """Judge a picture at an offset of a file. Lets OSError through, as of a file that is gone.

        Whatever folder it is: the files of a log are known by their names.
        """
        if self.reference_folder and path.is_relative_to(self.reference_folder):
            return self._by_time_of_file(path, now)
        if self.archived and path.is_relative_to(self.archived.folder):
            return self._in_archive(self.archived, path, now)
        topic = topic_of(path.parent)
        if topic is not None and path.name.removesuffix(".deleted").endswith(".log"):
            return self._in_log(topic, path, offset, now)
        return Judgement(str(path.parent), allowed=False, why="no picture may be here")

    def _by_time_of_file(self, path: Path, now: Millis) -> Judgement:
        remove_at = path.stat().st_mtime_ns // 1_000_000 + DELETE_DELAY_MS + LATE_MS
        return _until(f"reference folder {self.reference_folder}", remove_at, now)

    def _in_archive(self, archived: ArchivedFiles, path: Path, now: Millis) -> Judgement:
        where = f"archive {archived.folder}"
        allowed = archived.allowed(path)
        match allowed:
            case "locked":
                return Judgement(where, allowed=True, why="locked")
            case "none":
                return Judgement(where, allowed=False, why="nothing describes it")
        return _until(where, allowed, now)

    def _in_log(self, topic: str, path: Path, offset: int, now: Millis) -> Judgement:
        where = f"topic {topic} in {path.parent.parent}"
        if topic not in self.kept_ms:
            return Judgement(where, allowed=False, why="no picture may be in this topic")
        arrived = self._arrived(path, offset)
        if arrived is None:
            return Judgement(where, allowed=False, why="in no record")
        return _until(where, arrived + self.kept_ms[topic], now)

    def _arrived(self, path: Path, offset: int) -> Millis | None:
        """Return when the record arrived that an offset of a segment's file lies in."""
        if path not in self._ends:
            self._ends.clear()
            self._ends[path] = []
        known = self._ends[path]
        if not known or known[-1][0] <= offset:
            # The broker may have written since.
            known[:] = [(batch.end, batch.newest_at) for batch in read_batches(path)]
        place = bisect_right(known, offset, key=itemgetter(0))
        return known[place][1] if place < len(known) else None


def _until(where: str, until: Millis, now: Millis) -> Judgement:
    if now <= until:
        return Judgement(where, allowed=True, why="within its time", until=until)
    return Judgement(where, allowed=False, why="past its time", until=until)
