"""The record of `detections`: one per processed frame, also when nothing was found in it.

It is written after the rules, so that it also holds the threats of its frame.
"""

from collections.abc import Mapping, Sequence
from itertools import starmap
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.structs import replace

from pycturestream.contracts.codec import Fraction, Natural, Whole, encode_record, reading
from pycturestream.domain.alerts.alert import Alert
from pycturestream.domain.alerts.facts import Figure
from pycturestream.domain.cameras.camera import Level
from pycturestream.domain.detection import PERSON, Detection
from pycturestream.domain.frames.admission import Admitted, Place
from pycturestream.domain.frames.frame import LIVE, is_camera_id
from pycturestream.domain.frames.picture_measure import (
    COLUMNS,
    ROWS,
    PictureFault,
    PictureMeasure,
    fault_of,
)
from pycturestream.domain.frames.sender import read_sender
from pycturestream.domain.geometry import SECTOR_CENTERS, BoundingBox, sector
from pycturestream.domain.pipeline.events import FrameDetections, JudgedFrame, ModelVersion
from pycturestream.domain.search.picture import SearchedObject, SearchedPicture
from pycturestream.domain.threats.view_fault import Fault, ViewFault
from pycturestream.domain.times import (
    Millis,
    local_minute,
    parse_rfc3339,
    parse_this_century,
    rfc3339,
)
from pycturestream.domain.tracking.scene import HiddenObject, NarratedObject, SeenObject

Box = tuple[Fraction, Fraction, Fraction, Fraction]
"""x_min, y_min, x_max, y_max, each 0..1 of the picture, from the top left."""
Pixels = Annotated[int, Meta(ge=1, le=65_535)]
"""A side of a JPEG."""


class PictureRecord(Struct, frozen=True):
    """Where a picture is, and until when."""

    topic: str
    partition: Annotated[int, Meta(ge=0, le=2**31 - 1)]
    offset: Natural
    expires_at: str = ""
    archive: str | None = None
    """Within the archive; known only where a record is joined with what that holds."""
    reference: str | UnsetType = UNSET
    """Of a picture that was too large for the log; left out for all others."""


class LabelCountRecord(Struct, frozen=True):
    """How many objects of one label a frame shows."""

    label: str
    count: Natural


class ObjectRecord(Struct, frozen=True):
    """An object in a frame, with its track."""

    label: str
    """Of the track: the label that most of its detections had."""
    score: Fraction
    box: Box
    track_id: str | None = ""
    sector: str = ""
    zones: tuple[str, ...] = ()
    stationary: bool = False
    detected_as: str | UnsetType = UNSET
    """The label of this detection, where it is not the track's."""
    weak: bool | UnsetType = UNSET
    """True where the detection is below the model's threshold; left out otherwise."""
    approaching: bool | UnsetType = UNSET
    """True where its box grows as that of an object coming closer; left out otherwise."""


class CandidateRecord(Struct, frozen=True):
    """A weak detection that belongs to no track."""

    label: str
    score: Fraction
    box: Box


class HiddenRecord(Struct, frozen=True):
    """An object in view that the frame does not show, where it was last seen."""

    label: str
    track_id: str
    sector: str = ""
    zones: tuple[str, ...] = ()
    seen_at: str = ""


class ThreatRecord(Struct, frozen=True):
    """An open alert about an object of the frame."""

    rule: str
    level: Level
    alert_id: str


class ViewFaultRecord(Struct, frozen=True):
    """What is wrong with the view of a camera, and since when."""

    fault: Fault
    since: str
    now: Figure = 0.0
    usual: Figure = 0.0
    likeness: Figure = 0.0


class DetectionsRecord(Struct, frozen=True, kw_only=True):
    """One frame. What has a default here is not needed to read the record back."""

    id: str = ""
    run: str = LIVE
    frame_id: str = ""
    camera_id: str
    site: str = ""
    setting: str = ""
    captured_at: str
    camera_captured_at: str | None
    """None of older programs: the same as `captured_at`."""
    clock_corrected: bool
    received_at: str
    processed_at: str
    latency_ms: Whole | None = None
    """None in a replay: only a live picture can be late."""
    weekday: Natural = 0
    hour: Natural = 0
    width: Pixels
    height: Pixels
    models: tuple[ModelVersion, ...]
    """Those that ran; the first one, for objects, is part of `id`."""
    picture: PictureRecord
    labels: tuple[str, ...] = ()
    label_counts: tuple[LabelCountRecord, ...] = ()
    objects: tuple[ObjectRecord, ...]
    candidates: tuple[CandidateRecord, ...] = ()
    hidden: tuple[HiddenRecord, ...] | UnsetType = UNSET
    """Left out where there is none: all other fields say what the frame shows."""
    threats: tuple[ThreatRecord, ...] = ()
    view_fault: ViewFaultRecord | UnsetType = UNSET
    """What is wrong with the camera's view; left out unless a rule asks for it, and where nothing
    is. Rules that are tried on the past go by it."""
    measure: PictureMeasure | UnsetType | None = UNSET
    """Left out unless a rule of the camera is about its pictures. Only of older programs with its
    16x12 shades: they are next to no picture, but it would be kept for as long as the record."""
    picture_fault: PictureFault | UnsetType = UNSET
    """Why nothing can be seen in the picture; left out where something can. Of any camera: who asks
    what is there must not be told that nothing is."""
    sender: str | UnsetType = UNSET
    """Who sent the frame; left out where it did not say so."""


class InView(Struct, frozen=True):
    """What is in view with a frame, for a listener."""

    captured_at: Millis
    camera_captured_at: Millis
    """The same as its sender wrote it, whatever the sender's clock said."""
    objects: tuple[NarratedObject, ...]
    fault: PictureFault


_DECODER = msgspec.json.Decoder(DetectionsRecord)
_THREATS = b'"threats":'
_NO_THREATS = _THREATS + b"[]"
_VIEW_FAULT = b',"view_fault":'


def detections_record(judged: JudgedFrame, run: str, picture_life_ms: int) -> DetectionsRecord:
    found, tracked, camera = judged.found, judged.frame, judged.camera
    frame, model, place, name = found.frame, found.model, found.frame.place, tracked.frame_id
    local = local_minute(frame.captured_at, camera.timezone)
    counts: dict[str, int] = {}
    for seen in tracked.seen:
        counts[seen.label] = counts.get(seen.label, 0) + 1
    return DetectionsRecord(
        id=f"{name}:{model.name}@{model.version}",
        run=run,
        frame_id=name,
        camera_id=frame.camera_id,
        site=camera.site,
        setting=camera.setting,
        captured_at=rfc3339(frame.captured_at),
        camera_captured_at=rfc3339(frame.camera_captured_at),
        clock_corrected=frame.clock_corrected,
        received_at=rfc3339(frame.received_at),
        processed_at=rfc3339(found.processed_at),
        latency_ms=found.processed_at - frame.captured_at if run == LIVE else None,
        weekday=local.isoweekday(),
        hour=local.hour,
        width=frame.width,
        height=frame.height,
        models=(model, *found.further_models),
        picture=PictureRecord(
            place.topic,
            place.partition,
            place.offset,
            rfc3339(frame.received_at + picture_life_ms),
            reference=frame.reference or UNSET,
        ),
        labels=tuple(sorted(counts)),
        label_counts=tuple(starmap(LabelCountRecord, sorted(counts.items()))),
        objects=tuple(map(_object, tracked.seen)),
        candidates=tuple(map(_candidate, tracked.candidates)),
        hidden=tuple(map(_hidden, tracked.hidden)) or UNSET,
        threats=tuple(map(_threat, judged.threats)),
        view_fault=_view_fault(judged.view_fault) if judged.view_fault else UNSET,
        measure=_stored(found.measure) if found.measure and camera.judges_its_view else UNSET,
        picture_fault=(fault_of(found.measure) if found.measure else "") or UNSET,
        sender=frame.sender or UNSET,
    )


def with_judgement(
    record: bytes, threats: Sequence[Alert], view_fault: ViewFault | None = None
) -> bytes:
    """Return a record that was encoded before its frame was judged, with what the rules say.

    Nothing else in it is decoded: the quotes of a text are escaped, so its field can't be mistaken.
    """
    if not threats and not view_fault:
        return record
    before, empty, after = record.partition(_NO_THREATS)
    if not empty:
        raise ValueError("a record that has no empty list of threats")
    judged = [before, _THREATS, encode_record([_threat(alert) for alert in threats])]
    if view_fault:
        judged += [_VIEW_FAULT, encode_record(_view_fault(view_fault))]
    return b"".join((*judged, after))


def decode_detections(data: bytes) -> FrameDetections:
    """Return what was found in a frame, without its digest: no record holds that.

    Raises CodecError for bytes that are no record of `detections`.
    """
    with reading():
        return as_detections(_DECODER.decode(data))


def decode_live_detections(data: bytes, camera_id: str) -> FrameDetections | None:
    """Return the same of a camera's live frame, None for a frame of another run.

    Raises CodecError for bytes that are no record of `detections` of this camera.
    """
    with reading():
        read = _DECODER.decode(data)
        if read.camera_id != camera_id:
            raise ValueError(f"camera_id: {read.camera_id[:80]!a}, expected {camera_id!r}")
        return as_detections(read) if read.run == LIVE else None


def read_detections(record: Mapping[str, Any]) -> FrameDetections:
    """Return the same from a record that has been decoded, such as a hit of a search.

    Raises CodecError for what is no record of `detections`.
    """
    with reading():
        return as_detections(msgspec.convert(record, DetectionsRecord))


def decode_detections_record(data: bytes) -> DetectionsRecord:
    """Return a record as it was written, checked. Raises CodecError for bytes that are none."""
    with reading():
        read = _DECODER.decode(data)
        as_detections(read)
        return read


def read_detections_record(record: Mapping[str, Any]) -> DetectionsRecord:
    """Return the same from a record that has been decoded. Raises CodecError for what is none."""
    with reading():
        read = msgspec.convert(record, DetectionsRecord)
        as_detections(read)
        return read


def as_detections(read: DetectionsRecord) -> FrameDetections:
    """Return what was found in the frame of a record.

    Raises ValueError for times, a camera, models or measures that are none.
    """
    model, *further_models = read.models
    if not is_camera_id(read.camera_id):
        raise ValueError(f"camera_id: {read.camera_id[:80]!a} can't name a camera")
    for box in (*(each.box for each in read.objects), *(each.box for each in read.candidates)):
        if box[0] > box[2] or box[1] > box[3]:
            raise ValueError(f"box: {box} has no inside")
    if read.measure and len(read.measure.thumbnail) not in {0, COLUMNS * ROWS}:
        raise ValueError(f"thumbnail: {len(read.measure.thumbnail)} shades")
    return FrameDetections(
        frame=Admitted(
            camera_id=read.camera_id,
            place=Place(read.picture.topic, read.picture.partition, read.picture.offset),
            received_at=parse_this_century(read.received_at),
            captured_at=parse_this_century(read.captured_at),
            camera_captured_at=parse_rfc3339(read.camera_captured_at or read.captured_at),
            clock_corrected=read.clock_corrected,
            width=read.width,
            height=read.height,
            reference=read.picture.reference or None,
            sender=read_sender((read.sender or "").encode("utf-8", "replace")),
        ),
        digest="",
        model=model,
        detections=(
            *(
                Detection(
                    each.detected_as or each.label,
                    each.score,
                    BoundingBox(*each.box),
                    each.weak is True,
                )
                for each in read.objects
            ),
            *(
                Detection(each.label, each.score, BoundingBox(*each.box), weak=True)
                for each in read.candidates
            ),
        ),
        processed_at=parse_this_century(read.processed_at),
        measure=read.measure or None,
        view_fault=_as_view_fault(read.view_fault) if read.view_fault else None,
        further_models=tuple(further_models),
    )


def read_searched(record: Mapping[str, Any]) -> SearchedPicture:
    """Return what a search needs of a record that has been decoded.

    Raises CodecError for what is no record of `detections`.
    """
    with reading():
        read = msgspec.convert(record, DetectionsRecord)
        return SearchedPicture(
            id=read.id,
            run=read.run,
            camera_id=read.camera_id,
            site=read.site,
            captured_at=parse_this_century(read.captured_at),
            weekday=read.weekday,
            hour=read.hour,
            objects=tuple(
                SearchedObject(
                    each.label,
                    each.score,
                    BoundingBox(*each.box),
                    each.track_id or "",
                    each.sector,
                    each.zones,
                )
                for each in read.objects
            ),
            levels=tuple(threat.level for threat in read.threats),
        )


def decode_in_view(data: bytes) -> InView:
    """Return what is in view with a frame. Raises CodecError for bytes that are no such record."""
    with reading():
        read = _DECODER.decode(data)
        return InView(
            parse_this_century(read.captured_at),
            parse_rfc3339(read.camera_captured_at or read.captured_at),
            objects_in_view(read),
            fault_in_view(read),
        )


def people_in(read: DetectionsRecord) -> tuple[BoundingBox, ...]:
    """Return the boxes of all that may be people in a frame, as far as blurring needs them.

    That is everything detected as a person, weak or not and with a track or not, and what is no
    person in this frame but the track of one.
    """
    tracked = (each.box for each in read.objects if PERSON in {each.label, each.detected_as})
    candidates = (each.box for each in read.candidates if each.label == PERSON)
    return tuple(BoundingBox(*box) for box in (*tracked, *candidates))


def fault_in_view(read: DetectionsRecord) -> PictureFault:
    """Return why nothing can be seen in a picture; empty where something can.

    Of records of older programs only those with a measure say so.
    """
    return read.picture_fault or (fault_of(read.measure) if read.measure else "")


def objects_in_view(read: DetectionsRecord) -> tuple[NarratedObject, ...]:
    """Return what is in view with a frame, as far as narration needs it.

    For a listener who asks what is there now, or looks for something. How sure an object is goes
    by its score in this frame, and the place of a hidden one is the middle of its sector.
    """
    seen = (
        NarratedObject(
            label=each.label,
            track_id=each.track_id or "",
            confirmed=True,
            sector=sector(BoundingBox(*each.box).center),
            seen_before=True,
            center=BoundingBox(*each.box).center,
            certainty=each.score,
            approaching=each.approaching is True,
        )
        for each in read.objects
    )
    hidden = (
        NarratedObject(
            label=each.label,
            track_id=each.track_id,
            confirmed=True,
            sector=each.sector,
            seen_before=True,
            center=SECTOR_CENTERS[each.sector],
            certainty=1.0,
            approaching=False,
        )
        for each in read.hidden or ()
        if each.sector in SECTOR_CENTERS
    )
    return (*seen, *hidden)


def _threat(alert: Alert) -> ThreatRecord:
    return ThreatRecord(alert.rule, alert.level, alert.alert_id)


def _stored(measure: PictureMeasure) -> PictureMeasure:
    return replace(measure, thumbnail=b"")


def _view_fault(found: ViewFault) -> ViewFaultRecord:
    return ViewFaultRecord(
        found.fault, rfc3339(found.since), found.now, found.usual, found.likeness
    )


def _as_view_fault(read: ViewFaultRecord) -> ViewFault:
    since = parse_this_century(read.since)
    return ViewFault(read.fault, since, read.now, read.usual, read.likeness)


def _object(seen: SeenObject) -> ObjectRecord:
    label, detected_as = seen.label, seen.detected_as
    return ObjectRecord(
        label,
        seen.score,
        _sides(seen.box),
        seen.track_id,
        seen.sector,
        seen.zones,
        seen.stationary,
        UNSET if detected_as == label else detected_as,
        seen.weak or UNSET,
        seen.approaching or UNSET,
    )


def _candidate(detection: Detection) -> CandidateRecord:
    return CandidateRecord(detection.label, detection.score, _sides(detection.box))


def _hidden(hidden: HiddenObject) -> HiddenRecord:
    return HiddenRecord(
        hidden.label, hidden.track_id, hidden.sector, hidden.zones, rfc3339(hidden.seen_at)
    )


def _sides(box: BoundingBox) -> Box:
    return box.x_min, box.y_min, box.x_max, box.y_max
