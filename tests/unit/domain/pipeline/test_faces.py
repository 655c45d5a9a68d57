"""Faces are counted and judged where somebody asks for them, and change nothing else."""

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from pycturestream.domain.cameras.camera import Camera, Rule
from pycturestream.domain.detection import Detection
from pycturestream.domain.geometry import BoundingBox
from pycturestream.domain.narration.on_request import answer, describe
from pycturestream.domain.pipeline.events import JudgedFrame, RateRequest
from tests.scenes import LEFT_HALF, MIDDLE, NINE, CameraRun, box, frame, guarded, person, track

FACES_HERE = Rule("faces-here", ("face",), ("left-half",))
ANYTHING = Rule("anything", count=2)


def face(x=0.22, y=0.42, score=0.8, *, weak=False):
    return Detection("face", score, box(x, y, 0.05, 0.06), weak)


def watched(*detections, frames=8, **settings):
    """Return the run of a camera that sees the same for some seconds, and then nothing."""
    settings = {"zones": (LEFT_HALF,), "models": ("objects", "faces"), **settings}
    rules = settings.pop("rules", (FACES_HERE,))
    run = CameraRun(guarded(*rules, **settings))
    for number in range(frames):
        run.see(frame(detections, at=NINE + 500 * number))
    return run.wait_until(NINE + 120_000)


def test_faces_have_tracks_zones_and_counts_of_their_own():
    run = watched(person(), face())

    somebody, its_face = run.judged[-1].seen
    assert (somebody.label, its_face.label) == ("person", "face")
    assert its_face.zones == ("left-half",)
    assert its_face.confirmed
    counts = {count.label: (count.maximum, count.unique) for count in run.counts}
    assert counts == {"person": (1, 1), "face": (1, 1)}


def test_a_rule_about_faces_raises_an_alert_with_their_word_in_each_language():
    for language, words in {
        "en": "A face",
        "de": "Ein Gesicht",
        "fr": "Un visage",
        "es": "Una cara",
    }.items():
        raised = watched(person(), face(), language=language).alerts[0]
        assert raised.alert.label == "face"
        assert raised.alert.reason.startswith(words)


def test_a_person_with_a_face_is_one_thing_for_a_rule_without_labels():
    assert not watched(person(), face(), rules=(ANYTHING,)).alerts
    assert watched(person(), person(0.6), rules=(ANYTHING,)).alerts


def test_a_face_that_fills_the_box_of_its_person_does_not_become_the_person():
    # Given somebody right in front of a camera, who is seen in one frame by the face alone
    close = BoundingBox(0.2, 0.2, 0.8, 1.0)
    both = (Detection("person", 0.8, close), Detection("face", 0.9, close))
    run = CameraRun(Camera("gate"))
    for number, seen in enumerate([both, both, both, both[1:], both]):
        run.see(frame(seen, at=NINE + 500 * number))

    ids = [{item.label: item.track_id for item in judged.seen} for judged in run.judged]
    assert ids[3] == {"face": ids[0]["face"]}
    assert all(one == ids[0] for one in ids[:3] + ids[4:])


def test_a_weak_face_without_a_track_is_a_candidate():
    [judged] = CameraRun().see(frame([person(), face(score=0.3, weak=True)])).judged
    assert [item.label for item in judged.seen] == ["person"]
    assert [candidate.label for candidate in judged.frame.candidates] == ["face"]


def test_faces_are_narrated_only_where_they_are_named_or_cause_an_alert():
    assert watched(person(), face(), rules=(ANYTHING,)).sentences[0] == "A person on the left."
    assert watched(person(), face()).sentences[0] == "Warning: a face in the left-half."
    named = watched(person(), face(), rules=(ANYTHING,), narrated_labels=("face",))
    assert named.sentences[0] == "A face on the left."


def test_a_listener_hears_of_faces_only_by_asking_for_them():
    seen = watched(person(), face()).judged[-1].seen
    assert {group.label for group in answer(seen).groups} == {"person"}
    assert {group.label for group in describe(seen).groups} == {"person"}
    assert {group.label for group in answer(seen, labels=("face",)).groups} == {"face"}


places = st.floats(0, 0.8).map(lambda x: round(x, 2))
things = st.builds(
    lambda label, x, y, score: Detection(label, score, box(x, y, 0.15, 0.2), weak=score < 0.5),
    st.sampled_from(["person", "car"]),
    places,
    places,
    st.sampled_from([0.45, 0.6, 0.9]),
)
heads = st.builds(
    lambda x, y, large, score: Detection(
        "face", score, box(x, y, *((0.15, 0.2) if large else (0.04, 0.06))), weak=score < 0.4
    ),
    places,
    places,
    st.booleans(),
    st.sampled_from([0.3, 0.6, 0.95]),
)
scenes = st.lists(
    st.tuples(st.lists(things, max_size=3), st.lists(heads, max_size=2), st.integers(1, 3)),
    min_size=1,
    max_size=6,
)


def without_faces(output):
    """Return an output without what it says of faces; None if it is about nothing else."""
    match output:
        case JudgedFrame(found=found, frame=seen):
            return replace(
                output,
                found=replace(found, detections=_others(found.detections)),
                frame=replace(
                    seen,
                    seen=_others(seen.seen),
                    hidden=_others(seen.hidden),
                    candidates=_others(seen.candidates),
                    zone_events=_others(seen.zone_events),
                    living=(),
                ),
            )
        case RateRequest():  # what moves is worth a look, and may be a face
            return None
    return None if getattr(output, "label", "") == "face" else output


def _others(items):
    return tuple(item for item in items if item.label != "face")


@given(scenes)
def test_everything_else_is_as_it_would_be_without_them(scene):
    rules = (ANYTHING, Rule("somebody", ("person",), frames=2))
    camera = guarded(*rules, zones=(LEFT_HALF,), lines=(MIDDLE,))
    with_faces, plain = CameraRun(camera), CameraRun(camera)
    at = NINE
    for objects, faces, halves in scene:
        at += 500 * halves
        with_faces.see(frame([*faces, *objects], at=at))
        plain.see(frame(objects, at=at))
    for run in (with_faces, plain):
        run.finish()

    left = [kept for each in with_faces.outputs if (kept := without_faces(each)) is not None]
    expected = [kept for each in plain.outputs if (kept := without_faces(each)) is not None]
    assert left == expected


def test_tracks_go_on_when_a_camera_begins_to_look_for_faces():
    known = track(box(), track_id="known#0")
    run = CameraRun()
    run.state = replace(run.state, track=replace(run.state.track, tracks=(known,), newest_at=NINE))
    [judged] = run.see(frame([person(), face()], at=NINE + 500)).judged
    assert [item.track_id for item in judged.seen] == ["known#0", f"{judged.frame_id}#1"]
