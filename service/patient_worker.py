"""Gunicorn's threaded worker, with a thread for each request only once that has come whole.

Gunicorn gives a connection a thread at its first byte, and the thread waits for the rest: 20 clients that send half a
request stop a server of 16 threads. Here requests are collected beside each other, by the one thread that accepts
them, for at most RECEIVE_S. A body over SMALL_BODY, or of unknown length, is read by the view: those who need no key
can't send one (service/security/guard.py). A client that reads its answer slowly, or does not close its end, costs a
thread no more than SEND_S.
"""

from __future__ import annotations

import re
import selectors
import socket
import struct
import time
from contextlib import suppress
from functools import partial
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

RECEIVE_S = 10.0  # for a whole request
SEND_S = 20  # for one piece of a large body or of an answer
UNREAD_S = 0.1  # for what is left of a large body that nobody wants
LINGER_S = 2.0  # for the client to close its end
HEAD_BYTES = 64 * 1024  # with a body: 128 KB that one connection can make a process keep
SMALL_BODY = 64 * 1024
READ_BYTES = 64 * 1024
SWEEP_S = 1.0
END = b"\r\n\r\n"
GO_ON = b"HTTP/1.1 100 Continue" + END
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,18})[ \t]*\r\n", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:", re.IGNORECASE)
_EXPECTS = re.compile(rb"\r\nexpect:[ \t]*100-continue", re.IGNORECASE)


class PatientWorker(ThreadWorker):  # type: ignore[misc]
    """Set it as gunicorn's worker_class. Does not speak TLS or HTTP/2: a proxy does."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._waiting: dict[Any, float] = {}  # connection -> when it is closed
        # Of more the one that waits longest goes. The other half is for answers and for connections that are kept.
        self._most_waiting = self.worker_connections // 2
        self._sweep_at = 0.0

    def enqueue_req(self, conn: Any) -> None:
        """A connection that is new, or kept alive and readable again, or holds the start of its next request."""
        if conn.parser is None:
            for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):  # which gunicorn does not change
                conn.sock.setsockopt(socket.SOL_SOCKET, option, struct.pack("ll", SEND_S, 0))
        conn.received = bytearray(conn.parser.unreader.take_buffered() if conn.parser else b"")
        conn.told_to_go_on = conn.closing = False
        conn.sock.setblocking(False)
        self._wait(conn, RECEIVE_S)
        self._on_readable(conn, conn.sock)

    def handle(self, conn: Any) -> Any:
        """In a thread, with a request that has come as far as it is collected."""
        conn.data_ready = True
        conn.init()
        conn.parser.unreader.unread(bytes(conn.received))
        return super().handle(conn)

    def finish_request(self, conn: Any, done: Any) -> None:
        """After an answer: the connection is kept, or its end is awaited here, where it holds up nobody."""
        if done.cancelled() or done.exception() or not done.result():
            conn.closing = True
            conn.received.clear()
            try:
                conn.sock.setblocking(False)
                conn.sock.shutdown(socket.SHUT_WR)
            except OSError:
                self._drop(conn)
            else:
                self._wait(conn, LINGER_S)
        else:
            super().finish_request(conn, done)

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        """Gunicorn's line about a request that broke has its path and query, which name people."""
        if req is not None:
            req.uri = "(path left out)"
        super().handle_error(req, client, addr, exc)

    def murder_pending(self) -> None:
        """Closes what waited too long."""
        now = time.monotonic()
        if now >= self._sweep_at:
            self._sweep_at = now + SWEEP_S
            for conn, until in list(self._waiting.items()):
                if until < now or not (self.alive or conn.received):
                    self._give_up(conn)

    def _keepalive_after(self, conn: Any, keepalive: bool) -> bool:
        """A body that has not come, and that no view read, is hardly waited for."""
        if not keepalive or conn.whole:
            return bool(super()._keepalive_after(conn, keepalive))
        return bool(conn.parser.finish_body(deadline=time.monotonic() + UNREAD_S))

    def _wait(self, conn: Any, seconds: float) -> None:
        if len(self._waiting) >= self._most_waiting:
            self._give_up(next(iter(self._waiting)))
        self._waiting[conn] = time.monotonic() + seconds
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._on_readable, conn))

    def _on_readable(self, conn: Any, sock: socket.socket) -> None:
        try:
            data = sock.recv(READ_BYTES)
        except BlockingIOError:
            data = None
        except OSError:
            data = b""
        if data == b"":
            self._give_up(conn)
        elif not conn.closing:
            conn.received += data or b""
            while conn.received.startswith(b"\r\n"):  # before a request they say nothing
                del conn.received[:2]
            self._submit_if_whole(conn)

    def _submit_if_whole(self, conn: Any) -> None:
        end = conn.received.find(END, 0, HEAD_BYTES)
        if end < 0:
            if len(conn.received) >= HEAD_BYTES:
                self._give_up(conn)
            return
        head = bytes(conn.received[: end + 2])
        length = _LENGTH.search(head)
        if length and len(conn.received) < end + len(END) + int(length[1]) and int(length[1]) <= SMALL_BODY:
            if not conn.told_to_go_on and _EXPECTS.search(head):
                conn.told_to_go_on = True
                with suppress(OSError):
                    conn.sock.send(GO_ON)
            return
        conn.whole = not _CHUNKED.search(head) and (length is None or int(length[1]) <= SMALL_BODY)
        self._forget(conn)
        super().enqueue_req(conn)

    def _forget(self, conn: Any) -> None:
        del self._waiting[conn]
        self.poller.unregister(conn.sock)

    def _give_up(self, conn: Any) -> None:
        self._forget(conn)
        self._drop(conn)

    def _drop(self, conn: Any) -> None:
        self.nr_conns -= 1
        conn.close()
