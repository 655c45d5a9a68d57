"""A certificate of our own for the local network, to try the seeing aid with a phone.

Browsers give a page the camera over TLS only. They warn of a certificate that nobody known has
signed; whoever compares its fingerprint can go on. For real use a proxy has a proper one.
"""

import socket
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from pycturestream.config.private_files import private_folder, write_private
from pycturestream.config.settings import Settings
from pycturestream.errors import ConfigurationError

LIFE = timedelta(days=90)
"""Browsers take no certificate of more than 398 days; this one is renewed at each start anyway."""
RENEWED_BEFORE = timedelta(days=1)
"""One that would expire while it is in use is renewed."""
_ELSEWHERE = "192.0.2.1"
"""An address that is never given to anybody (RFC 5737)."""


class LanError(ConfigurationError):
    """This machine is in no network; the message is one line."""


@dataclass(frozen=True, slots=True)
class LanCertificate:
    """A certificate and its key."""

    file: Path
    """Both of them, in PEM; only its owner may read it."""
    fingerprint: str
    """SHA-256, as browsers show it: `AB:CD:…`."""


def lan_address() -> str:
    """Return the address of this machine in its network. Raises LanError."""
    try:
        # Nothing is sent: the system only chooses by which of its addresses it would be.
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect((_ELSEWHERE, 9))
            address: str = probe.getsockname()[0]
    except OSError as error:
        raise LanError(
            f"this machine has no network ({error.strerror}): connect it, or name one of its "
            "addresses with --host"
        ) from error
    return address


def lan_certificate(settings: Settings, address: str, now: datetime) -> LanCertificate:
    """Return the certificate of an address (a number, not a name), made anew where it is needed.

    `now` has a time zone. Lets OSError through.
    """
    file = private_folder(settings) / "lan-certificate.pem"
    certificate = _read(file)
    if certificate is None or not _is_valid(certificate, address, now):
        certificate, pem = _make(address, now)
        write_private(file, pem)
    return LanCertificate(file, certificate.fingerprint(hashes.SHA256()).hex(":").upper())


def _read(file: Path) -> x509.Certificate | None:
    try:
        return x509.load_pem_x509_certificate(file.read_bytes())
    except (FileNotFoundError, ValueError):
        return None


def _is_valid(certificate: x509.Certificate, address: str, now: datetime) -> bool:
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return (
        names.get_values_for_type(x509.IPAddress) == [ip_address(address)]
        and certificate.not_valid_before_utc
        <= now
        < certificate.not_valid_after_utc - RENEWED_BEFORE
    )


def _make(address: str, now: datetime) -> tuple[x509.Certificate, bytes]:
    """Return a new certificate, and a PEM file of it and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "PyctureStream, local network")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - RENEWED_BEFORE)  # the phone's clock may be behind
        .not_valid_after(now + LIFE)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return certificate, pem + certificate.public_bytes(serialization.Encoding.PEM)
