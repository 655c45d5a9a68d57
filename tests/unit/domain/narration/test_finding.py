from pycturestream.domain.narration.finding import PAUSE_MS, FindState, step
from pycturestream.domain.narration.wording import in_words
from tests.scenes import NINE
from tests.unit.domain.narration.objects import thing

CHAIR = "kitchen#0"


class Search:
    """Somebody who looks for a chair, a picture each half second."""

    def __init__(self):
        self.state = FindState()
        self.at = NINE
        self.texts = []

    def see(self, *items, frames=1):
        for _ in range(frames):
            self.state, said = step(self.state, "chair", items, self.at)
            self.texts += [in_words(said, "en")] if said else []
            self.at += 500
        return self

    def see_chair(self, x, *, frames=1):
        return self.see(thing("chair", x, track_id=CHAIR), frames=frames)


def test_nothing_is_said_until_it_is_seen():
    assert Search().see(thing("person"), frames=40).texts == []


def test_then_it_is_said_where():
    assert Search().see_chair(0.1).texts == ["A chair on the left."]


def test_a_listener_is_led_to_it_until_it_is_in_the_middle():
    search = Search()
    for x in (0.1, 0.12, 0.14, 0.16, 0.18, 0.2, 0.25, 0.28, 0.3, 0.45, 0.5, 0.5, 0.5, 0.5, 0.5):
        search.see_chair(x)
    assert search.texts == [
        "A chair on the left.",
        "More to the left.",
        "More to the left.",
        "A chair in the center.",
    ]


def test_hints_do_not_follow_faster_than_anybody_turns():
    search = Search().see_chair(0.9, frames=41)
    assert search.texts[1:] == ["More to the right."] * (40 * 500 // PAUSE_MS)


def test_a_trembling_hand_leaves_it_in_the_middle():
    search = Search()
    for number in range(40):
        search.see_chair(0.66 + 0.02 * (-1) ** number)
    assert len(search.texts) == 2


def test_what_was_lost_is_found_again():
    search = Search().see_chair(0.5).see(frames=8).see_chair(0.9)
    assert search.texts == ["A chair in the center.", "A chair on the right."]


def test_of_several_the_surest_is_found_and_kept():
    one = thing("chair", 0.1, track_id="a", certainty=0.7)
    other = thing("chair", 0.9, track_id="b", certainty=0.8)
    search = Search().see(one, other)
    search.see(thing("chair", 0.1, track_id="a", certainty=0.95), other)
    assert search.texts == ["A chair on the right."]


def test_a_flicker_of_one_frame_is_not_found():
    assert Search().see(thing("chair", seen_before=False)).texts == []


def test_what_is_unsure_is_found_as_unsure():
    assert Search().see(thing("chair", certainty=0.3)).texts == ["Perhaps a chair in the center."]
