"""The options of `find` that say what must be true of a picture.

Their texts are read by `domain.search.words`, as those of the HTTP application are.
"""

from typing import Annotated

import typer

Cameras = Annotated[
    list[str] | None,
    typer.Option("--camera", help="Of this camera; repeated: of any of these."),
]
Sites = Annotated[
    list[str] | None,
    typer.Option("--site", help="Of a camera of this site; repeated: of any of these."),
]
Labels = Annotated[
    list[str] | None,
    typer.Option("--label", help="With this label, such as person; repeated: with each of these."),
]
Without = Annotated[
    list[str] | None, typer.Option(help="Without this label; repeated: without any of these.")
]
MinCount = Annotated[
    int | None, typer.Option(min=1, help="At least this many (of each label) in the picture.")
]
MaxCount = Annotated[
    int | None, typer.Option(min=0, help="At most this many (of each label) in the picture.")
]
MinScore = Annotated[
    str | None,
    typer.Option(metavar="SCORE", help="An object (of the label) at least so sure."),
]
MaxScore = Annotated[
    str | None,
    typer.Option(metavar="SCORE", help="An object (of the label) at most so sure."),
]
Zone = Annotated[str | None, typer.Option(help="An object (of the label) in this zone.")]
Sector = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="An object (of the label) in this sector: 'top left'."),
]
Track = Annotated[str | None, typer.Option(metavar="ID", help="The object of this track.")]
MinSize = Annotated[
    str | None,
    typer.Option(
        metavar="SHARE",
        help="An object (of the label) whose box takes at least this share of the picture: 0.05.",
    ),
]
MaxSize = Annotated[
    str | None,
    typer.Option(metavar="SHARE", help="The same, at most this share."),
]
Inside = Annotated[
    str | None,
    typer.Option(
        metavar="LEFT,TOP,RIGHT,BOTTOM",
        help="An object (of the label) in this part of the picture: 0,0,0.5,1.",
    ),
]
MinLevel = Annotated[
    str | None,
    typer.Option(
        metavar="LEVEL",
        help="With a threat of this level or above: notice, warning, danger.",
    ),
]
Since = Annotated[
    str | None,
    typer.Option(
        metavar="TIME",
        help="Start: 10m, 2h, '3 days ago'; by the cameras' clock: 'yesterday 20:00', "
        "'2026-11-21 20:00'; or with a zone.",
    ),
]
Until = Annotated[str | None, typer.Option(metavar="TIME", help="End; same format as --since.")]
Weekdays = Annotated[
    str | None,
    typer.Option(
        "--weekday",
        metavar="DAYS",
        help="On these days of the week, by the camera's clock: sat,sun.",
    ),
]
HoursOfDay = Annotated[
    str | None,
    typer.Option(
        "--hours",
        metavar="FROM-TO",
        help="In these hours, by the camera's clock: 8-18, or 22-6, which begins on --weekday.",
    ),
]
Clock = Annotated[
    str | None,
    typer.Option(
        "--timezone",
        metavar="NAME",
        help="Whose clock --since, --until and the table are by, such as Europe/Vienna. "
        "Default: that of the cameras.",
    ),
]
Sort = Annotated[
    str | None,
    typer.Option(
        metavar="KEY",
        show_default="-captured",
        help="By captured, camera, count, score, size or level; -score: the highest first.",
    ),
]
