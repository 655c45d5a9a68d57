"""The cause of a failed statement is one line of a long Java stack trace."""

from pycturestream.localstack.sql_gateway import statement_cause


def test_a_wrong_name_is_reported_with_its_position():
    trace = """\
Internal server error.
<Exception on server side:
org.apache.flink.table.gateway.api.utils.SqlGatewayException: Failed to fetchResults.
	at org.apache.flink.Some.frame(Some.java:1)
Caused by: org.apache.flink.table.api.ValidationException: SQL validation failed. From line 1, \
column 8 to line 1, column 13: Column 'nobody' not found in any table
	at org.apache.flink.Some.frame(Some.java:1)
Caused by: org.apache.calcite.runtime.CalciteContextException: From line 1, column 8 to line 1, \
column 13: Column 'nobody' not found in any table
Caused by: org.apache.calcite.sql.validate.SqlValidatorException: Column 'nobody' not found
	... 12 more

End of exception on server side>"""
    assert statement_cause(trace) == (
        "From line 1, column 8 to line 1, column 13: Column 'nobody' not found in any table"
    )


def test_a_job_that_failed_is_reported_by_the_innermost_cause():
    trace = """\
org.apache.flink.runtime.client.JobExecutionException: Job execution failed.
Caused by: org.apache.flink.runtime.JobException: Recovery is suppressed by NoRestartBackoff
	at org.apache.flink.Some.frame(Some.java:1)
Caused by: java.lang.NumberFormatException: For input string: 'abc'. Invalid character found."""
    assert statement_cause(trace) == "For input string: 'abc'. Invalid character found."


def test_a_text_that_is_no_trace_is_reported_as_it_is():
    assert statement_cause("\n  too many sessions\n") == "too many sessions"
    assert statement_cause("") == "no error message"
