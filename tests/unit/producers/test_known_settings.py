from dataclasses import dataclass, field

from producers.known_settings import ByKnownSettings
from producers.picture import Picture, Skipped
from pycturestream.domain.cameras.camera import Camera, Zone

LAWN = Zone("lawn", ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0)))
MASKED = Camera("gate", masks=(LAWN,))


@dataclass
class Topic:
    """Says what tests let it say of cameras."""

    cameras: dict = field(default_factory=dict)
    unreadable: dict = field(default_factory=dict)
    are_complete: bool = True

    @property
    def known(self):
        return self


@dataclass
class CameraPublisher:
    """Notes the settings that it is to go by."""

    followed: list = field(default_factory=list)
    camera_id = "gate"

    def follow(self, camera):
        self.followed.append(camera)


class Pictures:
    """A source that counts, and says so when it is closed."""

    closed = False

    def pictures(self, _clock):
        try:
            for number in range(100):
                yield Picture(b"jpeg", number, f"picture {number}")
        finally:
            self.closed = True


def play(topic, camera_publisher, clock, source=None):
    return ByKnownSettings(source or Pictures(), camera_publisher, topic).pictures(clock)


def test_settings_are_followed_before_the_first_picture_and_after_each_change(clock):
    topic, camera_publisher = Topic({"gate": MASKED}), CameraPublisher()
    pictures = play(topic, camera_publisher, clock)

    assert next(pictures).captured_at == 0
    assert next(pictures).captured_at == 1
    assert camera_publisher.followed == [MASKED]
    topic.cameras = {"gate": Camera("gate")}
    next(pictures)
    assert camera_publisher.followed == [MASKED, Camera("gate")]


def test_nothing_is_shown_before_the_settings_of_cameras_are_known(clock):
    topic, camera_publisher = Topic(are_complete=False), CameraPublisher()
    pictures = play(topic, camera_publisher, clock)

    skipped = next(pictures)
    assert isinstance(skipped, Skipped)
    assert skipped.reason == "no-broker"
    topic.are_complete = True
    assert next(pictures).captured_at == 1


def test_settings_that_can_not_be_read_might_hold_a_mask(clock):
    pictures = play(Topic(unreadable={"gate": "no JSON"}), CameraPublisher(), clock)

    assert next(pictures) == Skipped("unmaskable", "picture 0: unreadable settings: no JSON")


def test_a_camera_that_nobody_named_has_the_defaults(clock):
    camera_publisher = CameraPublisher()

    assert next(play(Topic({"door": MASKED}), camera_publisher, clock)).captured_at == 0
    assert not camera_publisher.followed


def test_what_is_no_picture_goes_on_as_it_is(clock):
    source, skipped = Pictures(), Skipped("bad-name", "holiday.jpg")
    source.pictures = lambda _clock: (item for item in [skipped])

    assert next(play(Topic(are_complete=False), CameraPublisher(), clock, source)) is skipped


def test_the_source_is_closed_with_it(clock):
    source = Pictures()
    pictures = play(Topic(), CameraPublisher(), clock, source)
    next(pictures)

    pictures.close()

    assert source.closed


class JustRead(Topic):
    """Comes to its end between two looks at it."""

    @property
    def known(self):
        before = Topic() if not self.are_complete else self
        self.are_complete = True
        return before


def test_what_was_known_before_all_was_read_is_not_gone_by(clock):
    camera_publisher = CameraPublisher()
    pictures = play(JustRead({"gate": MASKED}, are_complete=False), camera_publisher, clock)

    assert next(pictures) == Skipped("no-broker")
    next(pictures)
    assert camera_publisher.followed == [MASKED]
