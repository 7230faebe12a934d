"""What the API tells about rings, on a real engine with rings as a run writes them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any
from urllib.parse import quote

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from pydantic import BaseModel

from service.api import account_models, ring_models
from service.api.views import changes
from service.api.views import rings as rings_api
from service.api.views.search import Hits
from service.bootstrap import application, rebuild_index
from service.cli.journal import show
from service.graph.client import Graph
from service.ingest.tokens import ACCOUNT_PREFIX, load_tokeniser
from service.rings import graphview
from service.security.journal import Journal
from service.settings import Settings
from tests.support import rings
from tests.support.rings import MIDDLE, SMALL


@pytest.fixture(scope="module")
def client(graph: Graph, settings: Settings) -> Iterator[FlaskClient]:
    rings.write(graph, SMALL, MIDDLE)
    exits = [f"12.0.{n}.7" for n in range(25)] + ["198.51.100.1"]
    graph.write("ingest/derived@network", rows=[[ip, ip.rpartition(".")[0] + ".0/24"] for ip in exits])
    app = application(settings)
    yield app.test_client()
    app.extensions["ringsight"].close()


def get(client: FlaskClient, path: str, expect: int = 200, **query: Any) -> Any:
    response = client.get(path, query_string=query)
    assert response.status_code == expect, response.get_data(as_text=True)
    return response.json


def post(client: FlaskClient, path: str, body: dict[str, Any], expect: int = 200) -> Any:
    response = client.post(path, json=body)
    assert response.status_code == expect, response.get_data(as_text=True)
    return response.json


def documented(model: type[BaseModel], answer: Any) -> None:
    """The answer is as the document says, and has nothing beside that."""
    known = model.model_validate(answer).model_dump(exclude_unset=True)
    assert names(known) == names(answer)


def names(part: Any) -> Any:
    """The names of all members, wherever they are."""
    if isinstance(part, dict):
        return {name: names(value) for name, value in part.items()}
    return [names(value) for value in part] if isinstance(part, list) else None


def test_lists_rings_by_score_with_growth(client: FlaskClient) -> None:
    page = get(client, "/v1/rings", growth="true")
    documented(ring_models.Rings, page)
    assert [ring["id"] for ring in page["rings"]] == [SMALL.id, MIDDLE.id]
    assert page["rings"][1]["growth"][-1] == MIDDLE.accounts
    assert page["rings"][1]["growth"] == sorted(page["rings"][1]["growth"])


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ({"level": "high"}, [MIDDLE.id]),
        ({"level": ["high", "critical"]}, [SMALL.id, MIDDLE.id]),
        ({"min_size": 13}, [MIDDLE.id]),
        ({"max_size": 12}, [SMALL.id]),
        ({"status": "confirmed"}, []),
        ({"since": "2026-12-01T00:00:00Z"}, []),
        ({"until": "2026-08-01T00:00:00Z"}, []),
        ({"since": "2026-09-02T00:00:00+02:00", "until": "2026-09-03T00:00:00Z"}, [SMALL.id, MIDDLE.id]),
        ({"sort": "size"}, [MIDDLE.id, SMALL.id]),
        ({"sort": "score", "order": "asc"}, [MIDDLE.id, SMALL.id]),
        ({"identifier": "sm-00003"}, [SMALL.id]),
        ({"identifier": "12.0.3.7"}, [MIDDLE.id]),
        ({"identifier": "::ffff:12.0.3.7"}, [MIDDLE.id]),
        ({"identifier": "pm_sm0001"}, [SMALL.id]),
        ({"identifier": "r-midd"}, [MIDDLE.id]),
        ({"identifier": "12.0.0.0/24"}, [MIDDLE.id]),
        ({"identifier": "12.0.0.0/16"}, []),
        ({"identifier": "nobody knows"}, []),
        ({"identifier": "honest-00001"}, []),
    ],
)
def test_filters_rings(client: FlaskClient, query: dict[str, Any], ids: list[str]) -> None:
    page = get(client, "/v1/rings", **query)
    assert [ring["id"] for ring in page["rings"]] == ids
    assert page["total"] == len(ids)


def test_pages_follow_each_other(client: FlaskClient) -> None:
    first = get(client, "/v1/rings", limit=1, sort="size")
    second = get(client, "/v1/rings", limit=1, sort="size", cursor=first["next"])
    assert [first["rings"][0]["id"], second["rings"][0]["id"]] == [MIDDLE.id, SMALL.id]
    assert (first["total"], second["next"]) == (2, None)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"cursor": "rubbish"}, "cursor"),
        ({"sort": "colour"}, "sort"),
        ({"order": "up"}, "order"),
        ({"color": "red"}, "color"),
        ({"since": "2026-12-01T00:00:00"}, "zone"),
        ({"until": "0001-01-01T00:00:00+19:31"}, "until"),
        ({"limit": 0}, "limit"),
    ],
)
def test_refuses_what_it_cannot_read(client: FlaskClient, query: dict[str, Any], said: str) -> None:
    assert said in get(client, "/v1/rings", expect=422, **query)["detail"]


def test_a_cursor_belongs_to_its_order(client: FlaskClient) -> None:
    cursor = get(client, "/v1/rings", limit=1, sort="size")["next"]
    assert "another sort order" in get(client, "/v1/rings", expect=422, cursor=cursor)["detail"]


def test_an_offset_beyond_what_the_graph_reads_is_turned_to_utc(client: FlaskClient) -> None:
    get(client, "/v1/rings", until="0614-03-02T10:11:42.51+19:31")


def hits(client: FlaskClient, term: str) -> Any:
    found = get(client, "/v1/search", q=term)
    documented(Hits, found)
    return found


def test_search_finds_every_account_by_its_id_or_its_beginning(client: FlaskClient) -> None:
    assert [(hit["id"], hit["ring"]) for hit in hits(client, " sm-00003 ")["accounts"]] == [("sm-00003", SMALL.id)]
    assert [(hit["id"], hit["ring"]) for hit in hits(client, "honest-00001")["accounts"]] == [("honest-00001", None)]
    assert [hit["id"] for hit in hits(client, "honest-0001")["accounts"]] == [f"honest-{n:05d}" for n in range(10, 20)]
    assert hits(client, "nobody knows") == {"accounts": [], "identifiers": [], "decision": None}


@pytest.mark.parametrize(
    ("term", "kind", "accounts", "ring"),
    [
        ("pm_sm0001", "payment_method", 6, SMALL.id),
        ("dv_honest00007", "device", 1, None),
        ("198.51.100.1", "ip", 400, None),
        ("198.51.100.1/32", "ip", 400, None),
        ("198.51.100.0/24", "network", 400, None),
        ("198.51.100.77/24", "network", 400, None),
    ],
)
def test_search_finds_identifiers_and_networks_with_their_accounts(
    client: FlaskClient, term: str, kind: str, accounts: int, ring: str | None
) -> None:
    (found,) = hits(client, term)["identifiers"]
    assert (found["kind"], found["accounts"]) == (kind, accounts)
    assert len(found["newest"]) == min(accounts, 20)
    assert {hit["ring"] for hit in found["newest"]} == {ring}
    born = [hit["created_at"] for hit in found["newest"]]
    assert born == sorted(born, reverse=True)


def test_search_finds_a_kept_decision(client: FlaskClient) -> None:
    made = post(client, "/v1/risk/signup", {"ip": "203.0.113.9"})
    decision = hits(client, made["id"])["decision"]
    assert (decision["id"], decision["score"]) == (made["id"], made["score"])
    assert decision["inputs"] == [["ip", "203.0.113.9"]]


def test_shows_a_ring_with_reasons_and_run(client: FlaskClient) -> None:
    ring = get(client, f"/v1/rings/{SMALL.id}")
    documented(ring_models.Ring, ring)
    assert ring["size"] == 12
    assert ring["current"]
    assert [reason["code"] for reason in ring["reasons"]] == ["coverage", "births", "reuse"]
    assert ring["held_by"][0] == {"kind": "payment_method", "id": "pm_sm0000", "members": 6, "accounts": 6}
    assert ring["published_run"]["parameters"] == {"resolution": 0.3}
    assert "there is no ring 'R-NONE'" in get(client, "/v1/rings/R-NONE", expect=404)["detail"]


def test_members_come_in_pages_and_in_the_order_asked_for(client: FlaskClient) -> None:
    path = f"/v1/rings/{MIDDLE.id}/members"
    first = get(client, path, sort="created_at", order="asc", limit=2)
    documented(ring_models.Members, first)
    assert first["total"] == 300
    assert [member["id"] for member in first["members"]] == ["mi-00000", "mi-00001"]
    assert first["members"][0]["links"] == 4
    last = get(client, path, sort="id", order="desc", offset=299)
    assert [member["id"] for member in last["members"]] == ["mi-00000"]


def test_a_small_ring_is_drawn_whole(client: FlaskClient) -> None:
    drawing = get(client, f"/v1/rings/{SMALL.id}/graph")
    documented(ring_models.Drawing, drawing)
    kinds = [node["kind"] for node in drawing["nodes"]]
    assert not drawing["folded"]
    assert {kind: kinds.count(kind) for kind in kinds} == {"account": 12, "payment_method": 2, "device": 3, "ip": 2}
    assert len(drawing["links"]) == 48


def test_a_large_ring_is_folded_into_bundles_that_open(client: FlaskClient) -> None:
    drawing = get(client, f"/v1/rings/{MIDDLE.id}/graph")
    documented(ring_models.Drawing, drawing)
    bundles = [node for node in drawing["nodes"] if node["kind"] in ("bundle", "rest")]
    ids = {node["id"] for node in drawing["nodes"]}
    assert drawing["folded"]
    assert sum(bundle["accounts"] for bundle in bundles) == 300
    assert len(drawing["nodes"]) + len(drawing["links"]) <= graphview.MAX_ELEMENTS
    assert all(link["source"] in ids and link["target"] in ids for link in drawing["links"])
    bundle = next(node for node in bundles if node["kind"] == "bundle")
    inside = get(client, f"/v1/rings/{MIDDLE.id}/graph", open=bundle["identifiers"])
    documented(ring_models.Drawing, inside)
    accounts = [node["id"] for node in inside["nodes"] if node["kind"] == "account"]
    assert len(accounts) == bundle["accounts"]
    for identifier in bundle["identifiers"]:
        assert {link["source"] for link in inside["links"] if link["target"] == identifier} == set(accounts)
    assert "load its graph again" in get(client, f"/v1/rings/{MIDDLE.id}/graph", expect=404, open="pm_x")["detail"]


def test_accounts_in_no_bundle_open_too_and_those_least_at_risk_are_among_them(
    client: FlaskClient, graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(graphview, "MAX_BUNDLES", 4)
    monkeypatch.setattr(graphview, "OPEN_LIMIT", 20)
    graph.write("serve/forget_drawings", rings=None)
    path = f"/v1/rings/{MIDDLE.id}"
    nodes = get(client, f"{path}/graph")["nodes"]
    bundles = [node for node in nodes if node["kind"] == "bundle"]
    (rest,) = [node for node in nodes if node["kind"] == "rest"]
    assert sum(bundle["accounts"] for bundle in bundles) + rest["accounts"] == 300
    opened = [node for node in get(client, f"{path}/graph", rest="true")["nodes"] if node["kind"] == "account"]
    risks = {row["id"]: row["risk"] for row in get(client, f"{path}/members", limit=1000)["members"]}
    assert len(opened) == 20
    assert {node["id"] for node in opened} <= set(risks)
    shown = sorted(node["risk"] for node in opened)
    inside = {
        node["id"]
        for bundle in bundles
        for node in get(client, f"{path}/graph", open=bundle["identifiers"])["nodes"]
        if node["kind"] == "account"
    }
    outside = sorted(risk for account, risk in risks.items() if account not in inside)
    assert not inside & {node["id"] for node in opened}
    if bundles[0]["accounts"] <= 20:  # then all accounts of the bundles are known
        assert shown == outside[:10] + outside[-10:]
    graph.write("serve/forget_drawings", rings=None)


def test_bundles_tell_when_their_accounts_came(client: FlaskClient) -> None:
    nodes = get(client, f"/v1/rings/{MIDDLE.id}/graph")["nodes"]
    created = [row["created_at"] for row in get(client, f"/v1/rings/{MIDDLE.id}/members", limit=1000)["members"]]
    last = max(int(datetime.fromisoformat(born).timestamp()) for born in created)
    births = [node["births"] for node in nodes if node["kind"] in ("bundle", "rest")]
    assert all(moments == sorted(moments) and 0 < len(moments) <= 24 for moments in births)
    assert max(moments[-1] for moments in births) == last


def test_the_graph_of_a_large_ring_is_made_once_for_a_run(
    client: FlaskClient, graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"/v1/rings/{MIDDLE.id}/graph"
    monkeypatch.setattr(graphview, "MAX_ELEMENTS", 250)
    kept = "MATCH (d:Drawing) RETURN d.ring AS ring, d.text AS text"
    graphview.draw_large(graph)
    (row,) = graph.driver.execute_query(kept).records
    first = get(client, path)
    assert row["ring"] == MIDDLE.id and json.loads(row["text"]) == first
    assert not any(node["kind"] == "account" for node in first["nodes"]), "no kept graph names an account"

    graph.driver.execute_query("MATCH (d:Drawing) SET d.text = replace(d.text, '\"folded\":true', '\"folded\":null')")
    assert get(client, path)["folded"] is None, "whoever looks reads the kept one"
    for change, back in (("r.size = r.size - 1", "r.size = r.size + 1"), ("r.run = 'run-0'", "r.run = 'run-1'")):
        graph.driver.execute_query(f"MATCH (r:Ring {{id: $id}}) SET {change}", id=MIDDLE.id)
        assert get(client, path)["folded"], "a ring that changed is drawn anew"
        graph.driver.execute_query(f"MATCH (r:Ring {{id: $id}}) SET {back}", id=MIDDLE.id)
    assert get(client, path) == first
    assert len(graph.driver.execute_query(kept).records) == 1


def test_the_timeline_sets_signups_against_all_others(client: FlaskClient) -> None:
    timeline = get(client, f"/v1/rings/{SMALL.id}/timeline")
    documented(ring_models.Timeline, timeline)
    assert sum(bucket["members"] for bucket in timeline["buckets"]) == 12
    assert 260 <= sum(bucket["others"] for bucket in timeline["buckets"]) <= 310
    assert len(timeline["buckets"]) <= 60


def test_a_status_is_journalled_and_can_be_undone_once(client: FlaskClient) -> None:
    path = f"/v1/rings/{SMALL.id}"
    before = get(client, "/v1/changes")["next"]
    done = post(client, f"{path}/status", {"status": "confirmed", "note": "cards reported stolen"})
    documented(ring_models.Actions, done)
    action = done["actions"][0]
    assert (action["before"], action["after"], action["note"]) == ("open", "confirmed", "cards reported stolen")
    assert get(client, path)["status"] == "confirmed"
    assert post(client, f"/v1/actions/{action['id']}/undo", {})["value"] == "open"
    assert get(client, path)["status"] == "open"
    assert client.post(f"/v1/actions/{action['id']}/undo").status_code == 409
    journal = get(client, f"{path}/journal")["actions"]
    assert [(entry["after"], entry["undone"]) for entry in journal] == [("open", False), ("confirmed", True)]
    feed = get(client, "/v1/changes", since=before)
    documented(changes.Changes, feed)
    assert [(c["kind"], c["status_before"], c["status"]) for c in feed["changes"]] == [
        ("status", "open", "confirmed"),
        ("status", "confirmed", "open"),
    ]
    assert [c["seq"] for c in feed["changes"]] == [before + 1, before + 2]


def test_an_older_status_cannot_be_undone_over_a_newer_one(client: FlaskClient) -> None:
    path = f"/v1/rings/{SMALL.id}/status"
    first = post(client, path, {"status": "reviewing"})["actions"][0]["id"]
    second = post(client, path, {"status": "dismissed"})["actions"][0]["id"]
    refused = post(client, f"/v1/actions/{first}/undo", {}, 409)["detail"]
    assert "followed by another" in refused and "is dismissed now, set by this machine at " in refused
    assert client.post(f"/v1/actions/{second}/undo").status_code == 200
    assert client.post(f"/v1/actions/{first}/undo").status_code == 200


def test_a_bulk_status_is_all_or_none(client: FlaskClient) -> None:
    response = client.post("/v1/rings/status", json={"ids": [SMALL.id, "R-NONE"], "status": "confirmed"})
    assert response.status_code == 404
    assert get(client, f"/v1/rings/{SMALL.id}")["status"] == "open"
    both = post(client, "/v1/rings/status", {"ids": [SMALL.id, MIDDLE.id, SMALL.id], "status": "reviewing"})
    assert [action["subject"] for action in both["actions"]] == [SMALL.id, MIDDLE.id]
    for action in both["actions"]:
        assert client.post(f"/v1/actions/{action['id']}/undo").status_code == 200


def test_a_newer_status_is_not_overwritten_unseen(client: FlaskClient) -> None:
    path = f"/v1/rings/{SMALL.id}/status"
    post(client, path, {"status": "dismissed", "seen": "open"})
    refused = post(client, path, {"status": "confirmed", "seen": "open"}, expect=409)
    assert re.search(rf"{SMALL.id} is dismissed now, set by this machine at \d{{4}}-", refused["detail"])
    assert [(one["id"], one["now"], one["who"]) for one in refused["newer"]] == [
        (SMALL.id, "dismissed", "this machine")
    ]
    both = {"ids": [SMALL.id, MIDDLE.id], "status": "confirmed", "seen": {SMALL.id: "open", MIDDLE.id: "open"}}
    post(client, "/v1/rings/status", both, expect=409)
    assert get(client, f"/v1/rings/{MIDDLE.id}")["status"] == "open"
    post(client, path, {"status": "open", "seen": "dismissed"})


def test_a_newer_label_is_not_overwritten_unseen(client: FlaskClient) -> None:
    path = "/v1/accounts/sm-00006/label"
    post(client, path, {"label": "fraud", "seen": None})
    refused = post(client, path, {"label": "legitimate", "seen": None}, expect=409)
    assert "sm-00006 is fraud now, set by this machine at " in refused["detail"]
    both = {"ids": ["sm-00006", "sm-00007"], "label": "legitimate", "seen": {"sm-00006": None, "sm-00007": None}}
    post(client, "/v1/accounts/labels", both, expect=409)
    assert get(client, "/v1/accounts/sm-00007")["label"] is None
    post(client, path, {"label": "legitimate"})  # who does not say what they saw is not held up
    post(client, path, {"label": None, "seen": "legitimate"})


def test_of_many_who_decide_at_once_one_is_heard(client: FlaskClient) -> None:
    def decide(status: str) -> int:
        body = {"status": status, "seen": "open"}
        return client.application.test_client().post(f"/v1/rings/{SMALL.id}/status", json=body).status_code

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(decide, ["confirmed", "dismissed"] * 8))
    assert sorted(answers) == [200] + [409] * 15
    post(client, f"/v1/rings/{SMALL.id}/status", {"status": "open"})


@pytest.mark.parametrize(
    "body", [{"status": "gone"}, {}, {"status": "open", "by": "me"}, {"status": "open", "note": "x" * 2001}]
)
def test_refuses_a_wrong_status(client: FlaskClient, body: dict[str, Any]) -> None:
    assert client.post(f"/v1/rings/{SMALL.id}/status", json=body).status_code == 422


def test_shows_an_account_with_ring_links_and_neighbours(client: FlaskClient) -> None:
    account = get(client, "/v1/accounts/sm-00001")
    documented(account_models.Account, account)
    assert account["ring"]["id"] == SMALL.id
    assert {(link["kind"], link["accounts"]) for link in account["links"]} == {
        ("ip", 12),
        ("payment_method", 6),
        ("device", 4),
    }
    drawing = get(client, "/v1/accounts/sm-00001/graph")
    documented(ring_models.Drawing, drawing)
    assert sum(node["kind"] == "account" for node in drawing["nodes"]) == 12
    assert {"id": "pm_sm0001", "kind": "payment_method", "accounts": 6} in drawing["nodes"]
    assert get(client, "/v1/accounts/nobody", expect=404)["code"] == "not_found"
    assert get(client, "/v1/accounts/nobody/graph", expect=404)["code"] == "not_found"


def test_looking_at_an_account_is_no_decision(client: FlaskClient, settings: Settings, graph: Graph) -> None:
    rebuild_index(settings, graph)
    decided = client.get("/v1/accounts/sm-00004/risk").get_json()
    before = kept(settings)
    looked = get(client, "/v1/accounts/sm-00004")["decision"]
    assert {**looked, "run_age_s": 0} == {name: decided[name] for name in looked} | {"run_age_s": 0}
    assert kept(settings) == before


def kept(settings: Settings) -> int:
    """How many decisions were kept."""
    return sum(len(path.read_bytes().splitlines()) for path in (settings.home / "decisions").glob("*.jsonl"))


def test_the_neighbourhood_of_a_hub_is_bounded(client: FlaskClient) -> None:
    drawing = get(client, "/v1/accounts/honest-00001/graph")
    accounts = [node["id"] for node in drawing["nodes"] if node["kind"] == "account"]
    assert 20 <= len(accounts) <= 31
    assert "honest-00001" in accounts


def test_an_account_without_links_is_drawn_alone(client: FlaskClient, graph: Graph) -> None:
    graph.driver.execute_query("MERGE (a:Account {id: 'alone'}) SET a.created_at = datetime()")
    drawing = get(client, "/v1/accounts/alone/graph")
    documented(ring_models.Drawing, drawing)
    assert [node["id"] for node in drawing["nodes"]] == ["alone"]
    assert get(client, "/v1/accounts/alone")["links"] == []


def test_an_account_whose_id_holds_slashes_is_shown_drawn_and_labelled(client: FlaskClient, graph: Graph) -> None:
    graph.driver.execute_query("MERGE (a:Account {id: 'https://idp.example//1/graph'}) SET a.created_at = datetime()")
    path = "/v1/accounts/https%3A%2F%2Fidp.example%2F%2F1%2Fgraph"
    assert get(client, path)["id"] == "https://idp.example//1/graph"
    assert [node["id"] for node in get(client, f"{path}/graph")["nodes"]] == ["https://idp.example//1/graph"]
    assert post(client, f"{path}/label", {"label": "fraud"})["actions"][0]["after"] == "fraud"


def test_a_ring_that_no_run_finds_any_more_is_still_shown(client: FlaskClient, graph: Graph) -> None:
    graph.driver.execute_query(
        "MERGE (r:Ring {id: 'R-GONE'}) SET r += {run: 'run-0', size: 0, score: 80.0, level: 'high', "
        "status: 'dismissed', first_seen: datetime(), last_seen: datetime()}"
    )
    assert get(client, "/v1/rings/R-GONE")["current"] is False
    assert get(client, "/v1/rings/R-GONE/graph")["nodes"] == []
    assert get(client, "/v1/rings/R-GONE/timeline")["buckets"] == []
    assert get(client, "/v1/rings/R-GONE/members")["members"] == []
    assert "R-GONE" not in [ring["id"] for ring in get(client, "/v1/rings")["rings"]]


def test_what_a_failed_run_left_is_no_ring(client: FlaskClient, graph: Graph, settings: Settings) -> None:
    graph.driver.execute_query("MERGE (:Ring {id: 'R-HALF'})")
    for part in ("", "/history", "/members", "/graph"):
        assert "there is no ring" in get(client, f"/v1/rings/R-HALF{part}", expect=404)["detail"]
    post(client, "/v1/rings/R-HALF/status", {"status": "open"}, expect=404)
    rebuild_index(settings, graph)
    graph.driver.execute_query("MATCH (r:Ring {id: 'R-HALF'}) DELETE r")


def test_a_run_leaves_the_members_of_one_that_goes_on_elsewhere(client: FlaskClient, graph: Graph) -> None:
    found = "MATCH ()-[m {run: 'run-2'}]->() RETURN count(m) AS links"
    graph.driver.execute_query(
        "MATCH (a:Account {id: 'sm-00001'}), (b:Account {id: 'sm-00002'}), (r:Ring {id: $ring}) "
        "CREATE (:DetectionRun {id: 'run-2', state: 'running'}) "
        "CREATE (a)-[:MEMBER_OF {run: 'run-2', strength: 0.9}]->(r), (a)-[:SIMILAR_TO {run: 'run-2', score: 0.9}]->(b)",
        ring=SMALL.id,
    )
    for state, kept in (("running", 2), ("failed", 0)):
        graph.driver.execute_query("MATCH (n:DetectionRun {id: 'run-2'}) SET n.state = $state", state=state)
        for name in ("members", "similar"):
            graph.run_autocommit(f"detect/retire_{name}", run=rings.RUN)
        assert graph.driver.execute_query(found).records[0]["links"] == kept
    graph.driver.execute_query("MATCH (n:DetectionRun {id: 'run-2'}) DELETE n")
    assert get(client, f"/v1/rings/{SMALL.id}/members")["members"]


def test_labels_are_journalled_with_the_account_and_its_ring(client: FlaskClient) -> None:
    done = post(client, "/v1/accounts/sm-00002/label", {"label": "fraud", "note": "chargeback"})
    assert get(client, "/v1/accounts/sm-00002")["label"] == "fraud"
    assert get(client, "/v1/accounts/sm-00002")["actions"][0]["note"] == "chargeback"
    assert "sm-00002" in [entry["subject"] for entry in get(client, f"/v1/rings/{SMALL.id}/journal")["actions"]]
    assert post(client, f"/v1/actions/{done['actions'][0]['id']}/undo", {})["value"] is None
    assert get(client, "/v1/accounts/sm-00002")["label"] is None
    assert client.post("/v1/accounts/labels", json={"ids": ["sm-00002", "x"], "label": "fraud"}).status_code == 404
    assert client.post("/v1/accounts/labels", json={"ids": ["sm-00002"], "label": "odd"}).status_code == 422


def test_the_sealed_journal_names_whom_a_change_of_many_was_about(client: FlaskClient, settings: Settings) -> None:
    journal = Journal(settings.home)
    before = len(list(journal.lines()))
    many = [f"mi-{n:05d}" for n in range(70)]
    done = post(client, "/v1/accounts/labels", {"ids": [*many, many[0]], "label": "fraud"})["actions"]
    post(client, f"/v1/actions/{done[0]['id']}/undo", {})
    rings_done = post(client, "/v1/rings/status", {"ids": [SMALL.id, MIDDLE.id], "status": "reviewing"})["actions"]
    post(client, f"/v1/actions/{rings_done[1]['id']}/undo", {})
    tokeniser = load_tokeniser(settings.home, settings.ip_plain)
    tokens = [tokeniser.token(ACCOUNT_PREFIX, account) for account in many]
    lines = [line.get("target", {}) for line in list(journal.lines())[before:]]
    targets = [target for target in lines if target.keys() & {"accounts", "rings"}]
    assert len(lines) == len(targets) + 4  # each request has a line before it is known whom it is about
    assert [target["accounts"] for target in targets[:3]] == [tokens[:30], tokens[30:60], tokens[60:]]
    assert targets[3:] == [
        {"id": done[0]["id"], "accounts": tokens[:1]},
        {"rings": [SMALL.id, MIDDLE.id]},
        {"id": rings_done[1]["id"], "rings": [MIDDLE.id]},
    ]
    journal.verify()
    shown = CliRunner().invoke(show, ["--account", many[40]])
    assert shown.output.count('"POST /v1/accounts/labels"') == 1
    post(client, "/v1/rings/status", {"ids": [SMALL.id, MIDDLE.id], "status": "open"})


def test_history_tells_what_runs_changed(client: FlaskClient, graph: Graph) -> None:
    rings.write(graph, MIDDLE, honest=0)
    assert [c["kind"] for c in get(client, f"/v1/rings/{MIDDLE.id}/history")["changes"]] == ["opened"]
    grown = rings.Shape(MIDDLE.id, 310, 10, 40, 25, prefix="mi", net=12, score=90.0, level="critical")
    rings.write(graph, SMALL, grown, run="run-2", honest=0)
    graph.driver.execute_query(
        "MATCH (a:Ring {id: $a}), (b:Ring {id: $b}) MERGE (a)-[:MERGED_FROM {run: 'run-2'}]->(b)",
        {"a": MIDDLE.id, "b": SMALL.id},
    )
    history = get(client, f"/v1/rings/{MIDDLE.id}/history")
    documented(rings_api.History, history)
    assert [(c["kind"], c["size_before"], c["size"], c["other"]) for c in history["changes"]] == [
        ("merged", 300, 310, SMALL.id),
        ("grown", 300, 310, None),
        ("opened", None, 300, None),
    ]
    again = get(client, "/v1/changes")
    assert again == get(client, "/v1/changes")
    assert [c["seq"] for c in again["changes"]] == list(range(1, len(again["changes"]) + 1))


@pytest.mark.parametrize("spelled", [SMALL.id.lower(), f" {SMALL.id} ", f"\t{SMALL.id.title()}"])
def test_a_ring_is_found_however_its_id_is_spelled(client: FlaskClient, graph: Graph, spelled: str) -> None:
    path = f"/v1/rings/{quote(spelled)}"
    parts = ("", "/members", "/graph", "/timeline", "/history", "/journal")
    assert [get(client, path + part) for part in parts] == [
        get(client, f"/v1/rings/{SMALL.id}{part}") for part in parts
    ]
    assert SMALL.id in client.get(path + "/export").headers["Content-Disposition"]
    assert [ring["id"] for ring in get(client, "/v1/rings", identifier=spelled)["rings"]] == [SMALL.id]
    page = client.get(f"/rings/{quote(spelled)}", headers={"Accept": "text/html"}).get_data(as_text=True)
    assert f'data-ring="{SMALL.id}"' in page and f"<h1>{SMALL.id}" in page.replace("\n", "")
    seen = get(client, path)["status"]
    once = post(
        client, "/v1/rings/status", {"ids": [spelled, SMALL.id], "status": "reviewing", "seen": {spelled: seen}}
    )
    assert [action["subject"] for action in once["actions"]] == [SMALL.id]
    again = post(client, f"{path}/status", {"status": "open", "seen": "reviewing"})
    assert [action["subject"] for action in again["actions"]] == [SMALL.id]
    get(client, "/v1/rings/r-none-1", expect=404)
