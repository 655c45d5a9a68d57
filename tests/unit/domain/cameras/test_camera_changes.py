from pycturestream.domain.cameras.camera import Camera, Motion
from pycturestream.domain.cameras.camera_changes import CameraChange, changes
from pycturestream.domain.cameras.eye import eye_camera, eye_camera_id

GATE = Camera("gate", fps=2, revision=5)


def test_a_camera_is_added_changed_or_left_as_it_is():
    current = {"gate": GATE, "door": Camera("door", revision=9), "broken": None}
    wanted = [Camera("gate", fps=3, motion=Motion("on")), Camera("door"), Camera("new")]

    assert changes(current, wanted, prune=False) == (
        CameraChange("gate", "changed", ("fps", "motion")),
        CameraChange("door", "unchanged"),
        CameraChange("new", "added"),
        CameraChange("broken", "missing"),
    )


def test_cameras_missing_in_the_file_are_removed_only_with_prune():
    assert changes({"gate": GATE}, [], prune=False) == (CameraChange("gate", "missing"),)
    assert changes({"gate": GATE}, [], prune=True) == (CameraChange("gate", "forgotten"),)


def test_settings_that_can_not_be_read_are_written_anew():
    [change] = changes({"gate": None}, [GATE], prune=False)

    assert change.kind == "changed"
    assert "masks" in change.keys


def test_cameras_of_the_seeing_aid_are_in_no_file_and_stay():
    phone = eye_camera(eye_camera_id("0123456789abcdef"), "ab" * 32)
    assert changes({phone.camera_id: phone}, [], prune=True) == ()
