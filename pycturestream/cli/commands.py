"""All commands: where each is, and the first sentences of its help.

The list of all commands is printed from here, and imports none of them: all would take seconds.
"""

from collections.abc import Mapping
from typing import Final

COMMANDS: Final[Mapping[str, tuple[str, str]]] = {
    "up": (
        "up:up",
        "Start whatever part of the local stack is not running, and print its addresses.",
    ),
    "down": ("down:down", "Stop the servers that `up` started, and nothing else."),
    "status": (
        "status:status",
        "Show servers and jobs; the exit status is 1 if one that should run does not, or waits.",
    ),
    "demo": (
        "demo:demo",
        "Start the stack, stream the sample cameras and show what they see, until Ctrl-C.",
    ),
    "publish": ("publish:publish", "Publish one camera's pictures to Kafka."),
    "run": ("run:run", "Publish all cameras of a file to Kafka, until Ctrl-C."),
    "bridge": ("bridge:bridge", "Publish the records of legacy clients as frames, until Ctrl-C."),
    "notify": (
        "notify:app",
        "Send emails and webhooks about alerts: `pycturestream notify recipients.yaml`.",
    ),
    "pictures": (
        "pictures:pictures",
        "Make annotated, archived and live pictures, until Ctrl-C.",
    ),
    "cameras": ("cameras:app", "Check, apply and list the settings of cameras."),
    "load": (
        "load:load",
        "Publish real frames of many cameras at a steady rate, live, for measurements.",
    ),
    "replay": (
        "replay:replay",
        "Detect, judge and count everything that was published with `--mode replay`.",
    ),
    "watch": (
        "watch:watch_command",
        "Show what the cameras see, until Ctrl-C; in a pipe, print one line per record.",
    ),
    "speak": ("speak:speak", "Speak what a camera sees, in the listener's language, until Ctrl-C."),
    "latest": ("latest:latest", "Show the newest record of a camera."),
    "find": ("find:find", "Find pictures by what is in them."),
    "counts": ("counts:counts", "Show counts by camera, label and window, or their totals."),
    "report": (
        "report:report",
        "Write a report on what the cameras saw as one HTML file, which needs no server.",
    ),
    "alerts": (
        "alerts:app",
        "Show alerts as they are now, the newest first, with the commands about them.",
    ),
    "archive": (
        "archive:app",
        "Show, check and lock archived pictures, and remove those that are due.",
    ),
    "narrations": ("narrations:narrations", "Show the sentences of narrations."),
    "rules": ("rules:app", "Try rules on past detections, and score them on clips."),
    "explain": (
        "explain:explain",
        "Show how a frame went through the system, and which conditions of which rules held in it.",
    ),
    "sql": (
        "sql:sql",
        "Query the log in Flink SQL: run a file and print the results, or start the SQL client.",
    ),
    "dead-letters": (
        "dead_letters:dead_letters",
        "Show what was rejected and why, as long as the log keeps it.",
    ),
    "annotate": (
        "annotate:annotate",
        "Write the picture of a frame with boxes, labels, tracks, sectors, zones and threats.",
    ),
    "erase": (
        "erase:erase",
        "Erase what a camera saw in a time, everywhere, and see to it that it stays away.",
    ),
    "export": ("export:export", "Hand out what is held of what a camera saw in a time."),
    "blur": ("blur:blur", "Write copies of pictures in which the heads of people are grey."),
    "models": ("models:app", "List the models; score them; convert one from its source."),
    "tracks": ("tracks:app", "Score tracking on labelled footage."),
    "dashboards": (
        "dashboards:app",
        "Publish the dashboards to Grafana; check what their panels show.",
    ),
    "serve": (
        "serve:serve",
        "Serve pages, API and seeing aid until Ctrl-C. For others, put a proxy with TLS in front.",
    ),
    "tokens": ("tokens:app", "Create, list and revoke tokens of the alert API and the seeing aid."),
    "privacy": ("privacy:app", "Prove what is kept of pictures; remove what is due."),
    "setup": (
        "setup:setup",
        "Create topics and index templates, and submit the jobs that are not running.",
    ),
}
"""The name of a command; a file of this folder, with the function or group of commands in it; and
what the list says about it."""
