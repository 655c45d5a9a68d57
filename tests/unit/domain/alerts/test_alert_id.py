import pytest

from pycturestream.domain.alerts.alert_id import time_in_id
from tests.builders import NOON


@pytest.mark.parametrize(
    ("alert_id", "at"),
    [
        ("stranger:gate_20261121T120000000Z#0", NOON),
        ("offline:gate_20261121T120000000Z", NOON),
        ("a_b:c_d_20261121T120000000Z#12", NOON),
        ("strange", None),
        ("", None),
    ],
)
def test_an_alerts_id_says_when_it_began(alert_id, at):
    assert time_in_id(alert_id) == at
