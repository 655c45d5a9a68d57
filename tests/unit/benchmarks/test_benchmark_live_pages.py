"""The figures of the live pages."""

from benchmarks.live_pages import Cost, costs_table


def test_each_number_of_pages_has_a_row():
    table = costs_table([Cost(100.0, 0, 0.001, 0.0), Cost(100.0, 5, 0.0153, 122.0)])
    assert table.row_count == 2
    assert list(table.columns[2].cells) == ["0.1", "1.5"]
