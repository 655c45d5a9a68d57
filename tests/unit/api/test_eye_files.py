"""The files of the phone page, as far as they can be checked without a browser."""

import hashlib
import json
import re
from pathlib import Path

import cv2
import pytest

import pycturestream.api
from pycturestream.languages.catalog import LANGUAGES

FOLDER = Path(pycturestream.api.__file__).parent / "eye"
WORKER = FOLDER / "service-worker.js"


def texts(language):
    return json.loads((FOLDER / "texts" / f"{language}.json").read_text("utf-8"))


def page_files():
    """Return the files that a browser keeps, by their paths."""
    files = [path for path in sorted(FOLDER.rglob("*")) if path.is_file() and path != WORKER]
    named = {f"/eye/{path.relative_to(FOLDER)}": path for path in files}
    named["/eye"] = named.pop("/eye/index.html")
    return dict(sorted(named.items()))


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_has_the_same_texts_with_the_same_gaps(language):
    def gaps(content):
        return {key: sorted(re.findall(r"\{\w+\}", text)) for key, text in content.items()}

    assert gaps(texts(language)) == gaps(texts("en"))
    assert all(texts(language).values())


def test_each_text_is_used():
    code = "".join(path.read_text("utf-8") for path in FOLDER.glob("*.*") if path.suffix != ".png")
    script = (FOLDER / "settings.js").read_text("utf-8")
    settings = re.findall(r"^  (\w+): (?:LANGUAGES|\[)", script, re.MULTILINE)
    unused = [
        key
        for key in texts("en")
        if not re.search(rf"[\"']{key}[\"']", code) and key.partition("_")[0] not in settings
    ]
    assert unused == []


def test_the_service_worker_keeps_each_file():
    kept = re.findall(r'^  "(/eye[^"]*)",$', WORKER.read_text(), re.MULTILINE)
    assert kept == list(page_files())


def test_the_service_worker_has_the_version_of_the_files():
    digest = hashlib.sha256()
    for path, file in page_files().items():
        digest.update(path.encode() + b"\0" + file.read_bytes())
    version = digest.hexdigest()[:12]
    assert f'const VERSION = "{version}";' in WORKER.read_text(), (
        f'a file of the page has changed: write VERSION = "{version}" into {WORKER.name}, '
        "or browsers keep their old copy"
    )


def test_the_manifest_names_icons_that_are_there_in_their_sizes():
    manifest = json.loads((FOLDER / "manifest.webmanifest").read_text("utf-8"))
    assert (manifest["start_url"], manifest["scope"], manifest["id"]) == ("/eye", "/eye", "/eye")
    for icon in manifest["icons"]:
        file = page_files()[icon["src"]]
        if icon["type"] == "image/png":
            height, width, _ = cv2.imread(str(file)).shape
            assert icon["sizes"] == f"{width}x{height}"


def test_the_page_has_nothing_inline():
    page = (FOLDER / "index.html").read_text("utf-8")
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)|https?://", page)
