"""What holds for sentences about any scene."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from pycturestream.contracts.states import narrate_states
from pycturestream.domain.cameras.camera import Camera
from pycturestream.domain.geometry import SECTORS
from pycturestream.domain.narration import on_change
from pycturestream.domain.narration.on_change import PAUSE_MS, NarrationState
from pycturestream.domain.narration.on_request import answer, describe
from pycturestream.domain.narration.sentence import WORD_LIMITS, Narration
from pycturestream.domain.narration.wording import in_words
from pycturestream.languages.catalog import LANGUAGES
from pycturestream.languages.phrases import word_count
from tests.scenes import NINE, REPLAY, CameraRun, frame, person, walk
from tests.unit.domain.narration.objects import thing

LABELS = ("person", "car", "dog", "traffic light", "chair", "tree")
COLUMNS = ("left", "center", "right")
fractions = st.integers(0, 20).map(lambda n: n / 20)
things = st.builds(
    thing,
    st.sampled_from(LABELS),
    fractions,
    fractions,
    track_id=st.integers(0, 9).map(str),
    certainty=fractions,
    approaching=st.booleans(),
    seen_before=st.booleans(),
)
scenes = st.lists(things, max_size=9, unique_by=lambda item: item.track_id)
histories = st.lists(st.tuples(scenes, st.integers(1, 9)), min_size=1, max_size=4)
"""Scenes, and for how many frames each of them lasts."""
likings = st.sampled_from(list(WORD_LIMITS))
intervals = st.sampled_from([150, 500, 1_000, 3_000])


def narrate(history, verbosity="normal", every_ms=500, stored=lambda state: state):
    """Yield the time, what is in view and the sentence of each frame that has one."""
    state, at = NarrationState(), NINE
    for scene, frames in history:
        for _ in range(frames):
            state, said = on_change.step(stored(state), scene, (), at, verbosity=verbosity)
            if said:
                yield at, scene, said
            at += every_ms


def sectors_of(place):
    """Return the sectors that a place stands for."""
    every = {sector: (row, column) for row, line in enumerate(SECTORS) for column, sector in
             enumerate(line)}  # fmt: skip
    if place == "several":
        return set(every)
    if place in COLUMNS:
        return {sector for sector, (_, column) in every.items() if column == COLUMNS.index(place)}
    if place in ("top", "bottom"):
        return {sector for sector, (row, _) in every.items() if row == (0 if place == "top" else 2)}
    return {place}


@given(histories, likings, intervals)
def test_a_sentence_never_contradicts_what_is_detected(history, verbosity, every_ms):
    for _, scene, said in narrate(history, verbosity, every_ms):
        if said.kind == "nothing":
            assert not any(item.seen_before for item in scene)
        for group in said.groups:
            there = [
                item
                for item in scene
                if item.seen_before
                and item.label == group.label
                and item.sector in sectors_of(group.place)
            ]
            if group.motion:
                assert 1 <= group.count <= sum(item.approaching for item in there)
            else:
                assert group.count == len(there)


@given(scenes, likings, intervals)
def test_nothing_is_said_twice_while_nothing_changes(scene, verbosity, every_ms):
    said = [said for _, _, said in narrate([(scene, 60)], verbosity, every_ms)]
    groups = [(g.label, g.place, g.motion, g.count) for one in said for g in one.groups]
    assert len(groups) == len(set(groups))


@given(histories, likings, intervals)
def test_a_sentence_is_never_longer_than_its_limit(history, verbosity, every_ms):
    for _, scene, said in narrate(history, verbosity, every_ms):
        for one in (said, answer(scene, verbosity=verbosity)):
            for language in LANGUAGES:
                words = word_count(in_words(one, language))
                assert len(one.groups) <= 1 or words <= WORD_LIMITS[verbosity]


@given(histories, likings, intervals)
def test_a_sentence_waits_for_the_one_before(history, verbosity, every_ms):
    for (before, _, _), (at, _, said) in pairwise(narrate(history, verbosity, every_ms)):
        if not any(group.motion for group in said.groups):
            assert at - before >= PAUSE_MS


@given(histories)
def test_what_is_dangerous_or_approaches_comes_first(history):
    for _, scene, said in narrate(history):
        for one in (said, describe(scene)):
            moving = [bool(group.motion) for group in one.groups]
            assert moving == sorted(moving, reverse=True)


@given(histories, likings, intervals)
def test_a_restart_in_between_changes_no_sentence(history, verbosity, every_ms):
    def restored(state):
        return narrate_states.decode(narrate_states.encode(state))[0]

    without = list(narrate(history, verbosity, every_ms))
    assert list(narrate(history, verbosity, every_ms, restored)) == without


@given(scenes)
def test_a_full_description_leaves_nothing_out(scene):
    few = scene[:6]
    assert sum(group.count for group in describe(few).groups) == len(few)


@pytest.mark.parametrize("language", LANGUAGES)
def test_listeners_of_all_languages_are_told_the_same(language):
    frames = [*walk(0.02, 0.03, 28), *(frame(at=NINE + 20_000 + n * 500) for n in range(8))]
    ours = CameraRun(Camera("gate", language=language)).see(*frames).of(Narration)
    english = CameraRun(Camera("gate")).see(*frames).of(Narration)
    assert len(ours) == 4
    assert [one.sentence for one in ours] == [one.sentence for one in english]


def test_a_late_frame_is_not_narrated():
    run = CameraRun(limits=REPLAY).see(*walk(0.02, 0.0, 8))
    late = [replace(frame([person(0.8)], at=NINE + 250 + n * 500)) for n in range(4)]
    assert len(run.see(*late).sentences) == 1
