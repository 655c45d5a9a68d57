"""Trying rules on the detections of the past."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from elasticsearch import Elasticsearch

from pycturestream.config.limits import pipeline_limits
from pycturestream.config.settings import Settings
from pycturestream.contracts.alerts import alert_record, as_alert
from pycturestream.contracts.detections import read_detections
from pycturestream.domain.alerts.alert_record import AlertRecord
from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.pipeline.events import FrameDetections
from pycturestream.domain.times import Millis
from pycturestream.domain.trials import rule_trial
from pycturestream.domain.trials.rule_trial import Trial, lead_ms, new_masks, read_background
from pycturestream.stores.search import Scope, find_camera_events, find_history

TrialProgress = Callable[
    [Iterable[FrameDetections], str, Millis, Millis], Iterable[FrameDetections]
]
"""Called with a camera's frames, its id, and the begin and end of the time; yields the frames."""


@dataclass(frozen=True, slots=True)
class TrialAlerts:
    """The alerts that two sets of rules raise on the same detections."""

    current: list[AlertRecord] = field(default_factory=list)
    candidate: list[AlertRecord] = field(default_factory=list)


def try_rules(
    client: Elasticsearch,
    current: Mapping[str, Camera],
    candidate: Mapping[str, Camera],
    begin: Millis,
    end: Millis,
    settings: Settings,
    progress: TrialProgress | None = None,
) -> TrialAlerts:
    """Return the alerts that current and candidate settings raise from `begin` until `end`.

    Both hold the settings of the same cameras, by id. Lets elasticsearch.ApiError and
    elasticsearch.TransportError through.
    """
    alerts = TrialAlerts()
    limits = pipeline_limits(settings, "live")
    for name, camera in candidate.items():
        first = begin - lead_ms((current[name], camera))
        scope = Scope(camera_id=name, since=first, until=end)
        background = read_background(find_camera_events(client, scope))
        trials = [
            Trial(current[name], background, limits),
            Trial(camera, background, limits, new_masks(current[name], camera)),
        ]
        history: Iterable[FrameDetections] = map(read_detections, find_history(client, scope))
        if progress:
            history = progress(history, name, first, end)
        by_current, by_candidate = rule_trial.run(trials, history, end)
        for raised, changes in ((alerts.current, by_current), (alerts.candidate, by_candidate)):
            found = (as_alert(alert_record(change, "trial")) for change in changes)
            raised += [alert for alert in found if begin <= alert.raised_at < end]
    return alerts
