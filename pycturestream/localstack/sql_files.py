"""The files of Flink SQL: the tables that they declare, and the statements that they hold."""

import re

from pycturestream.config.settings import PROJECT_FOLDER, Settings

FOLDER = PROJECT_FOLDER / "sql"
TABLES = FOLDER / "tables.sql"
WRITTEN_ADDRESS = "'127.0.0.1:9092'"
"""Kafka's address as it stands in the file, so that it can be used without us too."""
STATEMENT = re.compile(
    r"""(?: --[^\n]* | /\*.*?\*/      # what a comment
          | '[^']*' | `[^`]*`         # or a quotation holds separates nothing
          | [^;] )+""",
    re.VERBOSE | re.DOTALL,
)
COMMENT = re.compile(r"--[^\n]*|/\*(?!\+).*?\*/", re.DOTALL)


def declarations(settings: Settings) -> str:
    """Return the statements that declare the tables, with the settings' address of Kafka."""
    return TABLES.read_text("utf-8").replace(WRITTEN_ADDRESS, f"'{settings.kafka}'")


def statements(text: str) -> list[str]:
    """Return the statements that semicolons separate, without those that are comments only."""
    return [
        statement.strip()
        for statement in STATEMENT.findall(text)
        if COMMENT.sub("", statement).strip()
    ]
