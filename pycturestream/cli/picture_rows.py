"""Pictures that were found as rows: for people, as CSV, and as a Parquet file."""

import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from pycturestream.application.picture_columns import COLUMNS, columns
from pycturestream.cli.formatting import Json, local_second, when
from pycturestream.cli.output import print_json, print_table
from pycturestream.contracts.csv_rows import write_csv
from pycturestream.contracts.detection_words import seen, threats
from pycturestream.contracts.detections import read_searched
from pycturestream.domain.times import parse_rfc3339


class Rows:
    """Takes the records of pictures, some at a time."""

    def add(self, records: Sequence[Json]) -> None:
        raise NotImplementedError

    def end(self) -> None:
        """Show or write what has not been so far."""

    def abandon(self) -> None:
        """Take back what was not ended; after `end` nothing."""


class JsonRows(Rows):
    """One record a line."""

    def add(self, records: Sequence[Json]) -> None:
        print_json(records)


class TableRows(Rows):
    """A table, once all records are known."""

    def __init__(self, timezone: str) -> None:
        self._timezone = timezone
        """Whose clock is shown; empty: UTC."""
        self._rows: list[tuple[str, ...]] = []

    def add(self, records: Sequence[Json]) -> None:
        self._rows += (
            (
                self._when(record["captured_at"]),
                record["camera_id"],
                seen(record),
                threats(record),
                record["frame_id"],
            )
            for record in records
        )

    def end(self) -> None:
        columns = ("captured", "camera", "shows", "threats", "frame")
        print_table(columns, self._rows, empty="no matching picture")

    def _when(self, captured_at: str) -> str:
        if not self._timezone:
            return when(captured_at)
        return local_second(parse_rfc3339(captured_at), self._timezone)


class CsvRows(Rows):
    """Comma-separated values, a row for each picture, with a header."""

    def __init__(self) -> None:
        write_csv(sys.stdout, [COLUMNS])

    def add(self, records: Sequence[Json]) -> None:
        rows = map(columns, records)
        write_csv(sys.stdout, ([row[name] for name in COLUMNS] for row in rows))

    def end(self) -> None:
        sys.stdout.flush()


class ParquetRows(Rows):
    """A Parquet file, a row for each picture; it is there once all of it is written."""

    def __init__(self, path: Path) -> None:
        # Only this needs pyarrow's part for Parquet, which takes a tenth of a second to load.
        import pyarrow as pa  # noqa: PLC0415
        from pyarrow import parquet  # noqa: PLC0415

        self._path, self._part = path, path.with_name(f".{path.name}.part")
        self._arrow = pa
        threat = {"rule": pa.string(), "level": pa.int8(), "alert_id": pa.string()}
        found = {
            "label": pa.string(),
            "score": pa.float64(),
            "box": pa.list_(pa.float64()),
            "size": pa.float64(),
            "track_id": pa.string(),
            "sector": pa.string(),
            "zones": pa.list_(pa.string()),
            "stationary": pa.bool_(),
        }
        self._schema = pa.schema(
            {
                "captured_at": pa.timestamp("ms", tz="UTC"),
                "camera_id": pa.string(),
                "site": pa.string(),
                "weekday": pa.int8(),
                "hour": pa.int8(),
                "shows": pa.string(),
                "count": pa.int32(),
                "max_score": pa.float64(),
                "max_size": pa.float64(),
                "level": pa.int8(),
                "threats": pa.list_(pa.struct(threat)),
                "objects": pa.list_(pa.struct(found)),
                "width": pa.int32(),
                "height": pa.int32(),
                "frame_id": pa.string(),
                "run": pa.string(),
                "expires_at": pa.timestamp("ms", tz="UTC"),
                "archive": pa.string(),
                "id": pa.string(),
            }
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        self._writer: Any = parquet.ParquetWriter(self._part, self._schema)

    def add(self, records: Sequence[Json]) -> None:
        rows = [_nested_columns(record) for record in records]
        self._writer.write_table(self._arrow.Table.from_pylist(rows, self._schema))

    def end(self) -> None:
        self._writer.close()
        self._part.replace(self._path)

    def abandon(self) -> None:
        with suppress(Exception):  # closing fails again where the disk is full
            self._writer.close()
        self._part.unlink(missing_ok=True)


def _nested_columns(record: Json) -> dict[str, Any]:
    """Return the same with times as such, and with each object and threat."""
    expires_at = record["picture"]["expires_at"]
    sizes = [found.size for found in read_searched(record).objects]
    return {
        **columns(record),
        "captured_at": parse_rfc3339(record["captured_at"]),
        "expires_at": parse_rfc3339(expires_at) if expires_at else None,
        "threats": record["threats"],
        "objects": [
            {**found, "size": size} for found, size in zip(record["objects"], sizes, strict=True)
        ],
    }
