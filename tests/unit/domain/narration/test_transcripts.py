from itertools import pairwise

import pytest

from pycturestream.domain.narration.on_change import PAUSE_MS, URGENT_PAUSE_MS
from tests.unit.domain.narration.transcripts import (
    FOLDER,
    clips,
    file_of,
    narrations_of,
    transcript,
)

CLIPS = clips()
each_clip = pytest.mark.parametrize("history", CLIPS, ids=[history.name for history in CLIPS])


@each_clip
def test_a_sample_clip_is_narrated_as_a_person_has_read_it(history):
    assert transcript(history) == file_of(history).read_text("utf-8")


def test_there_is_no_transcript_besides():
    assert set(FOLDER.iterdir()) == {file_of(history) for history in CLIPS}


@each_clip
def test_a_listener_has_time_between_two_sentences(history):
    """Only an alert does not wait, and what approaches waits less long."""
    for (_, before), (_, then) in pairwise(narrations_of(history)):
        if then.sentence.priority:
            continue
        approaches = any(group.motion for group in then.sentence.groups)
        pause_ms = URGENT_PAUSE_MS if approaches else PAUSE_MS
        assert then.captured_at - before.captured_at >= pause_ms
