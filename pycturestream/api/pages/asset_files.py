"""Scripts, styles and symbols of the pages, under addresses that change with them."""

import hashlib
import posixpath
import re
from functools import cache
from pathlib import Path
from typing import Final

from markupsafe import Markup
from starlette.staticfiles import StaticFiles

from pycturestream.api.headers import VERSION_SIGN

ASSETS: Final = Path(__file__).parent / "assets"
ASSETS_PATH: Final = "/assets"
"""Where they are by name alone; nothing there is secret."""
_IMPORT: Final = re.compile(r'from "(\.{1,2}/[^"]+)"')


def asset_files() -> StaticFiles:
    return StaticFiles(directory=ASSETS)


@cache
def versioned_path() -> str:
    """Return where they are as they are now: browsers need not ask again what is there.

    It changes with their times too: what is edited while they are served is kept by browsers under
    the address of before, which must not come back with an older content.
    """
    digest = hashlib.sha256()
    for file in sorted(each for each in ASSETS.rglob("*") if each.is_file()):
        digest.update(f"{file.relative_to(ASSETS)} {file.stat().st_mtime_ns}\n".encode())
        digest.update(file.read_bytes())
    return f"{ASSETS_PATH}/{VERSION_SIGN}{digest.hexdigest()[:12]}"


def module(name: str) -> Markup:
    """Return the elements that load a script, and with it all that it imports.

    By itself, a browser finds out what a script imports when it has it, and asks once more.
    """
    path = versioned_path()
    preloads = "".join(
        f'<link rel="modulepreload" href="{path}/{each}">\n' for each in _imported(name)
    )
    return Markup(f'{preloads}<script type="module" src="{path}/{name}"></script>')  # noqa: S704 - our own names


@cache
def _imported(name: str) -> tuple[str, ...]:
    """Return the scripts that a script imports, and those that they import."""
    found: dict[str, None] = {}
    waiting = [name]
    while waiting:
        script = waiting.pop()
        for address in _IMPORT.findall((ASSETS / script).read_text("utf-8")):
            imported = posixpath.normpath(posixpath.join(posixpath.dirname(script), address))
            if imported not in found:
                found[imported] = None
                waiting.append(imported)
    return tuple(found)
