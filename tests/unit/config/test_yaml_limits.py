"""Files that would cost a service its time or memory are mistakes, each in one clear line."""

import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pycturestream.config.camera_file import CameraFileError, read_camera_file
from pycturestream.config.recipient_file import RecipientFileError, read_recipient_file
from pycturestream.config.yaml_file import BYTE_LIMIT, MISTAKE_LIMIT, YamlFileError

LAUGHS = "a0: &a0 [x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)
)
MERGES = "a0: &a0 {k: 1}\n" + "".join(
    f"a{n}: &a{n} {{<<: *a{n - 1}, b{n}: *a{n - 1}, c{n}: *a{n - 1}}}\n" for n in range(1, 25)
)
HARD = {
    "billion laughs": LAUGHS,
    "merged laughs": MERGES,
    "large": "# " + "x" * BYTE_LIMIT,
    "deep list": "cameras: " + "[" * 100_000,
    "deep list that ends": "cameras: " + "[" * 200 + "]" * 200,
    "deep mapping": "cameras: " + "{a: " * 200 + "1" + "}" * 200,
    "deep lists on a line": "cameras:\n" + "- " * 5_000 + "a",
    "deep list of some thousands": "cameras: " + "[" * 5_000,
    "deep mappings": "\n".join(" " * n + "a:" for n in range(1_000)),
    "contains itself": "cameras: &a [*a]",
    "many digits": "cameras: " + "9" * 5_000,
    "hexadecimal digits": "cameras: 0x" + "f" * 5_000,
    "digits": "cameras: [{camera_id: gate, source: a.mp4, fps: " + "9" * 400 + "}]",
    "infinite": "cameras: [{camera_id: gate, source: a.mp4, fps: .inf}]",
    "no number": "cameras: [{camera_id: gate, source: a.mp4, fps: .nan}]",
    "long text": "cameras: [{camera_id: gate, source: " + "a" * 20_000 + "}]",
    "long key": "a" * 20_000 + ": 1",
    "mapping as key": "? {a: 1}\n: 2",
    "list as key": "? [a, b]\n: 2",
    "tag": "cameras: !!python/object/apply:os.system ['true']",
    "set": "cameras: !!set {a, b}",
    "13th month": "cameras: 2026-13-45",
    "many documents": "a: 1\n---\nb: 2",
    "nothing": "",
    "no text": "\x00\x01",
    "tab": "\tcameras: []",
}
READERS = [
    pytest.param(read_camera_file, CameraFileError, id="cameras"),
    pytest.param(lambda path: read_recipient_file(path, {}), RecipientFileError, id="recipients"),
]


@pytest.mark.parametrize(("read", "error"), READERS)
@pytest.mark.parametrize("name", HARD)
def test_what_is_hard_to_read_is_a_mistake(tmp_path, read, error, name):
    path = tmp_path / "file.yaml"
    path.write_text(HARD[name])
    with pytest.raises(error) as raised:
        read(path)
    assert all(mistake.startswith(f"{path}:") for mistake in raised.value.mistakes)
    assert max(map(len, raised.value.mistakes)) < 1_000


@pytest.mark.parametrize(("read", "error"), READERS)
@pytest.mark.parametrize("kind", ["folder", "pipe", "endless", "missing"])
def test_what_is_no_file_is_a_mistake(tmp_path, read, error, kind):
    path = tmp_path / "file.yaml"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "endless":
        path.symlink_to("/dev/zero")
    with pytest.raises(error):
        read(path)


PARTS = """\
cameras:
- camera_id: a
  source: &a x
  <<: *a
  rules: [
]
? {a: 1}
recipients:
- name: 1
  mail: !!binary aGk=
defaults: *a
: {
}
---
  timezone: !!timestamp 2026-01-01
groups: !!omap [a: 1]
  fps: 0o17
  - - -
""".splitlines()
lines = st.lists(st.sampled_from(PARTS) | st.text(max_size=12), max_size=8)


@given(lines)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_is_read_or_is_a_mistake(tmp_path, written):
    path = tmp_path / "file.yaml"
    path.write_text("\n".join(written), errors="replace")
    for read in (read_camera_file, lambda path: read_recipient_file(path, {})):
        try:
            read(path)
        except YamlFileError:
            continue


def test_many_mistakes_that_each_name_much_are_not_all_told(tmp_path):
    """A thousand zones, and a thousand names that are none: each message lists what there is."""
    zones = "".join(f"      zone-{n}: [[0, 0], [1, 0], [1, 1]]\n" for n in range(1_000))
    wrong = ", ".join(f"none-{n}" for n in range(1_000))
    path = tmp_path / "cameras.yaml"
    path.write_text(
        f"cameras:\n  - camera_id: gate\n    zones:\n{zones}"
        f"    rules: [{{name: night, zones: [{wrong}]}}]\n"
    )
    with pytest.raises(CameraFileError) as raised:
        read_camera_file(path)
    assert len(raised.value.mistakes) == len(raised.value.places) == MISTAKE_LIMIT
    assert "none-0" in raised.value.mistakes[0]
