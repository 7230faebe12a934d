"""Kinds that nobody foresaw, from a table of one's own, through the whole product: no code and no query names them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from playwright.sync_api import Browser, expect

from service import bootstrap
from service.api.services import EXTENSION
from service.cli.allow import command as allow
from service.cli.scores import read_scores
from service.detection.pipeline import detect
from service.graph import queries, schema
from service.graph.client import Graph
from service.ingest.tokens import load_tokeniser
from service.model import kinds as table_in_use
from service.model.kinds import BUILT_IN
from service.rings import allow_list
from service.settings import Settings
from service.web import build
from tests.support import chromium, events, work
from tests.support.database import wipe
from tests.support.digest import digest

OWN = """
[[kind]]
name = "voucher"
field = "voucher_code"
label = "Voucher"
link = "REDEEMS"
prefix = "vo"
role = "strong"
normalise = "lower"
placeholders = ["welcome10"]
colour = "#336699"
shape = "octagon"
plural = "voucher codes"

[[kind]]
name = "relay"
field = "relay_ip"
label = "Relay"
link = "COMES_THROUGH"
prefix = "re"
role = "place"
normalise = "ip"
parents = ["relay_range"]
token = false

[[kind]]
name = "relay_range"
label = "RelayRange"
link = "LIES_IN"
prefix = "rr"
role = "place"
token = false

[[kind]]
name = "shop"
field = "shop_id"
label = "Shop"
link = "BOUGHT_AT"
prefix = "sh"
role = "container"
token = false
"""
FAKES = 20
browser = chromium.browser
ALLOWED = ("--who", "ana", "--why", "printed on a leaflet")


def rows() -> list[dict[str, Any]]:
    """People over a year, all customers of one shop, and accounts made in an afternoon that have one voucher and an
    exit in common, in various spellings."""
    found = [{**row, "shop_id": "shop 1"} for row in events.one_ring(fakes=0)]
    for number in range(FAKES):
        at = events.START + timedelta(days=200, minutes=4 * number)
        shared = {"voucher_code": (" half-price", "HALF-PRICE ")[number % 2], "relay_ip": "203.0.113.9"}
        own = {"account_id": f"s{number}", "type": "signup", "device_id": f"burner {number}"}
        found.append({**own, "occurred_at": at.isoformat(), **shared})
    return found


@pytest.fixture(scope="module")
def own(graph: Graph, settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    home = tmp_path_factory.mktemp("own")
    table = home / "identifiers.toml"
    table.write_text(BUILT_IN.read_text(encoding="utf-8") + OWN, encoding="utf-8")
    table_in_use.use(table)
    wipe(graph)
    yield work.own_home(settings, graph, home, auth="off", identifiers=table)
    with graph.driver.session(database=graph.address.database) as session:
        for name in ("voucher", "relay", "relay_range", "shop"):
            session.run(f"DROP CONSTRAINT {name}_id IF EXISTS").consume()
    table_in_use.use(None)
    wipe(graph)


@pytest.fixture(scope="module")
def loaded(graph: Graph, own: Settings) -> Graph:
    """Half of the events by `ingest` as a process of its own, half by HTTP and a worker; then a run and the index."""
    both = rows()
    path = events.write(own.home / "events.jsonl", both[::2])
    done = subprocess.run(
        [sys.executable, "-m", "service.cli", "ingest", str(path)],
        env=work.environment(own),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    app = bootstrap.application(own)
    sent = app.test_client().post("/v1/events", json=both[1::2])
    assert (sent.status_code, sent.get_json()["refused"]) == (202, [])
    app.extensions[EXTENSION].close()
    work.drain(own, graph)
    detect(graph, own.home)
    bootstrap.rebuild_index(own, graph)
    return graph


@pytest.fixture
def client(own: Settings, loaded: Graph) -> Iterator[FlaskClient]:
    app = bootstrap.application(own)
    with app.test_client() as client:
        yield client
    app.extensions[EXTENSION].close()


def one(graph: Graph, text: str, **parameters: Any) -> Any:
    with graph.driver.session(database=graph.address.database) as session:
        return session.run(text, parameters).single(strict=True)[0]


def voucher(own: Settings) -> str:
    return load_tokeniser(own.home, own.ip_plain).token("vo", "half-price")


def ring_of(graph: Graph) -> str:
    rings = read_scores(graph).drop_nulls("ring")
    assert set(rings["id"]) == {f"s{number}" for number in range(FAKES)}
    return str(rings["ring"][0])


@pytest.mark.parametrize(
    "name", [name for folder in queries.CYPHER.iterdir() for name in queries.names(folder.name) if "@" not in name]
)
def test_every_query_is_sound_under_this_table(own: Settings, graph: Graph, name: str) -> None:
    one_kind = [other for other in queries.names(name.partition("/")[0]) if other.startswith(f"{name}@")]
    for query in one_kind or [name]:
        graph.driver.execute_query(f"EXPLAIN {queries.load(query).text}", database_=graph.address.database)


def test_equal_values_are_one_token_in_the_graph(loaded: Graph, own: Settings) -> None:
    assert one(loaded, "MATCH (v:Voucher) RETURN collect(v.id)") == [voucher(own)]
    assert one(loaded, "MATCH (:Voucher)<-[l:REDEEMS]-() RETURN count(l)") == FAKES
    assert one(loaded, "MATCH (r:Relay)-[:LIES_IN]->(n:RelayRange) RETURN [r.id, n.id]") == [
        "203.0.113.9",
        "203.0.113.0/24",
    ]
    assert one(loaded, "SHOW CONSTRAINTS YIELD name WHERE name = 'voucher_id' RETURN count(*)") == 1
    assert set(digest(loaded).counts) == {"accounts", "identifiers", "links", "derived"}


def test_a_strong_kind_makes_a_ring_and_a_container_does_not(loaded: Graph, client: FlaskClient, own: Settings) -> None:
    ring = client.get(f"/v1/rings/{ring_of(loaded)}").get_json()
    assert ring["size"] == FAKES and ring["level"] in ("high", "critical")
    assert ("voucher", voucher(own)) in {(held["kind"], held["id"]) for held in ring["held_by"]}
    drawn = client.get(f"/v1/rings/{ring['id']}/graph").get_json()
    assert {"voucher", "relay"} <= {node["kind"] for node in drawn["nodes"]}
    shown = client.get("/v1/accounts/p1").get_json()
    assert ("shop", "shop 1") in {(link["kind"], link["id"]) for link in shown["links"]}, "what is no evidence is shown"


def test_signups_are_judged_by_it(client: FlaskClient) -> None:
    answer = client.post("/v1/risk/signup", json={"voucher_code": "Half-Price"}).get_json()
    assert answer["level"] in ("high", "critical") and answer["reasons"][0]["code"] == "in_ring_voucher"
    assert "on the voucher belong to ring" in answer["reasons"][0]["text"]
    for nobody, said in (({"voucher_code": "WELCOME10"}, ["left_out_voucher"]), ({"shop_id": "shop 1"}, [])):
        told = client.post("/v1/risk/signup", json=nobody).get_json()
        assert (told["score"], [reason["code"] for reason in told["reasons"]]) == (0, said)
    assert client.post("/v1/risk/signup", json={"vouchers": "x"}).status_code == 422
    spec = client.get("/openapi.json").get_json()
    assert "voucher_code" in spec["components"]["schemas"]["Signup"]["properties"]
    items = spec["paths"]["/v1/events"]["post"]["requestBody"]["content"]["application/json"]["schema"]["items"]
    assert {"voucher_code", "relay_ip", "shop_id"} <= set(items["properties"])


def test_search_finds_it_by_its_value_its_token_and_what_is_derived(client: FlaskClient, own: Settings) -> None:
    for term in ("half-PRICE", voucher(own), "203.0.113.9", "203.0.113.0/24", "shop 1"):
        hits = client.get("/v1/search", query_string={"q": term}).get_json()["identifiers"]
        assert hits and hits[0]["accounts"] >= FAKES, term
    rings = client.get("/v1/rings", query_string={"identifier": "half-price"}).get_json()["rings"]
    assert len(rings) == 1


def test_pages_have_its_words_mark_and_colour(client: FlaskClient) -> None:
    script = client.get("/kinds.js").get_data(as_text=True)
    marks = json.loads(script.partition("IDENTIFIERS = ")[2].partition(";\n")[0])
    assert marks["voucher"]["many"] == "voucher codes" and len(marks["voucher"]["points"]) == 8
    assert "--kind-voucher: #336699;" in client.get("/kinds.css").get_data(as_text=True)
    assert "node.Voucher { color: #336699" in client.get("/browser-style.grass").get_data(as_text=True)
    assert "<b>Voucher</b>" in client.get("/browser-guide").get_data(as_text=True)


@pytest.mark.browser
@pytest.mark.skipif(chromium.CHROMIUM is None, reason="no Chromium: apt-get install chromium")
def test_the_ring_page_draws_it_and_hides_it_at_a_click(loaded: Graph, own: Settings, browser: Browser) -> None:
    build.build()
    app = bootstrap.application(own)
    with chromium.served(app) as address:
        page = browser.new_page()
        page.set_default_timeout(30_000)
        page.goto(f"{address}/rings/{ring_of(loaded)}")
        page.wait_for_selector("body[data-drawn]")
        switch = page.locator("#legend").get_by_role("button", name="voucher codes")
        expect(switch).to_have_attribute("aria-pressed", "true")
        colour = "() => getComputedStyle(document.querySelector('#legend svg.kind-voucher')).fill"
        assert page.evaluate(colour) == "rgb(51, 102, 153)"
        switch.click()
        expect(page.locator("#legend").get_by_role("button", name="voucher codes")).to_have_attribute(
            "aria-pressed", "false"
        )
        page.close()
    app.extensions[EXTENSION].close()


@pytest.mark.parametrize("form", ["graphml", "gexf", "json", "csv", "cytoscape", "svg"])
def test_exports_have_it(loaded: Graph, client: FlaskClient, own: Settings, form: str) -> None:
    answer = client.get(f"/v1/rings/{ring_of(loaded)}/export", query_string={"format": form})
    assert answer.status_code == 200, answer.text
    assert ("voucher" if form == "svg" else voucher(own)) in answer.get_data(as_text=True)


def test_allowed_it_is_no_evidence(loaded: Graph, own: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in work.environment(own).items():
        monkeypatch.setenv(name, value)
    for kind, value in (("voucher", "HALF-price"), ("relay_range", "203.0.113.77")):
        done = CliRunner().invoke(allow, ["add", kind, value, *ALLOWED], catch_exceptions=False)
        assert done.exit_code == 0, done.output
    assert [entry["accounts"] for entry in allow_list.entries(loaded)] == [FAKES, FAKES]
    detect(loaded, own.home)
    assert read_scores(loaded)["ring"].is_null().all()
    for kind, value in (("voucher", voucher(own)), ("relay_range", "203.0.113.0/24")):
        CliRunner().invoke(allow, ["remove", kind, value, *ALLOWED], catch_exceptions=False)
    detect(loaded, own.home)
    ring_of(loaded)


def test_a_new_token_key_reaches_it(loaded: Graph, own: Settings, client: FlaskClient) -> None:
    old, key = voucher(own), load_tokeniser(own.home, own.ip_plain).key_id
    like_one = {"account_id": "p1", "occurred_at": "2026-05-01T00:00:00Z", "shop_id": f"sh_{key}"}
    assert work.append(own, [like_one]).accepted == 1
    assert work.drain(own, loaded).refused == 0, "what is kept in the clear may begin like a token"
    bootstrap.rotate_token_key(own, loaded)
    assert voucher(own) != old
    assert one(loaded, "MATCH (v:Voucher) RETURN collect(v.id)") == [voucher(own)]
    answer = client.post("/v1/risk/signup", json={"voucher_code": "half-price"}).get_json()
    assert answer["reasons"][0]["code"] == "in_ring_voucher"


def test_erasure_takes_it_with_the_last_account_that_used_it(loaded: Graph, own: Settings, client: FlaskClient) -> None:
    alone = {"account_id": "alone", "type": "signup", "occurred_at": datetime.now(UTC).isoformat()}
    work.append(own, [{**alone, "voucher_code": "only mine", "relay_ip": "198.51.100.3", "shop_id": "shop 2"}])
    work.drain(own, loaded)
    schema.apply(loaded)
    assert one(loaded, "MATCH (v:Voucher) RETURN count(v)") == 2
    assert client.delete("/v1/accounts/alone").get_json()["identifiers"] == 4
    assert one(loaded, "MATCH (n:Voucher|Relay|RelayRange|Shop) RETURN count(n)") == 5
