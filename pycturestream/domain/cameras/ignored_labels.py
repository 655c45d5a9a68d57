"""Labels that a place always shows: they violate only the rules that name them."""

from collections.abc import Mapping

from pycturestream.domain.cameras.camera import Setting

_FURNITURE = ("bench", "chair", "potted plant", "dining table", "clock", "vase", "umbrella")
DEFAULT_IGNORED_LABELS: Mapping[Setting, tuple[str, ...]] = {
    # Most outdoor cameras see a street, and things that always stand there.
    "outdoor": (
        *("bicycle", "car", "motorcycle", "airplane", "bus", "train", "truck", "boat"),
        *("traffic light", "fire hydrant", "stop sign", "parking meter", "bird", "kite"),
        *_FURNITURE,
    ),
    # A vehicle or an animal in a house is unusual; furniture and household goods are not.
    "indoor": (
        *("couch", "bed", "toilet", "tv", "laptop", "mouse", "remote", "keyboard"),
        *("cell phone", "microwave", "oven", "toaster", "sink", "refrigerator", "book"),
        *("teddy bear", "bottle", "wine glass", "cup", "bowl", "fork", "knife", "spoon"),
        *_FURNITURE,
    ),
}
"""Of the 80 COCO labels. People, animals and what people carry (backpack, suitcase) are left."""
