"""What accounts share by what their identifiers are part of: domains of mailboxes, IPv6 ranges."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from service import bootstrap
from service.api.services import EXTENSION
from service.cli.scores import read_scores
from service.graph.client import Graph
from service.ingest import networks
from service.rings import allow_list
from service.settings import Settings
from tests.support import events, mailboxes
from tests.support import networks as mmdb
from tests.support.mailboxes import detect_among

PROVIDERS = ("gmail.com", "gmail.com", "outlook.com", "yahoo.com", "icloud.com", "proton.me")
LISTED, UNLISTED = "yopmail.com", "qx7-mail.example"
FAKES = 60


def person(number: int) -> list[dict[str, Any]]:
    """One of the honest people."""
    return mailboxes.person(number, 230, f"person.{number}@{PROVIDERS[number % len(PROVIDERS)]}")


def farmed(domain: str) -> list[dict[str, Any]]:
    """60 accounts within a week, each with an address and a mailbox of its own, all at one domain; 20 on
    each of three devices."""
    dice = random.Random(domain)
    return [
        {
            "account_id": f"{domain}/{number}",
            "type": "signup",
            "occurred_at": (events.START + timedelta(days=80, minutes=dice.randrange(7 * 1440))).isoformat(),
            "email": f"{dice.randrange(10**9):x}@{domain}",
            "device_id": f"burner {domain} {number // 20}",
            "ip": f"203.{len(domain)}.{number}.7",
        }
        for number in range(FAKES)
    ]


@pytest.fixture
def people() -> list[dict[str, Any]]:
    return [row for number in range(1000) for row in person(number)]


def test_domains_are_told_with_what_is_known_of_them(
    graph: Graph, settings: Settings, tmp_path: Path, people: list[dict[str, Any]]
) -> None:
    detect_among(graph, settings, tmp_path, [*people, *farmed(LISTED), *farmed(UNLISTED)])
    found = graph.driver.execute_query(
        "MATCH (d:EmailDomain) RETURN d.id AS id, COUNT { (d)<--() } AS n ORDER BY id", database_=graph.address.database
    ).records
    assert [(row["id"], row["n"]) for row in found] == [(UNLISTED, FAKES), (LISTED, FAKES)], "free mail is no place"
    app = bootstrap.application(settings)
    with app.test_client() as client:
        rings = {str(row["id"]): str(row["ring"]) for row in read_scores(graph).drop_nulls("ring").to_dicts()}
        ring = client.get(f"/v1/rings/{rings[f'{LISTED}/0']}").get_json()
        within = {(one["kind"], one["id"]): one["trait"] for one in ring["within"]}
        assert within[("email_domain", LISTED)] == "throwaway"
        links = client.get(f"/v1/accounts/{LISTED}/0").get_json()["links"]
        (mailbox,) = (link for link in links if link["kind"] == "email")
        assert mailbox["within"] == [{"kind": "email_domain", "id": LISTED, "trait": "throwaway", "name": None}]
        (address,) = (link for link in links if link["kind"] == "ip")
        assert {one["kind"] for one in address["within"]} == {"network"}
        for domain, told in ((LISTED, True), (UNLISTED, False), ("gmail.com", False)):
            answer = client.post("/v1/risk/signup", json={"email": f"new@{domain}"}).get_json()
            reasons = {reason["code"]: reason["points"] for reason in answer["reasons"]}
            assert (reasons.get("throwaway_email") == 0) == told, domain
            assert "known_email" in reasons or "unknown_email" in reasons
        hits = client.get("/v1/search", query_string={"q": UNLISTED}).get_json()["identifiers"]
        assert hits[0]["accounts"] == FAKES
    app.extensions[EXTENSION].close()


def rented(number: int) -> dict[str, Any]:
    """One of 60 accounts within a week on three devices, each with a /64, and a /56, of its own out of one /48."""
    at = events.START + timedelta(days=80, minutes=151 * number)
    own = {"account_id": f"v{number}", "occurred_at": at.isoformat(), "type": "signup"}
    return own | {"device_id": f"burner {number // 20}", "ip": f"2600:beef:7:{number:x}42::{number:x}"}


def test_ipv6_ranges_go_through_the_product(
    graph: Graph, settings: Settings, tmp_path: Path, people: list[dict[str, Any]]
) -> None:
    detect_among(graph, settings, tmp_path, [*people, *map(rented, range(FAKES))])
    found = graph.driver.execute_query(
        "MATCH (i:IP)-[r:IN|IN_SUBNET|IN_BLOCK]->(n) WHERE i.id STARTS WITH '2600:' "
        "RETURN type(r) AS link, count(DISTINCT n) AS n ORDER BY link",
        database_=graph.address.database,
    ).records
    assert [tuple(row) for row in found] == [("IN", 1), ("IN_BLOCK", 1), ("IN_SUBNET", FAKES)]
    ranges = {"network": "2600:beef:7::/48", "address_block": "2600:beef::/32"}
    app = bootstrap.application(settings)
    with app.test_client() as client:
        rings = {str(row["id"]): str(row["ring"]) for row in read_scores(graph).drop_nulls("ring").to_dicts()}
        ring = client.get(f"/v1/rings/{rings['v0']}").get_json()
        within = {one["kind"]: (one["id"], one["members"]) for one in ring["within"]}
        assert within == {kind: (value, ring["size"]) for kind, value in ranges.items()}
        (address,) = (link for link in client.get("/v1/accounts/v3").get_json()["links"] if link["kind"] == "ip")
        subnet = {"kind": "subnet", "id": "2600:beef:7:300::/56", "trait": None, "name": None}
        assert subnet in address["within"] and len(address["within"]) == 3
        for kind, value in {**ranges, "subnet": subnet["id"]}.items():
            (hit,) = client.get("/v1/search", query_string={"q": value}).get_json()["identifiers"]
            assert (hit["kind"], hit["accounts"]) == (kind, 1 if kind == "subnet" else FAKES)
        assert "node.Subnet" in client.get("/browser-style.grass").get_data(as_text=True)
        assert "IN_BLOCK" in client.get("/browser-guide").get_data(as_text=True)
        assert client.delete("/v1/accounts/v3").get_json()["identifiers"] == 2, "its /64 and its /56"
    allow_list.add(graph, "address_block", ranges["address_block"], "ana", "a carrier")
    assert allow_list.entries(graph)[0]["accounts"] == FAKES - 1
    allow_list.remove(graph, "address_block", ranges["address_block"])
    app.extensions[EXTENSION].close()


@pytest.fixture
def hoster(tmp_path: Path) -> Iterator[str]:
    """The number of a system that has a network of ours and, at one address, another sort."""
    record = {"autonomous_system_number": 64500, "autonomous_system_organization": "Example Hosting"}
    sorts = {"203.0.113.0/24": {"user_type": "hosting"}, "203.0.112.0/24": {"user_type": "hosting"}}
    systems = mmdb.write(tmp_path / "asn.mmdb", {"203.0.112.0/22": record})
    networks.use([systems, mmdb.write(tmp_path / "sorts.mmdb", sorts)])
    yield "AS64500"
    networks.use(())


def hosted(number: int) -> dict[str, Any]:
    """One of 60 accounts within a week on three devices, each at an address of its own out of two networks, with a
    French number."""
    at = events.START + timedelta(days=80, minutes=151 * number)
    own = {"account_id": f"h{number}", "occurred_at": at.isoformat(), "type": "signup"}
    own["phone"] = f"+3361234{number:04}"
    return own | {"device_id": f"burner {number // 20}", "ip": f"203.0.{112 + number % 2}.{number}"}


def test_autonomous_systems_go_through_the_product(
    graph: Graph, settings: Settings, tmp_path: Path, people: list[dict[str, Any]], hoster: str
) -> None:
    detect_among(graph, settings, tmp_path, [*people, *map(hosted, range(FAKES))])
    before = dict(read_scores(graph).select("id", "score").rows())
    app = bootstrap.application(settings)
    with app.test_client() as client:
        rings = {str(row["id"]): str(row["ring"]) for row in read_scores(graph).drop_nulls("ring").to_dicts()}
        ring = client.get(f"/v1/rings/{rings['h0']}").get_json()
        within = {one["id"]: (one["kind"], one["members"], one["trait"], one["name"]) for one in ring["within"]}
        assert within[hoster] == ("asn", ring["size"], "hosting", "Example Hosting")
        assert within["FR"] == ("phone_country", ring["size"], None, "+33")
        assert within["203.0.113.0/24"][2:] == ("hosting", None)
        (address,) = (link for link in client.get("/v1/accounts/h3").get_json()["links"] if link["kind"] == "ip")
        assert {"kind": "asn", "id": hoster, "trait": "hosting", "name": "Example Hosting"} in address["within"]
        (hit,) = client.get("/v1/search", query_string={"q": hoster.lower()}).get_json()["identifiers"]
        assert (hit["kind"], hit["accounts"]) == ("asn", FAKES)
        assert "ANNOUNCED_BY" in client.get("/browser-guide").get_data(as_text=True)
    app.extensions[EXTENSION].close()
    networks.use(())
    (tmp_path / "again").mkdir()
    detect_among(graph, settings, tmp_path / "again", [*people, *map(hosted, range(FAKES))])
    assert dict(read_scores(graph).select("id", "score").rows()) == before, "it says nothing in scores"
    allow_list.add(graph, "asn", hoster, "ana", "ours")
    assert allow_list.entries(graph)[0]["accounts"] is None, "and without a file there are none"
    allow_list.remove(graph, "asn", hoster)
