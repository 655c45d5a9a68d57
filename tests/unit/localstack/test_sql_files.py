"""The files of sql/: whole statements, and tables with the fields that the contract names."""

import re

import pytest

from pycturestream.config.settings import PROJECT_FOLDER, Settings
from pycturestream.contracts.schemas import schema
from pycturestream.contracts.topics import SERVED
from pycturestream.localstack.sql_files import FOLDER, TABLES, declarations, statements

PLAIN = {"integer": "INT", "number": "DOUBLE", "string": "STRING", "boolean": "BOOLEAN"}


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.sql")), ids=lambda file: file.name)
def test_a_file_begins_with_its_purpose_and_ends_with_its_last_statement(file):
    text = file.read_text("utf-8")
    assert text.startswith("-- ")
    assert text.endswith(";\n")
    assert statements(text)


def test_semicolons_in_quotations_and_comments_separate_nothing():
    text = """
        -- first; this is none
        SELECT ';' AS `a;b`, 'it''s; one' /* no; */ FROM t; -- second;
        SELECT /*+ OPTIONS('x'=';') */ 1;
        /* none; either */
    """
    assert [statement.split("\n")[-1].strip() for statement in statements(text)] == [
        "SELECT ';' AS `a;b`, 'it''s; one' /* no; */ FROM t",
        "SELECT /*+ OPTIONS('x'=';') */ 1",
    ]


def test_a_set_of_statements_is_one_statement():
    text = """
        EXECUTE STATEMENT SET BEGIN
        INSERT INTO a SELECT CASE WHEN x THEN 1 ELSE 2 END FROM t;
        INSERT INTO b SELECT 2;
        END;
        SELECT 3;
    """
    first, second = statements(text)
    assert first.startswith("EXECUTE STATEMENT SET BEGIN\n")
    assert first.endswith("END")
    assert second == "SELECT 3"


def test_a_backslash_escapes_no_quotation_mark():
    text = r"SELECT a LIKE 'x\_%' ESCAPE '\' FROM t; SELECT ';'"
    assert statements(text) == [r"SELECT a LIKE 'x\_%' ESCAPE '\' FROM t", "SELECT ';'"]


def test_a_last_statement_may_lack_its_semicolon():
    assert statements("SELECT 1;\nSELECT 2\n") == ["SELECT 1", "SELECT 2"]


def test_the_tables_lie_at_the_address_of_the_settings():
    settings = Settings(port_offset=1000)
    declared = declarations(settings)
    assert declared.count(f"'properties.bootstrap.servers' = '{settings.kafka}'") == 1
    assert declared.count("'connector'") == 1
    assert ":9092" not in declared


def test_the_tables_log_in_as_the_settings_say():
    settings = Settings(
        kafka_security_protocol="SASL_SSL", kafka_sasl_mechanism="PLAIN", kafka_sasl_user="ann"
    )
    declared = declarations(settings)
    assert declared.count("'properties.security.protocol' = 'SASL_SSL'") == 1
    assert 'username="ann"' in declared
    assert len(statements(declared)) == len(statements(declarations(Settings())))


@pytest.mark.parametrize("topic", SERVED)
def test_a_table_has_the_fields_of_its_records(topic):
    contract = schema(topic)
    assert columns(topic) == expected_type(contract, contract)


def test_the_gateway_is_of_the_version_that_python_speaks():
    pinned = (PROJECT_FOLDER / "requirements.txt").read_text("utf-8")
    pom = (PROJECT_FOLDER / "pycturestream" / "localstack" / "pom.xml").read_text("utf-8")
    (version,) = re.findall(r"<flink.version>(.+)</flink.version>", pom)
    assert f"\napache-flink=={version} " in pinned


def columns(topic):
    """Return the columns of a table, with those that all results have, and their types."""
    own = declared(topic.replace("-", "_"), f"'topic' = '{topic}'\n) LIKE results")
    common = declared("results", "'format' = 'json'") | declared("log", "'connector' = 'kafka'")
    return common | own


def declared(table, options):
    text = re.sub(r"--[^\n]*", "", TABLES.read_text("utf-8"))
    (body,) = re.findall(
        rf"CREATE TABLE {table} \(((?:(?!\n\)).)*)\n\) WITH \(\s*{re.escape(options)}",
        text,
        re.DOTALL,
    )
    return fields(f"{body} >")


def fields(body):
    """Return the fields that are declared up to the bracket that closes them."""
    found, position = {}, 0
    while match := re.compile(r"[\s,]*`?(\w+)`? ").match(body, position):
        found[match[1]], position = type_at(body, match.end())
    return found


def type_at(body, position):
    """Return the type at this position, and where it ends."""
    for opening, closing, whole in (("ARRAY<ROW<", ">>", list), ("ROW<", ">", dict)):
        if body.startswith(opening, position):
            inner = re.compile(r"\s*").match(body, position + len(opening)).end()
            row = {}
            while not body.startswith(">", inner):
                match = re.compile(r"[\s,]*`?(\w+)`? ").match(body, inner)
                row[match[1]], inner = type_at(body, match.end())
                inner = re.compile(r"\s*").match(body, inner).end()
            return ([row] if whole is list else row), inner + len(closing)
    match = re.compile(r"ARRAY<(\w+)>|MAP<STRING, (\w+)>|(\w+)(\(3\))?").match(body, position)
    if match[1]:
        return [plain(match[1])], match.end()
    if match[2]:
        return {"*": plain(match[2])}, match.end()
    return plain(match[3]), match.end()


def plain(name):
    return "INT" if name == "BIGINT" else name


def expected_type(field, contract):
    """Return what a field of the JSON Schema is in SQL; a list is an array, a dict a row."""
    match field:
        case {"$ref": "#/$defs/time"}:
            kind = "TIMESTAMP_LTZ"
        case {"$ref": name}:
            kind = expected_type(contract["$defs"][name.removeprefix("#/$defs/")], contract)
        case {"anyOf": [either, {"type": "null"}]}:
            kind = expected_type(either, contract)
        case {"properties": parts}:
            kind = {name: expected_type(part, contract) for name, part in parts.items()}
        case {"additionalProperties": part}:
            kind = {"*": expected_type(part, contract)}
        case {"items": item}:
            kind = [expected_type(item, contract)]
        case {"type": [name, "null"]} | {"type": name}:
            kind = PLAIN[name]
        case _:
            kind = "BOOLEAN" if isinstance(field.get("const"), bool) else "STRING"
    return kind
