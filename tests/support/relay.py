"""A relay on the loopback address that lets the answers of a server come late, or byte by byte."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress


class Relay:
    """Each answer of the server at `port` comes after `answer_s` seconds, and each byte of it after `byte_s` more."""

    def __init__(self, port: int) -> None:
        self.answer_s = self.byte_s = 0.0
        self._server_port = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._ends: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._server_port))
                self._ends += [client, server]
                for source, target, late in ((client, server, False), (server, client, True)):
                    threading.Thread(target=self._pass_on, args=(source, target, late), daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket, late: bool) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                time.sleep(self.answer_s if late else 0)
                slowly = late and self.byte_s
                for part in [data[at : at + 1] for at in range(len(data))] if slowly else [data]:
                    target.sendall(part)
                    time.sleep(self.byte_s if slowly else 0)
        with suppress(OSError):
            target.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """Ends all connections."""
        for end in (self._listener, *self._ends):
            end.close()
