"""Questions that somebody waits for only so long, whatever they ask does."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any, TypeVar

from service.errors import UnavailableError

T = TypeVar("T")


class Askers:
    """Threads that ask. A question that hangs holds one of them until it ends; those that find none free are late."""

    def __init__(self, threads: int, name: str) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._asked: set[Future[Any]] = set()  # not answered yet

    def ask(self, question: Callable[[], T], seconds: float) -> T:
        """The answer. Raises TimeoutError if it is not there in time, UnavailableError after `close`."""
        try:
            future = self._pool.submit(question)
        except RuntimeError:  # after `close`
            raise UnavailableError("this process is stopping; ask again soon") from None
        self._asked.add(future)
        future.add_done_callback(self._asked.discard)
        try:
            return future.result(max(seconds, 0.0))
        except TimeoutError:
            future.cancel()
            raise

    def close(self, seconds: float = 0.0) -> None:
        """Takes no more questions, and waits so long for those under way."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        wait(set(self._asked), seconds)
