"""PictureIndex in memory: the plain filter of the domain over the records of a test."""

from collections import Counter
from itertools import islice

from pycturestream.contracts.detections import read_searched
from pycturestream.domain.cameras.eye import is_eye_camera
from pycturestream.domain.search.order import ordered
from pycturestream.domain.search.query import Query
from pycturestream.domain.times import parse_rfc3339
from pycturestream.stores.picture_search import CAMERA, COUNT_LIMIT, LABEL, SITE, ZONE, Page


class FakePictureIndex:
    """Searches records that a test put there; `fault` is raised instead of an answer."""

    def __init__(self, records=(), zones=()):
        self.records = records if isinstance(records, list) else list(records)
        self.zones = dict(zones)
        """Time zones by camera."""
        self.fault = None
        self.asked = []
        """Fields whose values were asked for."""

    def find(self, query, order, limit):
        return islice(iter(self._matching(query, order)), limit)

    def page(self, query, order, size, after):
        found = self._matching(query, order)
        rest = found
        if after:  # it may be the position of a picture that this query does not find
            everything = self._matching(Query(run=query.run), order)
            keys = [self._position(record, order) for record in everything]
            later = everything[keys.index(after) + 1 :]
            rest = [record for record in later if record in found]
        shown = rest[:size]
        end = self._position(shown[-1], order) if len(rest) > size else None
        return Page(shown, end, None if after else min(len(found), COUNT_LIMIT))

    def at(self, run, camera_id, captured_at):
        self._answer()
        return [
            record
            for record in self.records
            if (record["run"], record["camera_id"]) == (run, camera_id)
            and parse_rfc3339(record["captured_at"]) == captured_at
        ]

    def known(self, run, field, cameras=(), *, phones=True):
        self._answer()
        self.asked.append(field)
        values = {
            CAMERA: lambda record: [record["camera_id"]],
            SITE: lambda record: [record["site"]],
            LABEL: lambda record: record["labels"],
            ZONE: lambda record: [zone for each in record["objects"] for zone in each["zones"]],
        }[field]
        counts = Counter(
            value
            for record in self.records
            if record["run"] == run
            and (not cameras or record["camera_id"] in cameras)
            and (phones or not is_eye_camera(record["camera_id"]))
            for value in values(record)
        )
        return [value for value, _ in counts.most_common()]

    def time_zones(self, query):
        self._answer()
        return {
            zone
            for name, zone in self.zones.items()
            if (not query.cameras or name in query.cameras)
            and (query.phones or not is_eye_camera(name))
        }

    def _matching(self, query, order):
        self._answer()
        pictures = {record["id"]: record for record in self.records}
        found = [read_searched(record) for record in pictures.values()]
        matching = ordered([each for each in found if query.matches(each)], query, order)
        return [pictures[picture.id] for picture in matching]

    @staticmethod
    def _position(record, order):
        at = parse_rfc3339(record["captured_at"])
        if order.key == "captured":
            return [at, record["id"]]
        return [record["camera_id"] if order.key == "camera" else 0, at, record["id"]]

    def _answer(self):
        if self.fault:
            raise self.fault
