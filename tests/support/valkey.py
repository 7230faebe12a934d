"""A real Valkey or Redis server for tests, if one is installed, on a free port of the loopback address."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from pathlib import Path

from service.net import free_port

PROGRAMS = ("valkey-server", "redis-server")
WAIT_S = 20.0


def program() -> str | None:
    """The path of the installed server, or None."""
    return next(filter(None, map(shutil.which, PROGRAMS)), None)


class Server:
    """A server that keeps nothing on disk: a restart empties it, and its address stays the same."""

    def __init__(self, folder: Path, path: str) -> None:
        self.port = free_port(0)
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._call = [path, "--bind", "127.0.0.1", "--port", str(self.port), "--save", "", "--dir", str(folder)]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Starts the server and waits until it accepts a connection."""
        self._process = subprocess.Popen(self._call, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + WAIT_S
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    self.kill()
                    raise
                time.sleep(0.05)

    def kill(self) -> None:
        """Kills the server; what it held is gone."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
