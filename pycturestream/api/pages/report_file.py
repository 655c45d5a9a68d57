"""The report as one HTML file: the same page, script and style as `/report`, with its rows inside.

It asks no server for anything, so it can be mailed, kept and opened from a folder.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, get_args

import msgspec

from pycturestream.api.pages.asset_files import ASSETS
from pycturestream.api.pages.shell import rendered
from pycturestream.application.reports import Chart, ChartData, ReportScope
from pycturestream.contracts.csv_rows import csv_text
from pycturestream.domain.times import Millis, rfc3339

CHARTS: Final[Sequence[Chart]] = get_args(Chart)
_STYLES: Final = ("base.css", "vendor/uplot/uPlot.min.css", "report.css")
_SCRIPTS: Final = ("base.js", "report_charts.js", "report.js")
"""In this order each finds what it imports before it: in one script there are no modules."""
_IMPORT: Final = re.compile(r"^import\b[^;]*;\n", re.MULTILINE)
_EXPORT: Final = re.compile(r"^export (?=class|function|async|const)", re.MULTILINE)


def report_file(charts: Mapping[Chart, ChartData], scope: ReportScope, made_at: Millis) -> str:
    """Return the file, with all CHARTS of a scope in it.

    Its template does not escape what is handed in here: styles, scripts, and data without a `<`.
    """
    return rendered(
        "report_file.html",
        {
            "theme_script": _asset("theme.js"),
            "style": "\n".join(map(_asset, _STYLES)),
            "chart_library": _asset("vendor/uplot/uPlot.iife.min.js"),
            "script": "\n".join(_without_modules(_asset(name)) for name in _SCRIPTS),
            "data": _data(charts, scope, made_at),
            "may_mark": False,
        },
    )


def _data(charts: Mapping[Chart, ChartData], scope: ReportScope, made_at: Millis) -> str:
    """Return the rows as JSON that can't end the element in which it stands."""
    content: dict[str, Any] = {
        "made_at": rfc3339(made_at),
        "chosen": {
            "period": "",
            "label": scope.label,
            "cameras": list(scope.cameras),
            "site": scope.site or "",
            "by": "",
        },
        "charts": {
            name: {
                "since": rfc3339(scope.period.since),
                "until": rfc3339(scope.period.until),
                "step_s": scope.period.step_ms // 1000,
                "rows": chart.rows,
                "summary": chart.summary,
                "csv": csv_text(chart.rows),
            }
            for name, chart in charts.items()
        },
    }
    return msgspec.json.encode(content).decode().replace("<", "\\u003c")


def _without_modules(script: str) -> str:
    return _EXPORT.sub("", _IMPORT.sub("", script))


def _asset(name: str) -> str:
    return (ASSETS / name).read_text("utf-8")
