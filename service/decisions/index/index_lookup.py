"""Answers decisions from an IndexStore: the base record of the last build with what came since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from service.decisions.index import live_records, records
from service.decisions.index.store import IndexStore
from service.model.evidence import RECENT_S, AccountEvidence, IdentifierEvidence, RingSummary, RunInfo
from service.model.kinds import kinds

_NOTHING = live_records.LiveIdentifier()
_EMPTY = records.Identifier(0)
_NO_EVIDENCE = (0, 0.0, 0, 0, 0.0, 0.0, 0)


class IndexLookup:
    """A Lookup over a store. One read of base records, one of live ones; two more if a ring is involved."""

    def __init__(self, store: IndexStore) -> None:
        self._store = store

    def run(self) -> RunInfo | None:
        return self._store.meta().run

    def identifiers(self, wanted: Sequence[tuple[str, str]], now: int) -> list[IdentifierEvidence]:
        return self._evidence([(kind, records.key(kind, identifier)) for kind, identifier in wanted], now)

    def account(self, account_id: str, now: int) -> AccountEvidence | None:
        bases, lives = self._read([records.key("account", account_id)])
        base_data, live_data = bases[0], lives[0]
        if base_data is None and live_data is None:
            return None
        base = records.unpack_account(base_data) if base_data is not None else None
        live = live_records.unpack_live_account(live_data) if live_data is not None else live_records.LiveAccount()
        if live.forgotten and live.touched > self._store.meta().built:
            base = None
            if not live.identifiers:
                return None
        label = base.label if base else None
        if live.labelled_at > self._store.meta().built:
            label = live.label
        if base is None or base.identifiers is not None:
            known = dict.fromkeys((*((base and base.identifiers) or ()), *live.identifiers))
            return AccountEvidence(account_id, 0.0, None, "[]", label, tuple(self._evidence(list(known), now)))
        ring = self._rings([base.ring])[base.ring] if base.ring else None
        return AccountEvidence(account_id, base.risk, ring, base.reasons, label, created=base.created if ring else 0)

    def _read(self, keys: Sequence[bytes]) -> tuple[list[bytes | None], list[bytes | None]]:
        """Base records of accounts or rings as the last incremental pass left them, and live records."""
        raw = self._store.live([*keys, *map(live_records.found_key, keys)])
        built = self._store.meta().built
        bases = self._store.base(keys)
        for place, since in enumerate(raw[len(keys) :]):
            if since is not None and (found := live_records.unpack_found(since))[0] > built:
                bases[place] = found[1]
        return bases, raw[: len(keys)]

    def _evidence(self, wanted: Sequence[tuple[str, bytes]], now: int) -> list[IdentifierEvidence]:
        keys = [key for _, key in wanted]
        raw = self._store.live([*keys, *map(live_records.found_key, keys)])
        built = self._store.meta().built
        bases = [
            _since_pass(records.unpack_identifier(data) if data else None, since, built)
            for data, since in zip(self._store.base(keys), raw[len(keys) :], strict=True)
        ]
        lives = [live_records.unpack_live(data) if data else _NOTHING for data in raw[: len(keys)]]
        rings = self._rings([*{base.ring for base in bases if base is not None and base.ring is not None}])
        return [
            _merge(kind, base, live, rings, built, now)
            for (kind, _), base, live in zip(wanted, bases, lives, strict=True)
        ]

    def _rings(self, ids: Sequence[str]) -> dict[str, RingSummary | None]:
        if not ids:
            return {}
        keys = [records.key("ring", ring_id) for ring_id in ids]
        built = self._store.meta().built
        found: dict[str, RingSummary | None] = {}
        for ring_id, base, live in zip(ids, *self._read(keys), strict=True):
            ring = records.unpack_ring(ring_id, base) if base is not None else None
            if ring is not None and live is not None:
                status, at = live_records.unpack_status(live)
                if at > built:
                    ring = replace(ring, status=status, status_at=at)
            found[ring_id] = ring
        return found


def _since_pass(base: records.Identifier | None, since: bytes | None, built: int) -> records.Identifier | None:
    """A base record with what an incremental pass found since; accounts and labels are counted live."""
    if since is None:
        return base
    at, data = live_records.unpack_found(since)
    if at <= built:
        return base
    found = records.unpack_identifier(data)
    return replace(base or _EMPTY, evidence=found.evidence, ring=found.ring, ring_members=found.ring_members)


def _merge(
    kind: str,
    base: records.Identifier | None,
    live: live_records.LiveIdentifier,
    rings: dict[str, RingSummary | None],
    built: int,
    now: int,
) -> IdentifierEvidence:
    if base is None and live is _NOTHING:
        return IdentifierEvidence(kind, False)
    item = base or _EMPTY
    new = recent = last_day = 0
    if live is not _NOTHING:
        new = live.new_since(built)
        signups = kinds().by_name[kind].role == "place"  # people come to new addresses all the time
        recent, last_day = (live.seen(signups, now, window_s) for window_s in (RECENT_S, live_records.DAY_S))
    accounts = item.accounts + new
    fraud, legitimate = item.fraud, item.legitimate
    if live.labels_at > built:
        fraud, legitimate = live.fraud, live.legitimate
    k, j, window_from, window_to, sum_h, sum_hp, at = item.evidence or _NO_EVIDENCE
    return IdentifierEvidence(
        kind,
        accounts > 0 or item.ring_members > 0,
        accounts,
        recent,
        last_day,
        k,
        j,
        window_from,
        window_to,
        sum_h,
        sum_hp,
        at,
        rings.get(item.ring) if item.ring else None,
        item.ring_members,
        fraud,
        legitimate,
    )
