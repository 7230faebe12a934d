"""Exports are opened again by other programs: networkx, igraph, the csv and zip modules, Pillow."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import igraph
import networkx as nx
import pytest
import xmlschema
from click.testing import CliRunner
from PIL import Image

from service.cli import cli
from service.errors import ConflictError, InputError
from service.export import redact, signing, subgraph, summary
from service.export import ring as export
from service.graph.client import Graph
from service.ingest.tokens import load_tokeniser
from service.settings import Settings
from tests.support import rings
from tests.support.rings import MIDDLE, SMALL

SCHEMAS = Path(__file__).parents[1] / "support" / "schemas"
EVIL = '=cmd|"</node>&\u202e'


@pytest.fixture(scope="module")
def full(graph: Graph) -> Iterator[Graph]:
    rings.write(graph, SMALL, MIDDLE)
    graph.driver.execute_query("MATCH (a:Account {id: 'sm-00000'}) SET a.id = $evil", {"evil": EVIL})
    graph.driver.execute_query(
        "MATCH (a:Account {id: 'honest-00000'}) MERGE (i:IP {id: '11.0.0.7'}) "
        "MERGE (a)-[l:CONNECTS_FROM]->(i) SET l.first_seen = datetime(), l.last_seen = datetime(), l.uses = 1"
    )
    graph.driver.execute_query(
        "UNWIND [['11.0.0.0/24', ['11.0.0.7']], ['11.0.1.0/24', ['11.0.1.7']]] AS row MERGE (n:Network {id: row[0]}) "
        "WITH n, row MATCH (i:IP) WHERE i.id IN row[1] MERGE (i)-[:IN]->(n)"
    )
    graph.driver.execute_query("MATCH (a:Account {id: 'sm-00001'}) REMOVE a.level")  # as runs leave it where it is low
    held = [{"kind": "network", "id": f"11.0.{n}.0/24", "members": 12} for n in (0, 1)]
    graph.driver.execute_query("MATCH (r:Ring {id: $id}) SET r.held_by = $held", id=SMALL.id, held=json.dumps(held))
    yield graph


def made(graph: Graph, ring: str, name: str, profile: redact.Profile = redact.FULL, home: Path | None = None) -> bytes:
    return b"".join(export.chunks(graph, ring, name, profile, home))


@pytest.mark.parametrize(("ring", "nodes", "links"), [(SMALL, 19, 48), (MIDDLE, 375, 1200)])
def test_networkx_and_igraph_open_graphml(
    full: Graph, tmp_path: Path, ring: rings.Shape, nodes: int, links: int
) -> None:
    path = tmp_path / "ring.graphml"
    path.write_bytes(made(full, ring.id, "graphml"))
    graph: Any = nx.read_graphml(path)
    assert (graph.number_of_nodes(), graph.number_of_edges(), graph.is_directed()) == (nodes, links, True)
    assert {kind for _, kind in graph.nodes(data="kind")} == {"account", "payment_method", "device", "ip"}
    assert all(isinstance(uses, int) for _, _, uses in graph.edges(data="uses"))
    other = igraph.Graph.Read_GraphML(str(path))
    assert (other.vcount(), other.ecount()) == (nodes, links)
    assert set(other.vs["kind"]) == {"account", "payment_method", "device", "ip"}


def test_graphml_keeps_its_pages_in_one_document(full: Graph, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("service.export.subgraph.PAGE_ACCOUNTS", 7)
    path = tmp_path / "ring.graphml"
    path.write_bytes(made(full, MIDDLE.id, "graphml"))
    ids = [node.attrib["id"] for node in ElementTree.parse(path).iter("{http://graphml.graphdrawing.org/xmlns}node")]
    assert len(ids) == len(set(ids)) == 375
    assert nx.read_graphml(path).number_of_edges() == 1200
    assert all(kind for _, kind in nx.read_graphml(path).nodes(data="kind"))


@pytest.mark.parametrize("name", ["graphml", "gexf"])
def test_xml_follows_a_schema(full: Graph, name: str) -> None:
    """Keys and attributes are declared, values refer to them, links to nodes; the schemas are our own (see there)."""
    schema = xmlschema.XMLSchema(SCHEMAS / f"{name}.xsd")
    text = made(full, MIDDLE.id, name).decode()
    schema.validate(text)
    evil = made(full, SMALL.id, name).decode()
    schema.validate(evil)
    for wrong in (text.replace(' target="12.', ' target="99.', 1), text.replace('"uses"', '"used"', 1)):
        assert wrong != text and not schema.is_valid(wrong)


@pytest.mark.parametrize("name", ["csv", "json", "pack"])
def test_an_export_never_mixes_two_runs(
    full: Graph, settings: Settings, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(subgraph, "PAGE_ACCOUNTS", 40)
    publish = "MATCH (p:Pointer {name: 'published'}) SET p.run_id = $run"
    read = subgraph._page

    def page_then_publication(record: Any) -> Any:
        full.driver.execute_query(publish, run="run-2")
        return read(record)

    monkeypatch.setattr(subgraph, "_page", page_then_publication)
    try:
        with pytest.raises(ConflictError, match="another detection run was published"):
            made(full, MIDDLE.id, name, home=settings.home)
    finally:
        full.driver.execute_query(publish, run=rings.RUN)


def test_networkx_opens_gexf(full: Graph, tmp_path: Path) -> None:
    path = tmp_path / "ring.gexf"
    label = "MATCH (a:Account {id: 'sm-00001'}) SET a.label = $label"
    full.driver.execute_query(label, label="legitimate")
    path.write_bytes(made(full, SMALL.id, "gexf"))
    full.driver.execute_query(label, label=None)
    graph = nx.read_gexf(path)
    assert (graph.nodes["sm-00001"]["label"], graph.nodes["sm-00001"]["labelled"]) == ("sm-00001", "legitimate")
    assert (graph.number_of_nodes(), graph.number_of_edges()) == (19, 48)
    assert graph.nodes[EVIL]["kind"] == "account"
    assert graph.edges[EVIL, "pm_sm0000"]["type"] == "PAYS_WITH"


def test_networkx_opens_node_link_json_and_cytoscape_json(full: Graph) -> None:
    graph = nx.node_link_graph(json.loads(made(full, SMALL.id, "json")), edges="edges")
    assert (graph.number_of_nodes(), graph.number_of_edges()) == (19, 48)
    other = nx.cytoscape_graph(json.loads(made(full, SMALL.id, "cytoscape")))
    assert (other.number_of_nodes(), other.number_of_edges()) == (19, 48)
    assert other.nodes["pm_sm0000"]["kind"] == "payment_method"


@pytest.mark.parametrize("name", ["graphml", "gexf", "csv", "csv-nodes", "json", "cytoscape"])
def test_the_same_ring_is_the_same_file(full: Graph, name: str) -> None:
    assert made(full, MIDDLE.id, name) == made(full, MIDDLE.id, name)


def test_a_summary_has_no_minus_nothing_and_no_share_of_nothing() -> None:
    reasons = [{"points": points} for points in (-0.4, 0.4, -0.6, 12.0)]
    assert summary._points({"score": 11.4, "reasons": reasons}) == ["0", "0", "-1", "+12"]
    assert [summary._share(share) for share in (0.0004, 0.0349)] == ["under 0.1%", "3.5%"]


def test_csv_has_every_link_and_no_formula(full: Graph) -> None:
    links = list(csv.DictReader(io.StringIO(made(full, SMALL.id, "csv").decode())))
    nodes = list(csv.DictReader(io.StringIO(made(full, SMALL.id, "csv-nodes").decode())))
    assert (len(links), len(nodes)) == (48, 19)
    assert {row["kind"] for row in links} == {"payment_method", "device", "ip"}
    assert f"'{EVIL}" in {row["id"] for row in nodes}
    assert not [cell for row in links + nodes for cell in row.values() if cell[:1] in "=+-@" and cell]


def test_pictures_show_every_node(full: Graph) -> None:
    svg = ElementTree.fromstring(made(full, SMALL.id, "svg"))
    space = "{http://www.w3.org/2000/svg}"
    shapes = [*svg.iter(f"{space}circle"), *svg.iter(f"{space}polygon")]
    assert len(shapes) == 19 + 4  # and the legend
    image = Image.open(io.BytesIO(made(full, SMALL.id, "png")))
    assert image.size == (2800, 2000)
    assert len(image.getcolors(1 << 24) or ()) > 20


def test_tokens_leave_no_account_and_no_address_readable(full: Graph, settings: Settings) -> None:
    tokeniser = load_tokeniser(settings.home, settings.ip_plain)
    profile = redact.profile("tokens", full, tokeniser, SMALL.id)
    for name in ("graphml", "csv", "json", "svg", "pack"):
        content = made(full, SMALL.id, name, profile, settings.home)
        parts = [content] if name != "pack" else _unzipped(content).values()
        for part in parts:
            assert b"sm-0000" not in part
            assert b"11.0." not in part
    assert tokeniser.token("ac", "sm-00001").encode() in made(full, SMALL.id, "csv", profile)
    evidence = _unzipped(made(full, SMALL.id, "pack", profile, settings.home))["evidence.json"]
    assert tokeniser.token("nw", "11.0.1.0/24").encode() in evidence


def test_no_third_parties_leaves_out_what_others_use(full: Graph, settings: Settings) -> None:
    tokeniser = load_tokeniser(settings.home, settings.ip_plain)
    profile = redact.profile("no-third-parties", full, tokeniser, SMALL.id)
    graph = nx.node_link_graph(json.loads(made(full, SMALL.id, "json", profile)), edges="edges")
    assert "11.0.0.7" not in graph
    assert "11.0.1.7" in graph
    assert (graph.number_of_nodes(), graph.number_of_edges()) == (18, 36)
    evidence = json.loads(_unzipped(made(full, SMALL.id, "pack", profile, settings.home))["evidence.json"])
    assert [held["id"] for held in evidence["ring"]["held_by"]] == ["11.0.1.0/24"]  # others use 11.0.0.0/24
    parts = _unzipped(made(full, SMALL.id, "pack", profile, settings.home))
    said = "no-third-parties: without identifiers and networks that accounts outside the ring use as well (2 of them)"
    for name in ("summary.html", "README.txt"):
        assert said in parts[name].decode()
    assert "1 left out by the redaction" in parts["summary.html"].decode()
    with pytest.raises(InputError, match="none of full, tokens"):
        redact.profile("odd", full, tokeniser, SMALL.id)


def _unzipped(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as pack:
        return {name: pack.read(name) for name in pack.namelist()}


def test_a_pack_is_whole_signed_and_readable(full: Graph, settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "ring.zip"
    path.write_bytes(made(full, SMALL.id, "pack", redact.FULL, settings.home))
    checked = signing.check(path)
    assert checked.manifest["ring"] == SMALL.id
    assert checked.fingerprint == signing.fingerprint(signing.public_bytes(signing.load_key(settings.home)))
    parts = _unzipped(path.read_bytes())
    assert parts["summary.pdf"].startswith(b"%PDF-")
    assert "share nearly all of their cards" in parts["summary.html"].decode()
    assert "<script" not in parts["summary.html"].decode()
    assert "<th>Created (UTC)</th>" in parts["summary.html"].decode()
    levels = {row["id"]: row["level"] for row in csv.DictReader(io.StringIO(parts["nodes.csv"].decode()))}
    assert (levels["sm-00001"], levels["sm-00002"], levels["pm_sm0000"]) == ("low", "critical", "")
    assert json.loads(parts["run.json"])["parameters"] == {"resolution": 0.3}
    assert json.loads(parts["evidence.json"])["ring"]["reasons"][0]["evidence"]["accounts"] == 12
    graph = nx.parse_graphml(parts["ring.graphml"].decode())
    assert graph.number_of_edges() == 48


@pytest.mark.parametrize("change", ["alter", "add", "drop", "resign", "cut"])
def test_a_changed_pack_is_noticed(full: Graph, settings: Settings, tmp_path: Path, change: str) -> None:
    parts = _unzipped(made(full, SMALL.id, "pack", redact.FULL, settings.home))
    if change == "alter":
        parts["links.csv"] = parts["links.csv"].replace(b"pm_sm0000", b"pm_sm0009")
    elif change == "add":
        parts["more.txt"] = b"more"
    elif change == "drop":
        del parts["nodes.csv"]
    elif change == "resign":
        manifest = json.loads(parts["manifest.json"])
        parts["manifest.json"] = json.dumps({**manifest, "ring": "R-ELSE"}).encode()
    path = tmp_path / "changed.zip"
    with zipfile.ZipFile(path, "w") as pack:
        for name, content in parts.items():
            pack.writestr(name, content)
    if change == "cut":
        path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(InputError, match=r"changed|not a Ringsight pack"):
        signing.check(path)


def test_the_command_line_exports_and_verifies(full: Graph, settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "ring.zip"
    done = CliRunner().invoke(cli, ["export", SMALL.id, "--format", "pack", "--out", str(path)], catch_exceptions=False)
    assert "with 12 accounts as pack" in done.output
    verified = CliRunner().invoke(cli, ["verify", str(path)], catch_exceptions=False)
    assert "13 files are as signed by" in verified.output
    other = "0000-" * 7 + "0000"
    with pytest.raises(InputError, match="and not by 0000"):
        CliRunner().invoke(cli, ["verify", str(path), "--key", other], catch_exceptions=False)
    assert [entry.name for entry in tmp_path.iterdir()] == ["ring.zip"]


def test_the_signing_key_is_its_owners_only(tmp_path: Path) -> None:
    first = signing.public_bytes(signing.load_key(tmp_path))
    assert (tmp_path / "keys" / "signing.key").stat().st_mode & 0o777 == 0o600
    assert signing.public_bytes(signing.load_key(tmp_path)) == first


@pytest.mark.slow
def test_a_ring_of_16000_accounts_exports_in_bounded_memory(graph: Graph, tmp_path: Path) -> None:
    rings.write(graph, rings.LARGE, honest=0)
    script = (
        "import resource, sys\n"
        "from service.export import ring\n"
        "from service.graph.client import Graph, GraphAddress\n"
        "graph = Graph(GraphAddress(*sys.argv[1:5]))\n"
        "base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "with open(sys.argv[5], 'wb') as file:\n"
        "    file.writelines(ring.chunks(graph, 'R-LARG-3', 'graphml'))\n"
        "graph.close()\n"
        "print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - base) // 1024)\n"
    )
    path = tmp_path / "large.graphml"
    address = graph.address
    arguments = [address.uri, address.user, address.password, address.database, str(path)]
    result = subprocess.run([sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=True)
    assert int(result.stdout) < 400  # MB beyond what the imports take
    counts: dict[Any, int] = {"node": 0, "edge": 0}
    for _, element in ElementTree.iterparse(path):
        name = element.tag.rpartition("}")[2]
        if name in counts:
            counts[name] += 1
            element.clear()
    assert counts == {"node": 17_360, "edge": 128_000}
