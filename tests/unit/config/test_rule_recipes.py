"""Every recipe of the guide to rules is a valid file."""

import re

import pytest

from pycturestream.config.camera_file import read_camera_file
from pycturestream.config.settings import PROJECT_FOLDER

GUIDE = (PROJECT_FOLDER / "docs" / "rules.md").read_text("utf-8")
CAMERAS, *RECIPES = re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.split()[3])
def test_a_recipe_can_be_applied(tmp_path, recipe):
    path = tmp_path / "cameras.yaml"
    path.write_text(recipe + CAMERAS, encoding="utf-8")

    cameras = [entry.camera for entry in read_camera_file(path)]

    assert [camera.camera_id for camera in cameras] == ["gate", "hall"]
    if "rules:" in recipe:
        assert any(camera.rules for camera in cameras)


def test_all_recipes_can_be_used_together(tmp_path):
    path = tmp_path / "cameras.yaml"
    rules = "".join(recipe.removeprefix("rules:\n") for recipe in RECIPES if "rules:" in recipe)
    path.write_text(f"rules:\n{rules}{CAMERAS}", encoding="utf-8")

    gate, hall = (entry.camera for entry in read_camera_file(path))

    assert len(RECIPES) == 12
    assert {rule.name for rule in gate.rules} - {rule.name for rule in hall.rules} == {
        "driveway-at-night",
        "keep-the-gate-free",
        "loitering",
        "over-the-fence",
        "dog-at-the-door",
    }
    assert {rule.name for rule in hall.rules} - {rule.name for rule in gate.rules} == {"closed"}
