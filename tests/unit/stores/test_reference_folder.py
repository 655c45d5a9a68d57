import os
from contextlib import suppress
from pathlib import Path

import pytest

from pycturestream.domain.frames.rejection import Rejection
from pycturestream.stores.reference_folder import ReferenceFolder

PICTURE = b"\xff\xd8 a large picture"


@pytest.fixture
def folder(tmp_path):
    """Return a folder with one picture, and a file outside that must not be read."""
    root = tmp_path / "pictures"
    (root / "gate").mkdir(parents=True)
    (root / "gate" / "1.jpg").write_bytes(PICTURE)
    (tmp_path / "secret.jpg").write_bytes(b"secret")
    return ReferenceFolder(root, byte_limit=100)


def rejection_of(folder, reference):
    with pytest.raises(Rejection) as rejection:
        folder.read(reference)
    assert rejection.value.reason == "bad-reference"
    return str(rejection.value)


@pytest.mark.parametrize("reference", [b"gate/1.jpg", b"./gate//1.jpg"])
def test_a_picture_below_the_root_is_read(folder, reference):
    assert folder.read(reference) == PICTURE


@pytest.mark.parametrize(
    "reference",
    [
        b"",
        b".",
        b"/",
        b"gate",
        b"gate/2.jpg",
        b"gate/1.jpg/x",
        b"../secret.jpg",
        b"gate/../../secret.jpg",
        b"gate/../gate/1.jpg",
        b"gate/\xff.jpg",
        b"gate/1.jpg\0",
        b"ga\0te/1.jpg",
        b"x" * 300,
        b"x/" * 100_000,
    ],
)
def test_what_names_no_picture_below_the_root_is_rejected(folder, reference):
    rejection_of(folder, reference)


def test_an_absolute_path_is_rejected_wherever_it_leads(folder):
    assert "no path below" in rejection_of(folder, bytes(folder.root / "gate" / "1.jpg"))


def test_no_link_is_followed_to_a_file_or_through_a_folder(folder):
    (folder.root / "gate" / "link.jpg").symlink_to(folder.root.parent / "secret.jpg")
    (folder.root / "out").symlink_to(folder.root.parent)
    for reference in (b"gate/link.jpg", b"out/secret.jpg", b"out/pictures/gate/1.jpg"):
        rejection_of(folder, reference)


def test_a_root_that_is_a_link_itself_is_the_operators_choice(folder, tmp_path):
    (tmp_path / "elsewhere").symlink_to(folder.root)
    assert ReferenceFolder(tmp_path / "elsewhere", 100).read(b"gate/1.jpg") == PICTURE


def test_a_pipe_is_rejected_without_waiting_for_its_other_end(folder):
    os.mkfifo(folder.root / "pipe")
    assert "no regular file" in rejection_of(folder, b"pipe")


def test_a_file_that_is_too_large_is_rejected(folder):
    (folder.root / "gate" / "2.jpg").write_bytes(bytes(101))
    assert rejection_of(folder, b"gate/2.jpg") == "b'gate/2.jpg': 101 bytes, allowed 100"


@pytest.mark.parametrize("root", [None, "gone"])
def test_without_a_root_every_reference_is_rejected(tmp_path, root):
    rejection_of(ReferenceFolder(root and tmp_path / root, 100), b"gate/1.jpg")


def test_no_file_stays_open(folder):
    for reference in (b"gate/1.jpg", b"gate/2.jpg", b"gate", b"gate/1.jpg/x"):
        try:
            folder.read(reference)
        except Rejection:
            continue
    assert not open_below(folder.root)


def test_an_open_file_would_be_found(folder):
    with (folder.root / "gate" / "1.jpg").open("rb"):
        assert open_below(folder.root)


def open_below(root):
    """Return the files of a folder, and the folder, as far as this process has them open."""
    found = []
    for descriptor in Path("/proc/self/fd").iterdir():
        with suppress(OSError):  # what listed them, and what other tests' threads have closed
            found.append(descriptor.readlink())
    return [path for path in found if path.is_relative_to(root.resolve())]
