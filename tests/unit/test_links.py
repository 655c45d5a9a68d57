"""Every link of the documentation leads to a file that is there, and to a heading in it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from pycturestream.config.settings import PROJECT_FOLDER

ROOMS = ("benchmarks", "dashboards", "docs", "models", "samples", "sql", "tests")
"""Folders of the project that hold pages, apart from what is installed or written beside them."""
PAGES = sorted(
    [*PROJECT_FOLDER.glob("*.md"), *(p for r in ROOMS for p in (PROJECT_FOLDER / r).rglob("*.md"))]
)
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`[^`\n]*`")
LINK = re.compile(r"\]\(([^()\s]+)\)")


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub names them."""
    found: set[str] = set()
    for heading in re.findall(r"^#+ (.*)$", FENCE.sub("", page.read_text("utf-8")), re.MULTILINE):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading.strip().lower())
        anchor = name = re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")
        number = 0
        while anchor in found:
            number += 1
            anchor = f"{name}-{number}"
        found.add(anchor)
    return found


def broken(page: Path) -> Iterator[str]:
    text = CODE.sub("", FENCE.sub("", page.read_text("utf-8")))
    for link in LINK.findall(text):
        if re.match(r"\w+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            yield link


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT_FOLDER)))
def test_every_link_leads_somewhere(page: Path):
    assert list(broken(page)) == []


def test_a_broken_link_is_found(tmp_path: Path):
    page = tmp_path / "page.md"
    page.write_text("# A heading\n[a](page.md#a-heading) [b](#another) [c](none.md) `[d](none.md)`")

    assert list(broken(page)) == ["#another", "none.md"]


def test_every_guide_is_listed():
    guides = PROJECT_FOLDER / "docs"
    listed = set(LINK.findall((guides / "README.md").read_text("utf-8")))

    assert {page.name for page in guides.glob("*.md")} - {"README.md"} <= listed
