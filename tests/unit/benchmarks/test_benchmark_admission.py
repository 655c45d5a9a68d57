import pytest

from benchmarks.admission import sum_up


def test_admission_is_compared_with_detection():
    finding = sum_up(admitting=[0.2, 0.4, 0.3], detecting=[40.0, 40.0, 60.0])

    assert finding.figures["admit_ms"].median == 0.3
    assert finding.figures["detect_ms"].median == 40
    assert finding.figures["share"].median == pytest.approx(0.005)
    (table,) = finding.tables
    assert list(table.columns[1].cells) == ["0.300", "40.0", "0.50%"]
