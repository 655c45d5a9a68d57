"""Whose fault an error of a store is: the record's, or the server's, which waits."""

import pytest
import redis
from elastic_transport import ApiResponseMeta, HttpHeaders, NodeConfig
from elasticsearch import ApiError

from pycturestream.config.settings import Settings
from pycturestream.contracts.topics import COUNTS
from pycturestream.stores.batch_writer import (
    Busy,
    Done,
    RequestRejected,
    StoreUnavailable,
    Unwritable,
)
from pycturestream.stores.elasticsearch import ElasticsearchStore
from pycturestream.stores.record import decode_result
from pycturestream.stores.redis import RedisStore
from tests.builders import count_record, message

RECORD = decode_result(*message(COUNTS, count_record()))
PARSE_ERROR = redis.connection.DefaultParser.parse_error


def redis_answer(monkeypatch, reply, *, to_all=False):
    """Return what the store makes of a reply to its script, or to the request as a whole."""
    store = RedisStore(Settings())

    def execute(_pipeline, **_options):
        if to_all:
            raise reply
        return [reply]

    monkeypatch.setattr(redis.client.Pipeline, "execute", execute)
    (answer,) = store.write([RECORD])
    return answer


STATES = [
    "OOM command not allowed when used memory > 'maxmemory'.",
    "MISCONF Redis is configured to save RDB snapshots, but it is unable to persist on disk.",
    "MISCONF Errors writing to the AOF file: No space left on device",
    "READONLY You can't write against a read only replica.",
    "NOREPLICAS Not enough good replicas to write.",
    "LOADING Redis is loading the dataset in memory",
    "BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.",
    "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
    "CLUSTERDOWN The cluster is down",
    "TRYAGAIN Multiple keys request during rehashing of slot",
    "MOVED 3999 127.0.0.1:6381",
    "CROSSSLOT Keys in request don't hash to the same slot",
    "NOAUTH Authentication required.",
    "WRONGPASS invalid username-password pair or user is disabled.",
    "NOPERM this user has no permissions to run the 'evalsha' command",
    "NOSCRIPT No matching script. Please use EVAL.",
    "ERR max number of clients reached",
    "ERR something that a later version says",
    "UNKILLABLE Sorry the script already executed write commands",
]


@pytest.mark.parametrize("text", STATES)
def test_what_redis_can_not_take_now_waits(monkeypatch, text):
    forms = [
        text,
        f"ERR Error running script (call to f_7c): @user_script:57: @user_script: 57: -{text}",
        f"ERR Error running script (call to f_7c): @user_script:57: {text}",
        f"{text} script: 7c, on @user_script:57.",
        f"EXECABORT Transaction discarded because of: {text}",
    ]
    for form in forms:
        if form.startswith("MOVED") and form != text:
            continue  # the client takes it apart
        assert isinstance(redis_answer(monkeypatch, PARSE_ERROR(form)), Busy), form


@pytest.mark.parametrize(
    "text",
    [
        "WRONGTYPE Operation against a key holding the wrong kind of value",
        (
            "ERR Error running script (call to f_7c): @user_script:30: WRONGTYPE Operation against "
            "a key holding the wrong kind of value"
        ),
        (
            "WRONGTYPE Operation against a key holding the wrong kind of value script: 7c, on "
            "@user_script:30."
        ),
    ],
)
def test_a_key_of_another_kind_rejects_a_record(monkeypatch, text):
    assert isinstance(redis_answer(monkeypatch, PARSE_ERROR(text)), Unwritable)


@pytest.mark.parametrize(
    ("error", "raised"),
    [
        (redis.ConnectionError("gone"), StoreUnavailable),
        (redis.TimeoutError("slow"), StoreUnavailable),
        (redis.AuthenticationError("no"), StoreUnavailable),
        (redis.InvalidResponse("what"), StoreUnavailable),
        (redis.DataError("no bytes"), RequestRejected),
    ],
)
def test_an_error_of_the_client_is_about_the_whole_request(monkeypatch, error, raised):
    with pytest.raises(raised):
        redis_answer(monkeypatch, error, to_all=True)


def elasticsearch_answer(monkeypatch, bulk):
    store = ElasticsearchStore(Settings())
    monkeypatch.setattr(store, "prepare", lambda: None)
    monkeypatch.setattr(store._client, "bulk", bulk)
    (answer,) = store.write([RECORD])
    store.close()
    return answer


def item(status, kind, reason, cause=""):
    error = {"type": kind, "reason": reason}
    if cause:
        error["caused_by"] = {"type": "other", "reason": cause}
    return lambda **_: {"items": [{"index": {"status": status, "error": error}}]}


def failed(status, body):
    def bulk(**_options):
        meta = ApiResponseMeta(
            status, "1.1", HttpHeaders(), 0.1, NodeConfig("http", "localhost", 9200)
        )
        raise ApiError("no", meta, body)

    return bulk


SERVER = [
    (400, "validation_exception", "this action would add [2] shards, but this cluster has [9]/[9]"),
    (400, "illegal_argument_exception", "this action would add [2] shards, but the maximum is 9"),
    (400, "illegal_argument_exception", "pipeline with id [gone] does not exist"),
    (400, "illegal_argument_exception", "no write index is defined for alias [counts]"),
    (400, "index_closed_exception", "closed"),
    (400, "mapper_parsing_exception", "Failed to parse mapping: unknown type"),
    (403, "cluster_block_exception", "index [x] blocked by: [FORBIDDEN/12/index read-only]"),
    (429, "cluster_block_exception", "index [x] blocked by: [TOO_MANY_REQUESTS/12/disk usage]"),
    (429, "circuit_breaking_exception", "[parent] Data too large"),
    (429, "es_rejected_execution_exception", "rejected execution"),
    (503, "unavailable_shards_exception", "primary shard is not active"),
    (503, "process_cluster_event_timeout_exception", "failed to process cluster event"),
    (401, "security_exception", "missing authentication credentials"),
    (403, "security_exception", "action [indices:data/write/bulk] is unauthorized"),
    (404, "index_not_found_exception", "no such index [x] and [action.auto_create_index] is false"),
    (400, "an_exception_of_a_later_version", "what it may be"),
    (500, "null_pointer_exception", "oh"),
]


@pytest.mark.parametrize(("status", "kind", "reason"), SERVER)
def test_what_elasticsearch_can_not_take_now_waits(monkeypatch, status, kind, reason):
    assert isinstance(elasticsearch_answer(monkeypatch, item(status, kind, reason)), Busy)
    body = {"error": {"type": kind, "reason": reason}, "status": status}
    with pytest.raises(StoreUnavailable):
        elasticsearch_answer(monkeypatch, failed(status, body))


@pytest.mark.parametrize("body", ["<html>400 Bad Request</html>", {}, {"error": "no"}, None, []])
@pytest.mark.parametrize("status", [400, 401, 403, 404, 502])
def test_what_a_proxy_says_waits(monkeypatch, status, body):
    with pytest.raises(StoreUnavailable):
        elasticsearch_answer(monkeypatch, failed(status, body))


@pytest.mark.parametrize(
    ("kind", "reason", "cause"),
    [
        ("mapper_parsing_exception", "failed to parse field [width] of type [integer]", "wide"),
        ("document_parsing_exception", "[1:5] failed to parse field [width]", ""),
        ("strict_dynamic_mapping_exception", "introduction of [mood] is not allowed", ""),
        ("illegal_argument_exception", "Document contains at least one immense term", ""),
        ("illegal_argument_exception", "bad", "Limit of total fields [1000] has been exceeded"),
    ],
)
def test_a_document_that_can_not_be_kept_is_rejected(monkeypatch, kind, reason, cause):
    answer = elasticsearch_answer(monkeypatch, item(400, kind, reason, cause))

    assert isinstance(answer, Unwritable)
    assert reason in answer.reason
    assert cause in answer.reason


def test_a_newer_version_is_no_fault(monkeypatch):
    conflict = item(409, "version_conflict_engine_exception", "current version [5] is higher")

    assert elasticsearch_answer(monkeypatch, conflict) is Done.OLDER


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (413, ""),
        (413, "<html>Request Entity Too Large</html>"),
        (400, {"error": {"type": "x_content_parse_exception", "reason": "[1:3] Unexpected"}}),
        (
            400,
            {
                "error": {
                    "type": "illegal_argument_exception",
                    "reason": "Malformed action/metadata line [1]",
                }
            },
        ),
    ],
)
def test_a_request_that_can_not_be_read_is_taken_apart(monkeypatch, status, body):
    with pytest.raises(RequestRejected):
        elasticsearch_answer(monkeypatch, failed(status, body))
