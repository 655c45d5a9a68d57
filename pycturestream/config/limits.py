"""The limits of admission and of the pipeline, from the settings."""

from pycturestream.config.settings import Settings
from pycturestream.domain.frames.admission import AdmissionLimits
from pycturestream.domain.frames.frame import Mode
from pycturestream.domain.pipeline.limits import PipelineLimits


def admission_limits(settings: Settings, mode: Mode) -> AdmissionLimits:
    """Return the limits of a frame in a mode."""
    return AdmissionLimits(
        mode=mode,
        stale_after_ms=settings.stale_after_ms,
        clock_tolerance_ms=settings.clock_tolerance_ms,
        byte_limit=settings.message_byte_limit,
        pixel_limit=settings.picture_pixel_limit,
        side_minimum=settings.picture_side_minimum,
        unknown_cameras=settings.unknown_cameras,
        unknown_camera_limit=settings.unknown_camera_limit,
        second_sender=settings.second_sender,
        sender_hold_ms=settings.sender_hold_ms,
    )


def pipeline_limits(settings: Settings, mode: Mode) -> PipelineLimits:
    """Return the windows and timeouts of the pipeline in a mode."""
    return PipelineLimits(
        mode=mode,
        count_window_ms=settings.count_window_ms,
        offline_after_ms=settings.offline_after_ms,
        grace_ms=settings.stale_after_ms,
        clock_tolerance_ms=settings.clock_tolerance_ms,
        sender_hold_ms=settings.sender_hold_ms,
    )
