"""Proofs that a frame is of its camera's own producer: signatures, in a header of its record.

The producer alone holds the token. A camera's settings hold the key that belongs to it, with which
anybody can check a proof and nobody can make one. A proof covers all that a frame is judged by, and
when it was made, so that a record which somebody sends once more is recognised.
"""

from collections.abc import Mapping
from hashlib import scrypt, sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from pycturestream.domain.frames.admission import Arrival
from pycturestream.domain.times import Millis

_TIME_BYTES = 8
_SIGNATURE_BYTES = 64
_WORK = 2**14
"""Of scrypt, 16 MB and some 50 ms: whoever has the key tries out a short token that slowly."""
_PURPOSE = b"pycturestream frame 1"


class FrameSigner:
    """Makes the proofs of one producer."""

    def __init__(self, token: str) -> None:
        seed = scrypt(token.encode(), salt=_PURPOSE, n=_WORK, r=8, p=1, dklen=32)
        self._key = Ed25519PrivateKey.from_private_bytes(seed)

    @property
    def sender_key(self) -> str:
        """What the settings of its cameras hold: 64 hexadecimal digits."""
        return self._key.public_key().public_bytes_raw().hex()

    def prove(self, key: bytes, value: bytes, headers: Mapping[str, bytes], now: Millis) -> bytes:
        """Return the header `proof` of a record that is sent `now`."""
        at = now.to_bytes(_TIME_BYTES, "big", signed=True)
        names = ("captured_at", "sent_at", "reference")
        return at + self._key.sign(_signed(at, key, value, *map(headers.get, names)))


def is_proven(arrival: Arrival, sender_key: str, tolerance_ms: int) -> bool:
    """Whether the holder of the token made a record, within the tolerance of when it arrived."""
    proof = arrival.proof or b""
    if len(proof) != _TIME_BYTES + _SIGNATURE_BYTES:
        return False
    at, signature = proof[:_TIME_BYTES], proof[_TIME_BYTES:]
    if abs(arrival.received_at - int.from_bytes(at, "big", signed=True)) > tolerance_ms:
        return False
    signed = _signed(
        at, arrival.key, arrival.value, arrival.captured_at, arrival.sent_at, arrival.reference
    )
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(sender_key)).verify(signature, signed)
    except (InvalidSignature, ValueError):
        return False
    return True


def _signed(*parts: bytes | None) -> bytes:
    """Return what is signed: a digest of each part, so that none can become part of another."""
    return _PURPOSE + b"".join(sha256(part or b"").digest() for part in parts)
