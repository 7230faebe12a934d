"""How an identifier is named to the allow-list, and what leaving it out does to the links that are read."""

from __future__ import annotations

import numpy as np
import pytest

from service.detection.reading.read_graph import without
from service.detection.reading.snapshot import Links
from service.errors import InputError
from service.ingest.identifiers import identifiers_of
from service.ingest.tokens import Tokeniser
from service.keyfile import SECRET_BYTES
from service.rings.allow_list import kept_as

PLAIN = Tokeniser(bytes(SECRET_BYTES))
TOKENS = Tokeniser(bytes(SECRET_BYTES), ip_plain=False)


@pytest.mark.parametrize("tokeniser", [PLAIN, TOKENS], ids=["plain", "tokens"])
def test_values_of_events_become_the_ids_that_ingest_makes(tokeniser: Tokeniser) -> None:
    made = dict(identifiers_of(tokeniser, ip="2001:db8:1:2:3::9", device_id="tablet 7", payment_fingerprint="card"))
    given = {"ip": "2001:db8:1:2:3::9", "network": "2001:db8:1::/48", "device": "tablet 7", "payment_method": "card"}
    given |= {"subnet": "2001:db8:1::/56", "address_block": "2001:db8::/32"}
    assert {kind: kept_as(tokeniser, kind, given[kind]) for kind in given} == made
    assert {kind: kept_as(tokeniser, kind, made[kind]) for kind in given} == made, "an id is taken as it is"


def test_an_ip_is_given_by_its_range_too() -> None:
    assert kept_as(PLAIN, "ip", "2001:db8:1:2::/64") == "2001:db8:1:2::/64"
    assert kept_as(PLAIN, "network", "203.0.113.77") == "203.0.113.0/24"
    assert kept_as(PLAIN, "subnet", "2001:db8:1:2ff::9") == "2001:db8:1:200::/56"
    assert kept_as(PLAIN, "address_block", "2001:db8::/32") == "2001:db8::/32"


@pytest.mark.parametrize(
    ("kind", "value", "says"),
    [
        ("network", "203.0.0.0/16", "203.0.0.0/24"),
        ("subnet", "2001:db8::/32", "2001:db8::/56"),
        ("ip", "203.0.113.7/32", "203.0.113.7"),
        ("ip", "office", "ip is not an IPv4"),
        ("device", " ", "empty"),
        ("device", "a\nb", "device_id has a control character"),
    ],
)
def test_what_no_event_could_have_is_refused(kind: str, value: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        kept_as(PLAIN, kind, value)


def test_links_to_what_is_left_out_go_and_the_others_stay() -> None:
    links = Links(*[np.array(column) for column in ([1, 1, 2], [10, 11, 10], [0, 2, 0], [5, 6, 7], [5, 6, 7])])
    assert [column.tolist() for column in without(links, np.array([10, 99])).columns()] == [[1], [11], [2], [6], [6]]
    assert without(links, np.zeros(0, np.int64)) is links
