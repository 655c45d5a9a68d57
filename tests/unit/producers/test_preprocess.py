import cv2
import numpy as np
import pytest
from msgspec.structs import replace

from producers.picture import Picture
from producers.preprocess import DroppedPicture, Preprocessor
from pycturestream.clock import SystemClock
from pycturestream.config.settings import Settings
from pycturestream.domain.cameras.camera import Camera, Motion, Zone
from tests import jpegs

LEFT = Zone("left", ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0)))
LINE = Zone("line", ((0.1, 0.1), (0.5, 0.5), (0.9, 0.9)))
GATE = Camera("gate")
MASKED = Camera("gate", masks=(LEFT,))


def bright(width=64, height=48, seed=0):
    return np.random.default_rng(seed).integers(150, 256, (height, width, 3), dtype=np.uint8)


def as_jpeg(pixels, quality=95):
    return bytes(cv2.imencode(".jpg", pixels, (cv2.IMWRITE_JPEG_QUALITY, quality))[1])


def decoded(jpeg):
    return cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)


def upside_down(jpeg):
    """Return a JPEG whose EXIF says that it is to be rotated by 180°: orientation (0x112) 3."""
    tag = b"\x01\x12" + b"\0\x03" + b"\0\0\0\x01" + b"\0\x03\0\0"
    return with_exif(jpeg, b"MM\0*\0\0\0\x08" + b"\0\x01" + tag + b"\0\0\0\0")


def with_exif(jpeg, content):
    """Return a JPEG with an EXIF segment, where previews are kept too."""
    segment = b"Exif\0\0" + content
    return jpeg[:2] + b"\xff\xe1" + (len(segment) + 2).to_bytes(2, "big") + segment + jpeg[2:]


def picture(content, at=1000):
    return Picture(content, at, "test", clock_ahead=7)


@pytest.fixture
def preprocessor(clock):
    def preprocessor(**values):
        return Preprocessor("live", Settings(**values), clock)

    return preprocessor


def test_a_frame_holds_where_and_when_its_picture_was_taken(preprocessor):
    frame = preprocessor().preprocess(picture(b"jpeg"), GATE)

    assert (frame.camera_id, frame.captured_at, frame.jpeg) == ("gate", 1000, b"jpeg")
    assert (frame.mode, frame.source, frame.clock_ahead) == ("live", "test", 7)
    assert "reference" not in dict(frame.headers(1000))


# --- masks ------------------------------------------------------------------------------------


@pytest.mark.parametrize("encode", [lambda pixels: pixels, as_jpeg], ids=["pixels", "jpeg"])
def test_masked_pixels_never_leave(preprocessor, encode):
    frame = preprocessor().preprocess(picture(encode(bright())), MASKED)

    pixels = decoded(frame.jpeg)
    assert pixels[:, :32].max() < 60
    assert pixels[:, 40:].min() > 60


def test_without_masks_the_bytes_of_a_file_stay_as_they_are(preprocessor):
    content = with_exif(as_jpeg(bright()), as_jpeg(bright(16, 12)))

    assert preprocessor().preprocess(picture(content), GATE).jpeg == content


def test_a_preview_in_the_file_does_not_show_what_is_masked(preprocessor):
    preview = as_jpeg(bright(16, 12))
    content = with_exif(as_jpeg(bright()), preview)

    jpeg = preprocessor().preprocess(picture(content), MASKED).jpeg

    assert preview not in jpeg
    assert b"Exif" not in jpeg
    assert jpeg.count(b"\xff\xd8") == 1


def test_a_picture_that_is_to_be_turned_is_masked_as_people_see_it(preprocessor):
    left_white = np.zeros((48, 64, 3), np.uint8)
    left_white[:, :28] = 255

    frame = preprocessor().preprocess(picture(upside_down(as_jpeg(left_white))), MASKED)

    pixels = decoded(frame.jpeg)
    assert pixels[:, :30].max() < 60
    assert pixels[:, 40:].min() > 200


def test_bytes_behind_the_end_of_a_file_do_not_show_what_is_masked(preprocessor):
    appended = as_jpeg(bright(seed=1))

    jpeg = preprocessor().preprocess(picture(as_jpeg(bright()) + appended), MASKED).jpeg

    assert appended not in jpeg
    assert jpeg.endswith(b"\xff\xd9")
    assert decoded(jpeg)[:, :32].max() < 60


@pytest.mark.parametrize(
    "content",
    [b"", b"no picture", b"\x89PNG" + bytes(100), as_jpeg(bright())[:-500], bytes(200_000)],
    ids=["empty", "text", "png", "truncated", "large"],
)
def test_a_camera_with_masks_publishes_nothing_that_can_not_be_decoded(preprocessor, content):
    dropped = preprocessor().preprocess(picture(content), MASKED)

    assert dropped == DroppedPicture(
        "unmaskable", "can't be decoded, so that nothing in it can be masked"
    )


def test_a_picture_of_too_many_pixels_is_not_decoded_and_not_published(preprocessor):
    tested = preprocessor(picture_pixel_limit=64 * 48 - 1)

    assert tested.preprocess(picture(as_jpeg(bright())), MASKED).reason == "unmaskable"


@pytest.mark.parametrize(
    "content",
    [jpegs.arithmetic(64, 48, 900), jpegs.progressive(100, 100, channels=1, passes=60)],
    ids=["arithmetic-coding", "too-many-scans-for-its-size"],
)
def test_a_picture_that_would_keep_the_decoder_busy_is_not_decoded(preprocessor, content):
    dropped = preprocessor(picture_pixel_limit=10_000).preprocess(picture(content), MASKED)

    assert dropped.reason == "unmaskable"


def test_a_camera_whose_mask_hides_nothing_is_not_published_until_it_is_fixed(preprocessor):
    tested = preprocessor()
    bad = Camera("gate", masks=(LEFT, LINE))

    dropped = [tested.preprocess(picture(bright()), bad) for _ in range(2)]

    assert dropped == 2 * [DroppedPicture("unmaskable", "mask line: must have an area")]
    assert decoded(tested.preprocess(picture(bright()), MASKED).jpeg)[:, :32].max() < 60


def test_a_bad_mask_does_not_leave_the_former_settings_in_force(preprocessor):
    tested = preprocessor()
    tested.preprocess(picture(bright()), GATE)

    dropped = tested.preprocess(picture(bright()), Camera("gate", masks=(LINE,)))

    assert dropped.reason == "unmaskable"
    assert decoded(tested.preprocess(picture(bright()), GATE).jpeg)[:, :32].min() > 60


def test_settings_that_fail_half_way_leave_nothing_behind(preprocessor):
    """The settings before them must not count as applied: their masks are gone."""
    tested, whole = preprocessor(), Camera("gate", size="full")
    tested.preprocess(picture(bright()), MASKED)

    dropped = tested.preprocess(picture(bright()), whole)
    frame = tested.preprocess(picture(bright()), MASKED)

    assert dropped.reason == "not-stored"
    assert decoded(frame.jpeg)[:, :32].max() < 60


def test_a_new_mask_holds_from_the_next_picture_on(preprocessor):
    tested = preprocessor()

    frames = [tested.preprocess(picture(bright()), camera) for camera in (GATE, MASKED, GATE)]

    darkest = [decoded(frame.jpeg)[:, :30].mean() > 100 for frame in frames]
    assert darkest == [True, False, True]


# --- motion gate ------------------------------------------------------------------------------


def test_pictures_without_motion_are_dropped_without_a_line(preprocessor):
    tested, camera = preprocessor(), Camera("gate", motion=Motion("on"))

    found = [tested.preprocess(picture(bright(), at), camera) for at in range(0, 9000, 500)]

    assert not isinstance(found[0], DroppedPicture)
    assert found[1:] == 17 * [DroppedPicture("no-motion")]


def test_settings_that_do_not_concern_it_leave_the_gate_as_it_is(preprocessor):
    tested, camera = preprocessor(), Camera("gate", motion=Motion("on"))
    tested.preprocess(picture(bright(), 0), camera)

    found = tested.preprocess(picture(bright(), 500), replace(camera, site="north"))

    assert found == DroppedPicture("no-motion")


def test_a_gate_that_is_switched_off_lets_all_pass(preprocessor):
    tested = preprocessor()
    tested.preprocess(picture(bright(), 0), Camera("gate", motion=Motion("trigger")))

    assert not isinstance(tested.preprocess(picture(bright(), 500), GATE), DroppedPicture)


# --- size -------------------------------------------------------------------------------------


@pytest.fixture
def whole(tmp_path):
    """Return the preprocessor of a camera whose pictures are large, and its folder."""
    settings = Settings(frame_byte_budget=5_000, reference_folder=str(tmp_path / "pictures"))
    return Preprocessor("live", settings, SystemClock()), tmp_path / "pictures"


FULL = Camera("gate", size="full")


def test_a_large_picture_goes_by_reference_as_it_is(whole):
    tested, folder = whole
    content = as_jpeg(bright(640, 360))

    frame = tested.preprocess(picture(content, 1_795_262_400_125), FULL)

    assert frame.jpeg == b""
    assert frame.reference == "gate/gate_20261121T120000125Z.jpg"
    assert dict(frame.headers(0))["reference"] == frame.reference.encode()
    assert (folder / frame.reference).read_bytes() == content
    assert [path.name for path in (folder / "gate").iterdir()] == ["gate_20261121T120000125Z.jpg"]


def test_pixels_by_reference_keep_their_size(whole):
    tested, folder = whole

    frame = tested.preprocess(picture(bright(640, 360)), FULL)

    assert decoded((folder / frame.reference).read_bytes()).shape == (360, 640, 3)


def test_a_picture_within_the_budget_is_in_the_record(whole):
    tested, folder = whole

    frame = tested.preprocess(picture(np.full((240, 320, 3), 90, np.uint8)), FULL)

    assert decoded(frame.jpeg).shape == (240, 320, 3)
    assert frame.reference == ""
    assert list(folder.glob("*/*")) == []


def test_a_picture_by_reference_is_masked_too(whole):
    tested, folder = whole

    frame = tested.preprocess(picture(as_jpeg(bright(640, 360))), replace(FULL, masks=(LEFT,)))

    assert decoded((folder / frame.reference).read_bytes())[:, :320].max() < 60


def test_the_error_of_full_size_without_a_folder_names_the_setting(preprocessor):
    dropped = preprocessor().preprocess(picture(bright()), FULL)

    assert dropped.reason == "not-stored"
    assert dropped.detail.endswith("set PYCTURESTREAM_REFERENCE_FOLDER")


def test_a_folder_that_can_not_be_written_loses_the_picture_with_a_reason(whole):
    tested, folder = whole
    folder.write_text("no folder")

    dropped = tested.preprocess(picture(bright(640, 360)), FULL)

    assert dropped.reason == "not-stored"
    assert dropped.detail == f"{folder}: File exists"


def test_a_picture_that_nobody_would_read_is_not_written(tmp_path):
    settings = Settings(
        frame_byte_budget=5_000, reference_folder=str(tmp_path), reference_byte_limit=6_000
    )
    tested = Preprocessor("live", settings, SystemClock())

    dropped = tested.preprocess(picture(bright(640, 360)), FULL)

    assert dropped.reason == "not-stored"
    assert dropped.detail.endswith("bytes, allowed 6000")
    assert list(tmp_path.glob("*/*")) == []
