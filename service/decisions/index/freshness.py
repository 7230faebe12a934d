"""Keeps the index fresh between builds: the worker's new links, people's labels and ring statuses."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from service.decisions.index import live_records, records
from service.decisions.index.store import Change, IndexStore
from service.errors import UnavailableError
from service.logs import log

IDENTIFIERS_OF_AN_ACCOUNT = 16
CLOCKS_S = 5  # by which clocks may differ without a word
SENDERS_S = 60  # by which the clocks of those who send events may be ahead without a word
NEVER = -2  # below -1, where a partition begins


@dataclass(frozen=True, slots=True)
class LiveLink:
    """A link that a worker has just written and that was not in the graph before. `first_seen` is epoch seconds;
    `signup`: its batch holds the account's signup."""

    account_id: str
    kind: str
    identifier: str
    first_seen: int
    signup: bool


@dataclass(frozen=True, slots=True)
class LabelCount:
    """How many accounts on an identifier people labelled, counted in the graph."""

    kind: str
    identifier: str
    fraud: int
    legitimate: int


class Freshness:
    """Updates live records. Never raises: the index is derived, and the graph has it all for the next build."""

    def __init__(self, store: IndexStore) -> None:
        self._store = store

    def apply(self, links: Sequence[LiveLink], place: tuple[str, int] | None = None) -> bool:
        """Counts a batch of links; the same links again change nothing. `place`: up to which offset of which partition
        the index was told with them. Says whether the index could be written."""
        by_identifier: dict[bytes, list[LiveLink]] = defaultdict(list)
        by_account: dict[bytes, list[tuple[str, bytes]]] = defaultdict(list)
        for link in links:
            key = records.key(link.kind, link.identifier)
            by_identifier[key].append(link)
            if link.signup:
                by_account[records.key("account", link.account_id)].append((link.kind, key))
        places = {records.key("partition", place[0]): place[1]} if place else {}
        now, built = self._times()
        ahead = max((link.first_seen for link in links), default=now) - now
        if ahead > SENDERS_S:
            log.warning("events are from up to %d s after this server's clock: set it right, or the senders'", ahead)

        def add_links(key: bytes, data: bytes | None) -> bytes:
            return live_records.pack_live(_with_links(_live(data), by_identifier[key], built, now))

        def add_identifiers(key: bytes, data: bytes | None) -> bytes:
            live = live_records.unpack_live_account(data) if data else live_records.LiveAccount()
            known = tuple(dict.fromkeys((*live.identifiers, *by_account[key])))
            return live_records.pack_live_account(
                replace(live, touched=now, identifiers=known[:IDENTIFIERS_OF_AN_ACCOUNT])
            )

        def change(key: bytes, data: bytes | None) -> bytes:
            if key in places:
                return live_records.pack_place(places[key])
            return add_links(key, data) if key in by_identifier else add_identifiers(key, data)

        # The place comes last: a store that changes records one by one has then changed all others.
        return self._change([*by_identifier, *by_account, *places], change)

    def told(self, partition: str) -> int | None:
        """Up to which offset the index was told of a partition; NEVER, or None if it does not answer."""
        try:
            data = self._store.live([records.key("partition", partition)])[0]
        except UnavailableError as error:
            log.warning("the read index does not answer: %s", error.detail)
            return None
        return live_records.unpack_place(data) if data else NEVER

    def found(self, base: Mapping[bytes, bytes]) -> bool:
        """What an incremental pass found, as base records: they count until the next build."""
        now, _ = self._times()
        values = {live_records.found_key(key): live_records.pack_found(now, value) for key, value in base.items()}
        return self._change(list(values), lambda key, _before: values[key])

    def label(self, account_id: str, label: str | None, counts: Sequence[LabelCount]) -> bool:
        """An account was labelled (None: not any more); `counts` are its identifiers' labels now."""
        now, _ = self._times()
        account_key = records.key("account", account_id)
        by_key = {records.key(count.kind, count.identifier): count for count in counts}

        def change(key: bytes, data: bytes | None) -> bytes:
            if key == account_key:
                live = live_records.unpack_live_account(data) if data else live_records.LiveAccount()
                return live_records.pack_live_account(replace(live, label=label, labelled_at=now, touched=now))
            count = by_key[key]
            return live_records.pack_live(
                replace(_live(data), labels_at=now, fraud=count.fraud, legitimate=count.legitimate)
            )

        return self._change([account_key, *by_key], change)

    def forget(self, account_id: str, identifiers: Sequence[tuple[str, str]]) -> bool:
        """An account was erased; `identifiers` are the (kind, id) pairs that it used. What comes later under its id
        counts again. The next build has no trace of it."""
        now, built = self._times()
        account_key = records.key("account", account_id)
        found_key = live_records.found_key(account_key)
        erased = live_records.account_hash(account_id)

        def change(key: bytes, data: bytes | None) -> bytes | None:
            if key == account_key:
                return live_records.pack_live_account(live_records.LiveAccount(touched=now, forgotten=True))
            if data is None or key == found_key:
                return None
            live = live_records.unpack_live(data)
            kept = tuple(entry for entry in live.entries if entry[0] != erased)
            fewer = sum(1 for entry in live.entries if entry[0] == erased and entry[2] > built)
            return live_records.pack_live(replace(live, new=max(live.new - fewer, 0), entries=kept))

        keys = dict.fromkeys(records.key(kind, identifier) for kind, identifier in identifiers)
        return self._change([account_key, found_key, *keys], change)

    def ring_status(self, ring_id: str, status: str) -> bool:
        """People set a ring's status."""
        data = live_records.pack_status(status, self._times()[0])
        return self._change([records.key("ring", ring_id)], lambda _key, _before: data)

    def _times(self) -> tuple[int, int]:
        """Now, by the index's clock, and when it was built. What changes now comes after the build, also where a
        clock was set back meanwhile: else it would not count until the next build."""
        own = time.time()
        try:
            built, now = self._store.meta().built, self._store.now()
        except UnavailableError:
            built, now = 0, own
        if abs(own - now) > CLOCKS_S:
            which = "ahead of" if own > now else "behind"
            log.warning("this machine's clock is %d s %s the read index's: set it right", abs(own - now), which)
        if built > now + CLOCKS_S:
            log.warning("the clock is %d s behind the one that built the read index", built - now)
        return max(int(now), built + 1), built

    def _change(self, keys: Sequence[bytes], change: Change) -> bool:
        try:
            self._store.change(keys, change)
        except UnavailableError as error:
            log.warning("the read index was not updated: %s", error.detail)
            return False
        return True


def _live(data: bytes | None) -> live_records.LiveIdentifier:
    return live_records.unpack_live(data) if data else live_records.LiveIdentifier()


def _with_links(
    live: live_records.LiveIdentifier, links: Sequence[LiveLink], built: int, now: int
) -> live_records.LiveIdentifier:
    """Adds links of accounts that are not among the entries yet."""
    new = live.new_since(built)
    # Counting begins anew with each build, and the entries that only it needed go.
    entries = [entry for entry in live.entries if entry[2] > built or entry[1] > now - live_records.DAY_S]
    known = {entry[0] for entry in entries}
    for link in links:
        account = live_records.account_hash(link.account_id)
        if account in known:
            continue
        known.add(account)
        entries.append((account, link.first_seen, now, int(link.signup)))
        new += 1
    since = live.since if live.since > built else now
    return replace(live, new=new, since=since, entries=tuple(entries[-live_records.ENTRIES :]))
