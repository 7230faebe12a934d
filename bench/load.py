"""A load generator that costs little: one process, raw sockets, prepared requests."""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field


@dataclass(slots=True)
class Result:
    """Times of answers in seconds, errors (neither 200 nor 202), and how long it took."""

    seconds: list[float] = field(default_factory=list)
    errors: int = 0
    took: float = 0.0

    def add(self, other: Result) -> None:
        self.seconds += other.seconds
        self.errors += other.errors
        self.took += other.took

    @property
    def per_s(self) -> float:
        return len(self.seconds) / self.took

    def ms(self, share: float) -> float:
        """A quantile in milliseconds."""
        ordered = sorted(self.seconds)
        return 1000 * ordered[min(int(share * len(ordered)), len(ordered) - 1)]


@dataclass(slots=True)
class _Connection:
    socket: socket.socket
    sent_at: float = 0.0
    data: bytes = b""


def requests(path: str, bodies: Sequence[bytes], key: str) -> list[bytes]:
    """Prepared POST requests."""
    return [
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n".encode()
        + body
        for body in bodies
    ]


def run(port: int, prepared: Sequence[bytes], connections: int, seconds: float) -> Result:
    """Each connection sends its next request as soon as it has the answer to the last one. Stops by itself."""
    result = Result()
    turn = _forever(prepared)
    with selectors.DefaultSelector() as selector:
        for _ in range(connections):
            made = _Connection(socket.create_connection(("127.0.0.1", port), timeout=10))
            made.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            selector.register(made.socket, selectors.EVENT_READ, made)
            _send(made, next(turn))
        started = time.perf_counter()
        end = started + seconds
        open_now = connections
        while open_now:
            ready = selector.select(timeout=10)
            if not ready:
                raise RuntimeError("no answer for 10 s")
            for event, _ in ready:
                connection: _Connection = event.data
                if not _receive(connection, result):
                    continue
                if time.perf_counter() < end:
                    _send(connection, next(turn))
                else:
                    selector.unregister(connection.socket)
                    connection.socket.close()
                    open_now -= 1
        result.took = time.perf_counter() - started
    return result


def _forever(prepared: Sequence[bytes]) -> Iterator[bytes]:
    while True:
        yield from prepared


def _send(connection: _Connection, data: bytes) -> None:
    connection.data = b""
    connection.sent_at = time.perf_counter()
    connection.socket.sendall(data)


def _receive(connection: _Connection, result: Result) -> bool:
    """Reads what is there; True once the answer is complete."""
    got = connection.socket.recv(65536)
    if not got:
        raise RuntimeError(f"the server closed a connection: {connection.data[:200]!r}")
    connection.data += got
    head, separator, body = connection.data.partition(b"\r\n\r\n")
    if not separator:
        return False
    lower = head.lower()
    at = lower.index(b"content-length:") + 15
    if len(body) < int(lower[at : at + 10].split(b"\r")[0]):
        return False
    result.seconds.append(time.perf_counter() - connection.sent_at)
    result.errors += not head.startswith((b"HTTP/1.1 200", b"HTTP/1.1 202"))
    return True
