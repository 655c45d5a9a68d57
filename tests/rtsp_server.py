"""A network camera for tests: RTSP on loopback, with JPEG or H.264 (RFC 2326, RFC 2435, RFC 6184).

It sends what a picture function draws for each moment, so that a test knows how old a picture is,
and it can fail: keep silent, let bytes trickle, refuse connections, die, or be held up by the
network, so that its pictures arrive late and all at once.
"""

import random
import re
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import Literal

Behaviour = Literal["healthy", "silent", "trickling", "refusing", "held up"]

Codec = Literal["jpeg", "h264"]

FRAGMENT = 1_400
"""Bytes of a picture in one packet: fits in a UDP datagram."""
PAYLOADS: dict[Codec, int] = {"jpeg": 26, "h264": 96}
TIMES_A_SECOND = 90_000
SDP = """v=0\r
o=- 0 0 IN IP4 127.0.0.1\r
s=camera\r
c=IN IP4 127.0.0.1\r
t=0 0\r
m=video 0 RTP/AVP {payload}\r
a=control:track\r
"""
H264_SDP = "a=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1\r\n"
UNSUPPORTED = "461 Unsupported Transport"


class RtspServer:
    """One camera; any number of clients may connect to it."""

    def __init__(
        self,
        draw: Callable[[int], bytes],
        fps: float = 10.0,
        port: int = 0,
        *,
        tcp: bool = True,
        codec: Codec = "jpeg",
    ) -> None:
        """Show `draw(number)` at `fps`: a baseline 4:2:0 JPEG with sides that 8 divides.

        With H.264 it is an access unit as a byte stream. Without `tcp` pictures go by UDP only.
        """
        self.draw = draw
        self.codec: Codec = codec
        self.fps = fps
        self.tcp = tcp
        self.behaviour: Behaviour = "healthy"
        self.visits = 0
        self.transports: list[str] = []
        self._born = time.monotonic()
        self._connections: set[socket.socket] = set()
        self._server = _Server(("127.0.0.1", port), self)
        self.port = int(self._server.server_address[1])
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    @property
    def address(self) -> str:
        return f"rtsp://admin:hunter2@127.0.0.1:{self.port}/main"

    @property
    def number(self) -> int:
        """The picture that shows now."""
        return int((time.monotonic() - self._born) * self.fps)

    @property
    def running(self) -> bool:
        return self._thread.is_alive()

    def stop(self) -> None:
        """Die at once, with all connections."""
        self._server.shutdown()
        self._thread.join()
        for connection in list(self._connections):
            with suppress(OSError):  # it may just have ended
                connection.shutdown(socket.SHUT_RDWR)
        self._server.server_close()


class _Server(ThreadingTCPServer):
    allow_reuse_address = True

    def __init__(self, address: tuple[str, int], camera: RtspServer) -> None:
        super().__init__(address, _Visit)
        self.camera = camera


class _Visit(StreamRequestHandler):
    """One connection: requests and answers, then pictures until the client leaves."""

    server: _Server

    def handle(self) -> None:
        camera = self.server.camera
        camera.visits += 1
        camera._connections.add(self.connection)
        self._send_packet: Callable[[bytes], object] = self._send_inside
        # A client that has left, or a camera that has died, is no error.
        with ExitStack() as self._closing, suppress(OSError):
            while camera.running and (request := self._read_request()):
                if camera.behaviour == "refusing":
                    break
                if camera.behaviour == "healthy" and self._answer(*request):
                    self._play()
                    break
        camera._connections.discard(self.connection)

    def _read_request(self) -> tuple[str, dict[str, str]] | None:
        """Return the method and headers; None when the client has left."""
        lines = []
        while line := self.rfile.readline().decode("latin-1").strip():
            lines.append(line)
        if not lines:
            return None
        headers = (line.partition(":") for line in lines[1:])
        return lines[0].split()[0], {name.lower(): value.strip() for name, _, value in headers}

    def _answer(self, method: str, headers: dict[str, str]) -> bool:
        """Answer a request; True when pictures are wanted."""
        status, more, body = "200 OK", [], ""
        if method == "OPTIONS":
            more = ["Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN"]
        elif method == "DESCRIBE":
            codec = self.server.camera.codec
            body = SDP.format(payload=PAYLOADS[codec]) + (H264_SDP if codec == "h264" else "")
            more = ["Content-Type: application/sdp"]
        elif method == "SETUP":
            transport = self._set_up(headers["transport"])
            more, status = [f"Transport: {transport}"], status if transport else UNSUPPORTED
        lines = [f"RTSP/1.0 {status}", f"CSeq: {headers['cseq']}", "Session: 1", *more]
        lines += [f"Content-Length: {len(body)}", "", body]
        self.wfile.write("\r\n".join(lines).encode())
        return method == "PLAY"

    def _set_up(self, requested: str) -> str:
        """Choose the transport of packets, and return it for the answer to the client."""
        camera = self.server.camera
        ports = next((part for part in requested.split(";") if part.startswith("client_port=")), "")
        camera.transports.append("udp" if ports else "tcp")
        if not ports:
            return "RTP/AVP/TCP;unicast;interleaved=0-1" if camera.tcp else ""
        client = "127.0.0.1", int(ports.partition("=")[2].partition("-")[0])
        outlet = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        outlet.bind(("127.0.0.1", 0))
        self._closing.callback(outlet.close)
        self._send_packet = lambda packet: outlet.sendto(packet, client)
        port = outlet.getsockname()[1]
        return f"RTP/AVP;unicast;{ports};server_port={port}-{port + 1}"

    def _send_inside(self, packet: bytes) -> None:
        self.wfile.write(struct.pack("!cBH", b"$", 0, len(packet)) + packet)

    def _play(self) -> None:
        camera = self.server.camera
        sequence = random.randrange(1 << 16)
        last, held_up = -1, False
        while camera.running:
            if camera.behaviour == "refusing":
                return
            if camera.behaviour == "trickling":
                self.wfile.write(b"$")
            if camera.behaviour == "held up":
                held_up = True
            elif camera.behaviour == "healthy":
                last = last if held_up else max(last, camera.number - 1)
                held_up = False
                for number in range(last + 1, camera.number + 1):
                    payloads = PAYLOADERS[camera.codec](camera.draw(number))
                    at = int(number / camera.fps * TIMES_A_SECOND) % (1 << 32)
                    for packet in packets(payloads, sequence, at, PAYLOADS[camera.codec]):
                        self._send_packet(packet)
                        sequence += 1
                    last = number
            time.sleep(0.01)


def packets(
    payloads: Sequence[bytes], sequence: int, at: int, payload_type: int
) -> Iterator[bytes]:
    """Yield the RTP packets of a picture; the last one is marked."""
    for number, payload in enumerate(payloads):
        marker = 0x80 if number == len(payloads) - 1 else 0
        number_here = (sequence + number) % (1 << 16)
        yield struct.pack("!BBHII", 0x80, marker | payload_type, number_here, at, 1) + payload


def jpeg_payloads(jpeg: bytes) -> list[bytes]:
    tables, (height, width), scan = _take_apart(jpeg)
    payloads = []
    for begin in range(0, len(scan), FRAGMENT):
        # Type 1: baseline 4:2:0. Quality 255: its tables are in the first packet.
        header = struct.pack("!IBBBB", begin, 1, 255, width // 8, height // 8)
        if begin == 0:
            header += struct.pack("!BBH", 0, 0, len(tables)) + tables
        payloads.append(header + scan[begin : begin + FRAGMENT])
    return payloads


def h264_payloads(unit: bytes) -> list[bytes]:
    payloads = []
    for nal in (each for each in re.split(rb"\x00\x00\x00?\x01", unit) if each):
        if len(nal) <= FRAGMENT:
            payloads.append(nal)
            continue
        indicator, kind, body = nal[0] & 0xE0 | 28, nal[0] & 0x1F, nal[1:]
        for begin in range(0, len(body), FRAGMENT):
            ends = begin + FRAGMENT >= len(body)
            marks = (0x80 if begin == 0 else 0) | (0x40 if ends else 0)
            payloads.append(bytes((indicator, marks | kind)) + body[begin : begin + FRAGMENT])
    return payloads


PAYLOADERS: dict[Codec, Callable[[bytes], list[bytes]]] = {
    "jpeg": jpeg_payloads,
    "h264": h264_payloads,
}


def _take_apart(jpeg: bytes) -> tuple[bytes, tuple[int, int], bytes]:
    """Return a JPEG's quantisation tables, its height and width, and its compressed data."""
    tables, size, position = b"", (0, 0), 2
    while True:
        marker, length = struct.unpack_from("!HH", jpeg, position)
        body = jpeg[position + 4 : position + 2 + length]
        position += 2 + length
        match marker:
            case 0xFFDB:  # one or more of: a byte of precision and name, 64 of the table
                tables += b"".join(body[i + 1 : i + 65] for i in range(0, len(body), 65))
            case 0xFFC0:
                size = struct.unpack_from("!HH", body, 1)
            case 0xFFDA:
                return tables, size, jpeg[position:-2]
