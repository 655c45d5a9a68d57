"""The certificate for trying the seeing aid in the local network."""

import ssl
import stat
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509

from pycturestream.api import lan_certificate as module
from pycturestream.api.lan_certificate import LIFE, LanError, lan_address, lan_certificate
from pycturestream.config.settings import Settings

NOW = datetime(2026, 11, 29, tzinfo=UTC)
ADDRESS = "192.168.7.5"


@pytest.fixture
def chosen(tmp_path):
    return Settings(data_folder=tmp_path)


def test_it_is_kept_privately_and_stays_from_one_start_to_the_next(chosen):
    first = lan_certificate(chosen, ADDRESS, NOW)
    assert stat.S_IMODE(first.file.stat().st_mode) == 0o600
    assert lan_certificate(chosen, ADDRESS, NOW + timedelta(days=80)) == first


@pytest.mark.parametrize(
    ("address", "after"),
    [("192.168.7.6", timedelta(0)), (ADDRESS, LIFE), (ADDRESS, timedelta(days=-400))],
    ids=["address", "expired", "clock set back"],
)
def test_it_is_renewed_where_it_does_not_hold_any_more(chosen, address, after):
    first = lan_certificate(chosen, ADDRESS, NOW)
    assert lan_certificate(chosen, address, NOW + after).fingerprint != first.fingerprint


def test_it_is_renewed_where_its_file_is_broken(chosen):
    file = lan_certificate(chosen, ADDRESS, NOW).file
    file.write_text("no certificate")
    lan_certificate(chosen, ADDRESS, NOW)
    assert "CERTIFICATE" in file.read_text()


def test_servers_can_use_it_and_browsers_compare_it(chosen):
    made = lan_certificate(chosen, ADDRESS, NOW)
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(made.file)
    certificate = x509.load_pem_x509_certificate(made.file.read_bytes())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [str(name) for name in names.get_values_for_type(x509.IPAddress)] == [ADDRESS]
    assert len(made.fingerprint.split(":")) == 32
    lasts = certificate.not_valid_after_utc - certificate.not_valid_before_utc
    assert lasts < timedelta(days=398)


def test_without_a_network_one_is_told_what_to_do(monkeypatch):
    class Unconnected(module.socket.socket):
        def connect(self, _address):
            raise OSError(101, "Network is unreachable")

    monkeypatch.setattr(module.socket, "socket", Unconnected)
    with pytest.raises(LanError, match="--host"):
        lan_address()
