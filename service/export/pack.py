"""The pack: one zip with every format, a summary to read, the evidence, the run's parameters, and a signed manifest."""

from __future__ import annotations

import hashlib
import io
import json
import pickle
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from service.export import formats, picture, signing, summary
from service.export.dossier import Dossier
from service.export.records import RingGraph

GRAPHS = {
    "ring.graphml": formats.graphml,
    "ring.gexf": formats.gexf,
    "links.csv": formats.csv_links,
    "nodes.csv": formats.csv_nodes,
    "ring.json": formats.node_link,
    "ring.cytoscape.json": formats.cytoscape,
}
READ_ME = """Ring {ring}: an evidence pack of Ringsight, made {made}.

summary.html, summary.pdf  what was found and why, to read
ring.svg, ring.png         its picture
ring.graphml, ring.gexf    the graph for yEd, igraph, networkx, Gephi
links.csv, nodes.csv       the graph as tables
ring.json                  the graph as node-link JSON (networkx, d3)
ring.cytoscape.json        the graph for Cytoscape
evidence.json              reasons with the counts behind them, signups over time, the journal of decisions
run.json                   the detection run that found it, with its parameters
manifest.json, .sig        SHA-256 of every file, signed (Ed25519)

Times are UTC. Profile {profile}.
Check that nothing was changed: ringsight verify PACK
"""


def write(out: IO[bytes], dossier: Dossier, pages: Iterable[RingGraph], key: Ed25519PrivateKey) -> None:
    """Writes a pack to a seekable file. `pages` is read once; memory stays bounded by a page."""
    sums: dict[str, str] = {}
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as pack, closing(_Spool()) as spool:
        spool.keep(pages)
        for name, make in GRAPHS.items():
            _add(pack, sums, name, (text.encode() for text in make(spool.pages())))
        for name, content in _documents(dossier).items():
            _add(pack, sums, name, [content])
        public = signing.public_bytes(key)
        manifest = {
            "product": "ringsight",
            "format": 1,
            "ring": dossier.ring["id"],
            "run": dossier.ring["run"],
            "profile": dossier.profile.name,
            "made_at": _now(),
            "public_key": public.hex(),
            "key_fingerprint": signing.fingerprint(public),
            "files": sums,
        }
        text = json.dumps(manifest, indent=1, sort_keys=True).encode()
        pack.writestr(signing.MANIFEST, text)
        pack.writestr(signing.SIGNATURE, key.sign(text).hex())


def _documents(dossier: Dossier) -> dict[str, bytes]:
    drawn = picture.arrange(f"Ring {dossier.ring['id']}", dossier.drawing, dossier.profile)
    image = picture.png(drawn)
    evidence = {
        "ring": dossier.ring,
        "timeline": dossier.timeline,
        "changes": dossier.changes,
        "journal": dossier.actions,
    }
    return {
        "ring.svg": picture.svg(drawn).encode(),
        "ring.png": image,
        "summary.html": summary.html(dossier, picture.svg(drawn)).encode(),
        "summary.pdf": summary.pdf(dossier, image),
        "evidence.json": json.dumps(evidence, indent=1, default=str).encode(),
        "run.json": json.dumps(dossier.run, indent=1, default=str).encode(),
        "README.txt": READ_ME.format(ring=dossier.ring["id"], made=_now(), profile=dossier.profile.meaning).encode(),
    }


def _add(pack: zipfile.ZipFile, sums: dict[str, str], name: str, chunks: Iterable[bytes]) -> None:
    digest = hashlib.sha256()
    with pack.open(name, "w", force_zip64=True) as file:
        for chunk in chunks:
            file.write(chunk)
            digest.update(chunk)
    sums[name] = digest.hexdigest()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


class _Spool:
    """The ring's pages in a temporary file of ours, so that the graph is read once for all formats."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115  (closed by close())

    def keep(self, pages: Iterable[RingGraph]) -> None:
        """Writes the pages down."""
        for page in pages:
            pickle.dump(page, self._file, pickle.HIGHEST_PROTOCOL)

    def pages(self) -> Iterator[RingGraph]:
        """All pages again, from the first. We wrote the file, and it has no name for others to open."""
        self._file.seek(0)
        while True:
            try:
                yield pickle.load(self._file)  # nosec B301
            except EOFError:
                return

    def close(self) -> None:
        """Deletes the file."""
        self._file.close()


def chunks(dossier: Dossier, pages: Iterable[RingGraph], home: Path) -> Iterator[bytes]:
    """The pack in pieces; it is written to a temporary file first, since a zip ends with its table of contents."""
    with tempfile.TemporaryFile() as file:
        write(file, dossier, pages, signing.load_key(home))
        file.seek(0)
        while chunk := file.read(io.DEFAULT_BUFFER_SIZE * 16):
            yield chunk
