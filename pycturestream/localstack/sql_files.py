"""The files of Flink SQL: the tables that they declare, and the statements in them."""

from collections.abc import Iterable

import sqlparse
from sqlparse.keywords import SQL_REGEX
from sqlparse.lexer import Lexer
from sqlparse.sql import Token
from sqlparse.tokens import Comment, Punctuation, String

from pycturestream.config.settings import PROJECT_FOLDER, Settings
from pycturestream.log.clients import flink_options

FOLDER = PROJECT_FOLDER / "sql"
TABLES = FOLDER / "tables.sql"
WRITTEN_ADDRESS = "'properties.bootstrap.servers' = '127.0.0.1:9092'"
"""Kafka's address in the file, which can be used without this project too."""
# In standard SQL, and Flink's, a backslash escapes nothing; sqlparse also knows dialects where it
# does, and there the string of ESCAPE '\\' would not end.
_REGEX = [
    (r"'(''|[^'])*'", kind) if kind is String.Single else (pattern, kind)
    for pattern, kind in SQL_REGEX
]


def declarations(settings: Settings) -> str:
    """Return the statements that declare the tables, with the settings' connection to Kafka."""
    return TABLES.read_text("utf-8").replace(WRITTEN_ADDRESS, flink_options(settings))


def statements(text: str) -> list[str]:
    """Return the statements that semicolons separate, without those that are comments only.

    A set of statements (`EXECUTE STATEMENT SET BEGIN … END`) is one statement.
    """
    Lexer.get_default_instance().set_SQL_REGEX(_REGEX)
    found = (_without_ending(parsed.flatten()) for parsed in sqlparse.parse(text))
    return [statement for statement in found if statement]


def _without_ending(tokens: Iterable[Token]) -> str:
    """Return the text up to the last token that is no comment, blank or semicolon."""
    kept = [*tokens]
    while kept and _is_ending(kept[-1]):
        kept.pop()
    return "".join(token.value for token in kept).strip()


def _is_ending(token: Token) -> bool:
    is_comment = token.ttype in Comment
    return is_comment or token.is_whitespace or bool(token.match(Punctuation, ";"))
