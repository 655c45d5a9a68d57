"""Requests and responses of the paths for a camera's settings."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from pycturestream.config.camera_edit import CameraEdit, Shape

Json = dict[str, Any]


class ShapeBody(BaseModel):
    """A mask, a zone or a line."""

    model_config = ConfigDict(extra="forbid")

    name: str
    points: list[tuple[float, float]] = Field(
        description="Fractions of width and height, origin top left."
    )

    def shape(self) -> Shape:
        return Shape(self.name, tuple(self.points))


class EditBody(BaseModel):
    """The masks, zones, lines and rules of a camera, all of them."""

    model_config = ConfigDict(extra="forbid")

    masks: list[ShapeBody] = []
    zones: list[ShapeBody] = []
    lines: list[ShapeBody] = []
    rules: list[Json] = Field([], description="With the keys of cameras.yaml.")

    def edit(self) -> CameraEdit:
        return CameraEdit(
            masks=tuple(each.shape() for each in self.masks),
            zones=tuple(each.shape() for each in self.zones),
            lines=tuple(each.shape() for each in self.lines),
            rules=tuple(self.rules),
        )


class AppliedEdit(EditBody):
    """An edit to apply."""

    revision: int = Field(ge=0, description="Of the settings that were edited.")


class EditForFile(EditBody):
    """An edit to write into a camera file."""

    file: str = Field(description="The text of a cameras.yaml; it is not kept.")


class EditableSettings(BaseModel):
    """What can be edited of a camera, and what an editor shows beside it."""

    camera_id: str
    revision: int = Field(description="0: the camera has no settings yet.")
    site: str
    timezone: str
    may_apply: bool = Field(description="Whether the token may change settings.")
    labels: list[str] = Field(description="That the models of this camera know.")
    rule_keys: dict[str, list[str]] = Field(
        description="The keys that have an effect in a rule, by what it is about."
    )
    rule_defaults: Json = Field(description="What a rule has where it leaves out a key.")
    edit: EditBody


class Fault(BaseModel):
    """A mistake, and where it is."""

    at: list[str | int] = Field(description='Such as ["zones", 0, "name"].')
    message: str


class CheckedEdit(BaseModel):
    """What an edit becomes, or what is wrong with it."""

    faults: list[Fault]
    yaml: str = Field("", description="The four keys as cameras.yaml has them below the camera.")
    diff: str = Field("", description="Against the settings in force; empty: no difference.")


class EditedFile(BaseModel):
    """A camera file with an edit."""

    text: str
    diff: str
    notes: list[str] = Field(description="What the file's author should know.")
