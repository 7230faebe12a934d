"""Signed webhooks: the change feed, pushed. At least once, in order, from where the last delivery ended."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import requests

from service.errors import SettingsError
from service.graph.client import Graph
from service.logs import log
from service.rings import changes

BATCH = 100
TIMEOUT_S = 10
TRIES = 4
SIGNATURE = "X-Ringsight-Signature"


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where changes are sent, and the secret that signs them."""

    url: str = field(repr=False)
    secret: str = field(repr=False)
    first_wait_s: float = 1.0  # before the second try; doubles with each

    def __post_init__(self) -> None:
        if urlsplit(self.url).scheme not in ("http", "https") or not urlsplit(self.url).hostname:
            raise SettingsError("RINGSIGHT_WEBHOOK_URL must begin with https:// or http:// and name a host")

    @property
    def shown(self) -> str:
        """Where it goes, without what may be a secret: a password, the path (of many services) and the query."""
        return f"{urlsplit(self.url).scheme}://{urlsplit(self.url).hostname}"


def signature(secret: str, at: int, body: bytes) -> str:
    """What the header X-Ringsight-Signature holds: `t=SECONDS,v1=HEX`, HEX the HMAC-SHA256 of `SECONDS.BODY`.

    The receiver computes it again with the shared secret and refuses old times, so that nothing can be replayed.
    """
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


def deliver(graph: Graph, hook: Webhook) -> int:
    """Sends all changes that were not sent yet, in batches. Returns how many were taken.

    Stops at the first batch that is not answered with 2xx after four tries; the next call starts there again.
    """
    changes.note(graph)
    sent = 0
    seq = int(graph.read("serve/feed_sent")[0]["seq"])
    while batch := changes.since(graph, seq, BATCH):
        if not _post(hook, {"changes": batch, "next": batch[-1]["seq"]}):
            break
        seq = batch[-1]["seq"]
        graph.write("serve/set_feed_sent", seq=seq)
        sent += len(batch)
    return sent


def waiting(graph: Graph) -> bool:
    """Whether there are changes that were not delivered."""
    return bool(changes.since(graph, int(graph.read("serve/feed_sent")[0]["seq"]), 1))


def _post(hook: Webhook, content: dict[str, Any]) -> bool:
    body = json.dumps(content).encode()
    wait = hook.first_wait_s
    for attempt in range(TRIES):
        if attempt:
            time.sleep(wait)
            wait *= 2
        at = int(time.time())
        headers = {"Content-Type": "application/json", SIGNATURE: signature(hook.secret, at, body)}
        try:
            answer = requests.post(hook.url, data=body, headers=headers, timeout=TIMEOUT_S, allow_redirects=False)
        except requests.RequestException as error:
            log.warning("webhook %s: %s", hook.shown, type(error).__name__)  # its text has the whole address
            continue
        if answer.ok and not answer.is_redirect:
            return True
        log.warning("webhook %s answered %d", hook.shown, answer.status_code)
    return False
