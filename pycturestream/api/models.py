"""Requests and responses of the API, as its OpenAPI document describes them."""

from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field, model_validator

from pycturestream.api.problems import Problem
from pycturestream.domain.alerts.alert_command import check_silence
from pycturestream.domain.cameras.camera import About, Level, Setting
from pycturestream.domain.frames.frame import RUN_NAME, is_camera_id
from pycturestream.domain.geometry import Edge, Point
from pycturestream.domain.notifications.recipient import Channel
from pycturestream.domain.times import Millis, parse_duration, parse_rfc3339
from pycturestream.languages.catalog import Language

REASON_LIMIT = 500
"""Characters."""

Time = Annotated[str | None, Query(description="2h or 3d: that long ago; or an RFC 3339 time")]


RunName = Annotated[
    str, Query(pattern=f"^{RUN_NAME.pattern}$", description="live, or the name of a replay")
]


class Command(BaseModel):
    """A command about an alert: a record of the topic `alert-commands`."""

    id: str
    command: Literal["acknowledge", "wrong", "silence"]
    camera_id: str
    alert_id: str | None
    rule: str | None
    until: str | None
    by: str
    reason: str
    at: str
    raised_at: str | None = None
    """When the alert was raised; null for a silence, and for commands of older programs."""


class Alert(BaseModel):
    """A record of the topic `alerts` as it is now, with the commands about it."""

    model_config = ConfigDict(extra="allow")  # a newer job may write more fields

    id: str
    run: str
    revision: int
    state: Literal["raised", "updated", "cleared"]
    camera_id: str
    site: str
    rule: str
    level: int
    label: str | None
    zones: list[str]
    track_ids: list[str]
    raised_at: str
    updated_at: str
    cleared_at: str | None
    reason: str
    frame_id: str | None
    count: int
    facts: dict[str, Any] | None = Field(
        None, description="What `reason` says, without a language; older jobs wrote none."
    )
    acknowledged: Command | None
    silenced: Command | None
    wrong: Command | None


class Mark(BaseModel):
    """Why a camera has too many alerts, or too few."""

    against: Literal["peers", "past"]
    direction: Literal["above", "below"]
    expected: float
    chance: float
    why: str


class Day(BaseModel):
    """24 hours of a camera."""

    start: str
    alerts: int
    hours: float


class Rate(BaseModel):
    """The alerts of a camera in a period."""

    camera_id: str
    alerts: int
    hours: float
    per_day: float | None
    per_hour: float | None
    marks: list[Mark]
    days: list[Day]


class FalseAlarm(BaseModel):
    """An alert that was marked as a false alarm, and what it was about."""

    alert_id: str
    camera_id: str
    rule: str
    label: str | None
    zones: list[str]
    raised_at: str
    frame_id: str | None
    score: float | None
    box: list[float] | None
    by: str
    reason: str
    at: str


class Suggestion(BaseModel):
    """A setting that would have avoided false alarms, and kept the true alerts."""

    kind: Literal["mask", "min_score", "zone"]
    camera_id: str
    rule: str | None
    value: float | list[list[float]]
    alert_ids: list[str]
    why: str


class FalseAlarms(BaseModel):
    """The false alarms that are still kept, and suggested settings."""

    wrong: list[FalseAlarm]
    suggestions: list[Suggestion]


class ListedRule(BaseModel):
    """What a rule is about."""

    name: str
    about: About
    labels: list[str] = Field(description="None named: all but those that the camera tolerates.")
    zones: list[str] = Field(description="None named: anywhere.")
    level: Level


class ListedCamera(BaseModel):
    """What is shown of a camera's settings. Points are shares of the picture's width and height."""

    camera_id: str
    site: str
    setting: Setting
    timezone: str
    zones: dict[str, list[Point]]
    lines: dict[str, Edge]
    masks: dict[str, list[Point]]
    rules: list[ListedRule]
    annotated: bool = Field(description="Whether annotated pictures of it are published.")
    archive: bool = Field(description="Whether any of its pictures are archived.")
    originals: bool = Field(description="Whether its pictures may leave unblurred.")


class PicturePage(BaseModel):
    """Some of the pictures that were found, in order."""

    pictures: list[dict[str, Any]] = Field(
        description="Records of the topic `detections`, with what each `shows` in words."
    )
    next: str | None = Field(description="`after` of the next page; null: there is none.")
    found: int | None = Field(description="How many there are in all; null after the first page.")
    more_than_found: bool = Field(description="Whether only so many were counted.")
    clock: str = Field(description="The time zone that times without one were read in, or empty.")
    hints: list[str] = Field(description="Names that no record has, where nothing was found.")


class Labels(BaseModel):
    """The labels that pictures can be searched by."""

    seen: list[str] = Field(description="Those that pictures show, the most frequent first.")
    known: list[str] = Field(description="Those, and all that the models here can find.")


class Subscription(BaseModel):
    """Which alerts a recipient gets: without cameras and sites, those of all."""

    cameras: list[str]
    sites: list[str]
    level: Level = Field(description="The lowest level.")


class Recipient(BaseModel):
    """A recipient, its channels, and its alerts: those that any entry of `alerts` covers."""

    name: str
    channels: list[Channel]
    language: Language = Field(description="Of the messages.")
    alerts: list[Subscription]


class SentTestMessage(BaseModel):
    """A test message that was accepted on all channels."""

    recipient: str
    id: str = Field(description="Part of the email's `Message-ID`, and the `webhook-id`.")
    taken: list[Channel]


class RejectedTestMessage(Problem):
    """A test message that a channel rejected."""

    recipient: str
    taken: list[Channel]
    refused: dict[Channel, str] = Field(description="Why, by channel.")


class Reason(BaseModel):
    """The reason of a command."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field("", max_length=REASON_LIMIT)


class FalseAlarmReason(BaseModel):
    """Why an alert was a false alarm, to avoid the next one."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field(min_length=1, max_length=REASON_LIMIT)


class Silence(BaseModel):
    """No messages about a camera, or about one of its rules, for a time."""

    model_config = ConfigDict(extra="forbid")

    camera_id: str
    rule: str | None = Field(None, min_length=1, max_length=200)
    until: str | None = Field(None, description="RFC 3339, such as 2026-11-21T11:00:00Z")
    duration: str | None = Field(None, alias="for", description="30m, 2h, 3d: from now on")
    reason: str = Field("", max_length=REASON_LIMIT)

    @model_validator(mode="after")
    def _has_one_end(self) -> "Silence":
        if (self.until is None) == (self.duration is None):
            raise ValueError("give either `for` or `until`")
        if not is_camera_id(self.camera_id):
            raise ValueError("camera_id: not a valid camera id")
        return self

    def ends_at(self, now: Millis) -> Millis:
        """Return when it ends; ValueError where that is no time, in the past, or too far away."""
        end = parse_rfc3339(self.until) if self.until else now + parse_duration(self.duration or "")
        check_silence(now, end)
        return end
