"""Decoding in processes that are killed: who pays for a picture that takes too long."""

import os
import signal

import cv2
import numpy as np
import psutil
import pytest

from pycturestream.detector.canvas import Canvas, FittedCanvas
from pycturestream.detector.decoder_pool import DecoderFailed, DecoderPool
from pycturestream.detector.decoding import (
    FACE_BYTES,
    UndecodablePicture,
    decode_for_faces,
    decode_jpeg,
)
from pycturestream.detector.measure import measure
from tests import jpegs

CANVAS = Canvas(160, 120)
TIMEOUT_S = 0.5


@pytest.fixture
def pool():
    started = DecoderPool(CANVAS, threads=1, timeout_s=TIMEOUT_S)
    yield started
    started.close()


def photo():
    shades = np.random.default_rng(1).integers(0, 255, (96, 128, 3), dtype=np.uint8)
    return cv2.imencode(".jpg", shades)[1].tobytes()


SLOW = jpegs.progressive(8_000, 5_000, channels=1, passes=64)
"""Beyond what is admitted, to be slow on any machine: it takes a second and more."""


def test_a_process_decodes_as_this_one_would(pool):
    decoded = pool.decode(photo())
    boxed, here = decoded.picture, decode_jpeg(photo(), CANVAS)
    np.testing.assert_array_equal(boxed.canvas, here.canvas)
    assert (boxed.original, boxed.left, boxed.top) == (here.original, here.left, here.top)
    assert decoded.measure == measure(here)
    assert decoded.cpu_ms >= 0
    assert decoded.for_faces is None


def test_for_faces_a_larger_picture_comes_beside_the_same_canvas(pool):
    shades = np.random.default_rng(4).integers(0, 255, (900, 1200, 3), dtype=np.uint8)
    for jpeg in (photo(), cv2.imencode(".jpg", shades)[1].tobytes()):
        plain, both = pool.decode(jpeg), pool.decode(jpeg, for_faces=True)
        here = decode_for_faces(jpeg, np.empty(FACE_BYTES, np.uint8))
        np.testing.assert_array_equal(both.for_faces, here)
        np.testing.assert_array_equal(both.picture.canvas, plain.picture.canvas)
        assert both.measure == plain.measure


def test_a_slow_picture_fails_for_faces_too(pool):
    with pytest.raises(DecoderFailed, match=r"^took longer than 0\.5 s$"):
        pool.decode(SLOW, for_faces=True)
    assert pool.decode(photo(), for_faces=True).for_faces is not None


def test_canvases_are_fitted_to_each_picture():
    # Given a wide picture and then an upright one, in the same memory
    canvases = FittedCanvas(160 * 120, 8)
    pool = DecoderPool(canvases, threads=1, timeout_s=TIMEOUT_S)
    shades = np.random.default_rng(2).integers(0, 255, (60, 200, 3), dtype=np.uint8)
    wide, upright = (cv2.imencode(".jpg", s)[1].tobytes() for s in (shades, shades.swapaxes(0, 1)))

    decoded = [pool.decode(jpeg).picture for jpeg in (wide, upright)]

    pool.close()
    assert [boxed.canvas.shape for boxed in decoded] == [(72, 240, 3), (240, 72, 3)]
    for jpeg, boxed in zip((wide, upright), decoded, strict=True):
        np.testing.assert_array_equal(boxed.canvas, decode_jpeg(jpeg, canvases).canvas)


def test_a_broken_picture_costs_no_process(pool):
    before = pool.pids
    with pytest.raises(UndecodablePicture, match="end marker"):
        pool.decode(photo()[:200])
    pool.decode(photo())
    assert pool.pids == before


def test_an_odd_picture_that_is_shown_leaves_no_line_in_the_log(capfd):
    """A camera that sends such pictures sends them for ever."""
    own = DecoderPool(CANVAS, threads=1, timeout_s=TIMEOUT_S)  # whose stderr is captured
    own.decode(photo()[:2] + jpegs.segment(jpegs.COMMENT, b"") + bytes(608) + photo()[2:])
    own.close()
    assert capfd.readouterr().err == ""


def test_a_picture_that_takes_too_long_is_the_only_one_that_fails(pool):
    before = pool.pids
    pool.decode(photo())
    with pytest.raises(DecoderFailed, match=r"^took longer than 0\.5 s$"):
        pool.decode(SLOW)
    pool.decode(photo())
    assert len(set(pool.pids) - set(before)) == 1


def test_a_decoder_that_waits_for_ever_is_killed_by_the_clock(pool):
    stopped = pool.pids[0]
    pool.decode(photo())
    os.kill(stopped, signal.SIGSTOP)
    with pytest.raises(DecoderFailed, match="took longer"):
        pool.decode(photo())
    assert stopped not in pool.pids
    assert not psutil.pid_exists(stopped)
    pool.decode(photo())


def test_no_picture_fails_when_a_decoder_is_killed(pool):
    pool.decode(photo())
    killed = pool.pids[0]
    os.kill(killed, signal.SIGKILL)
    pool.decode(photo())
    assert killed not in pool.pids


def test_no_process_is_left_behind(pool):
    pids = pool.pids
    pool.decode(photo())
    pool.close()
    assert not any(map(psutil.pid_exists, pids))
