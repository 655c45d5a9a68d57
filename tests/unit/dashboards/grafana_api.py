"""The two paths of Grafana's API that we use, as its published description has them.

Written by us from the facts in public/api-merged.json of github.com/grafana/grafana, at commit
643993978b297ee0eda0737135f91bdfe590c7bf (Swagger 2.0, the file calls itself version 0.0.1): names,
types and what is required, and nothing else of it. A field that is not there is a mistake here.
"""

from typing import Any, Final

from jsonschema import Draft202012Validator, FormatChecker

Schema = dict[str, Any]

STRING: Final[Schema] = {"type": "string"}
INTEGER: Final[Schema] = {"type": "integer"}
BOOLEAN: Final[Schema] = {"type": "boolean"}
TIME: Final[Schema] = {"type": "string", "format": "date-time"}
JSON: Final[Schema] = {"type": "object"}
"""`Json` has no type there: what a dashboard is, another test says."""


def closed(properties: Schema, *required: str) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }


ERROR: Final = closed({"message": STRING, "error": STRING, "status": STRING}, "message")
"""ErrorResponseBody."""
SAVE: Final = closed(
    {
        "UpdatedAt": TIME,
        "dashboard": JSON,
        "folderId": INTEGER,
        "folderUid": STRING,
        "isFolder": BOOLEAN,
        "message": STRING,
        "overwrite": BOOLEAN,
        "userId": INTEGER,
    }
)
"""SaveDashboardCommand."""
SAVED: Final = closed(
    {
        "folderUid": STRING,
        "id": INTEGER,
        "status": STRING,
        "title": STRING,
        "uid": STRING,
        "url": STRING,
        "version": INTEGER,
    },
    *("status", "title", "version", "id", "uid", "url"),
)
"""postDashboardResponse."""
META: Final = closed(
    {
        **dict.fromkeys(
            (
                *("canAdmin", "canDelete", "canEdit", "canSave", "canStar", "hasAcl", "isFolder"),
                *("isSnapshot", "isStarred", "provisioned", "publicDashboardEnabled"),
            ),
            BOOLEAN,
        ),
        **dict.fromkeys(
            (
                *("apiVersion", "createdBy", "folderTitle", "folderUid", "folderUrl"),
                *("provisionedExternalId", "slug", "type", "updatedBy", "url"),
            ),
            STRING,
        ),
        **dict.fromkeys(("created", "expires", "updated"), TIME),
        **dict.fromkeys(("folderId", "version"), INTEGER),
        "annotationsPermissions": JSON,
    }
)
"""DashboardMeta."""
SHOWN: Final = closed({"dashboard": JSON, "meta": META})
"""DashboardFullWithMeta."""

REQUESTS: Final = {"POST /dashboards/db": SAVE, "GET /dashboards/uid/{uid}": None}
RESPONSES: Final = {
    "POST /dashboards/db": {
        200: SAVED,
        **dict.fromkeys((400, 401, 403, 404, 412, 422, 500), ERROR),
    },
    "GET /dashboards/uid/{uid}": {
        200: SHOWN,
        **dict.fromkeys((401, 403, 404, 406, 500), ERROR),
    },
}


def faults(schema: Schema | None, value: Any) -> list[str]:
    """Return what is wrong with a body; a None for a schema is for none."""
    if schema is None:
        return [] if value is None else ["there must be no body"]
    checker = Draft202012Validator(schema, format_checker=FormatChecker())
    return [error.message for error in checker.iter_errors(value)]
