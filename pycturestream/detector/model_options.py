"""How a model is run, whichever model it is."""

from msgspec import Struct
from msgspec.structs import replace

from pycturestream.config.settings import ArithmeticSetting, Quality, Settings


class ModelOptions(Struct, frozen=True):
    """What the settings `detection_…` and `processor_features` say; they describe it."""

    threads: int = 0
    """Threads of inference; 0: all cores of the machine."""
    arithmetic: ArithmeticSetting = "auto"
    quality: Quality = "balanced"
    features: str = ""
    """Of the processor, instead of those that it has."""

    @classmethod
    def of(cls, settings: Settings, threads: int | None = None) -> "ModelOptions":
        """Return what the settings say, or with another number of threads."""
        options = cls(
            settings.detection_threads,
            settings.detection_arithmetic,
            settings.detection_quality,
            settings.processor_features,
        )
        return options if threads is None else replace(options, threads=threads)
