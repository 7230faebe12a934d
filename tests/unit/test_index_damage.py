"""A damaged read index in LMDB hands over to the graph, and a build mends it, also for a server that runs."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from service import bootstrap
from service.api.services import EXTENSION
from service.decisions.index import live_records, records
from service.decisions.index.lmdb_store import LOOK_EVERY_S, LmdbStore
from service.decisions.index.store import Meta
from service.errors import UnavailableError
from service.model.evidence import RunInfo
from service.settings import Settings

META = Meta(RunInfo("run-1", 1000, 0.02, "1"), 1000, accounts=3)
KEYS = [records.key("device", str(number)) for number in range(5000)]
RECORD = records.pack_identifier(records.Identifier(2))


def fill(folder: Path) -> None:
    store = LmdbStore(folder)
    store.build(META, [(key, RECORD) for key in KEYS])
    store.change(KEYS, lambda _key, _before: live_records.pack_live(live_records.LiveIdentifier()))
    store.close()


def generation(folder: Path) -> Path:
    return folder / (folder / "current").read_text() / "data.mdb"


def overwritten(path: Path, start: int, content: Callable[[bytes], bytes]) -> None:
    data = path.read_bytes()
    path.write_bytes(data[:start] + content(data[start:]))


# Not bytes changed at random: LMDB keeps no checksums, and can end the process that reads them.
DAMAGES: dict[str, Callable[[Path], object]] = {
    "zeros": lambda path: overwritten(path, 8192, lambda data: bytes(len(data))),
    "cut in half": lambda path: overwritten(path, path.stat().st_size // 2, lambda _: b""),
    "cut to 8 KB": lambda path: overwritten(path, 8192, lambda _: b""),
    "cut to 5 KB": lambda path: overwritten(path, 5000, lambda _: b""),
    "empty": lambda path: path.write_bytes(b""),
    "gone": lambda path: path.unlink(),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    fill(tmp_path / "index")
    return tmp_path / "index"


@pytest.fixture
def client(folder: Path) -> Iterator[FlaskClient]:
    app = bootstrap.application(Settings(home=folder.parent, auth="off"))
    yield app.test_client()
    app.extensions[EXTENSION].close()


def statuses(client: FlaskClient) -> set[int]:
    asked = [client.post("/v1/risk/signup", json={"device_id": f"d{number}"}) for number in range(60)]
    return {answer.status_code for answer in [*asked, client.get("/readyz")]}


@pytest.mark.parametrize("part", ["generation", "live"])
@pytest.mark.parametrize("how", DAMAGES)
def test_a_damaged_index_is_no_error_and_is_mended_by_a_build(
    folder: Path, client: FlaskClient, part: str, how: str
) -> None:
    DAMAGES[how](generation(folder) if part == "generation" else folder / "live" / "data.mdb")
    assert statuses(client) <= {200, 503}  # from what can still be read, or from the graph, which is not there
    builder = LmdbStore(folder)
    builder.build(META, [(key, RECORD) for key in KEYS])
    builder.sweep(lambda _: None)
    builder.close()
    time.sleep(1.5 * LOOK_EVERY_S)
    index = client.application.extensions[EXTENSION].get().index
    assert index.base(KEYS) == [RECORD] * len(KEYS)
    index.change(KEYS[:1], lambda _key, _before: b"new")
    assert index.live(KEYS[:1]) == [b"new"]
    assert client.post("/v1/risk/signup", json={"device_id": "d"}).status_code == 200


@pytest.mark.parametrize(
    ("sent", "codes"),
    [
        ({"device_id": "null", "ip": "10.0.0.1"}, {"left_out_device", "left_out_ip"}),
        ({"device_id": "d", "email": "a@b", "phone": "123"}, {"unknown_device", "left_out_email", "left_out_phone"}),
        ({"device_id": "d", "ip": "", "phone": None}, {"unknown_device"}),
    ],
)
def test_a_signup_is_told_which_placeholders_were_left_out(
    client: FlaskClient, sent: dict[str, str | None], codes: set[str]
) -> None:
    found = client.post("/v1/risk/signup", json=sent).get_json()
    assert {reason["code"] for reason in found["reasons"]} == codes
    assert (found["score"], found["action"]) == (0.0, "allow")


@pytest.mark.parametrize("text", [b"", b"../../keys", b"nothing", b"\xff\xfe", b"\x00"])
def test_a_wrong_pointer_is_no_index(folder: Path, client: FlaskClient, text: bytes) -> None:
    (folder / "current").write_bytes(text)
    assert statuses(client) == {503}
    assert "ringsight index rebuild" in client.get("/readyz").get_json()["missing"][0]


def test_an_index_of_a_newer_version_is_no_index(folder: Path) -> None:
    newer = LmdbStore(folder)
    newer.build(META, [])
    shutil.rmtree(folder / "live")
    path = generation(folder)
    path.write_bytes(path.read_bytes().replace(b'"accounts"', b'"elements"'))
    newer.close()
    with pytest.raises(UnavailableError, match="ringsight index rebuild"):
        LmdbStore(folder).meta()


@pytest.mark.parametrize("part", ["generation", "live"])
def test_that_the_index_cannot_be_used_is_said_once_in_the_log_and_in_the_metrics(
    folder: Path, client: FlaskClient, part: str, caplog: pytest.LogCaptureFixture
) -> None:
    if part == "live":
        DAMAGES["zeros"](folder / "live" / "data.mdb")
        (folder / "live" / "data.mdb").write_bytes(bytes(20000))
    else:
        shutil.rmtree(folder)
    time.sleep(1.5 * LOOK_EVERY_S)
    statuses(client)
    said = [record.message for record in caplog.records if "decisions come from the graph database" in record.message]
    assert len(said) == 1 and "ringsight index rebuild" in said[0]
    assert "ringsight_index_up 0.0" in client.get("/metrics").text
    builder = LmdbStore(folder)
    builder.build(META, [])
    builder.sweep(lambda _: None)
    builder.close()
    time.sleep(1.5 * LOOK_EVERY_S)
    assert client.post("/v1/risk/signup", json={"device_id": "d"}).status_code == 200
    assert "decisions come from the read index again" in caplog.text
    assert "ringsight_index_up 1.0" in client.get("/metrics").text


READ_ONLY = """
mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" || exit 77
exec "$2" -c "
from pathlib import Path; from service.decisions.index.lmdb_store import LmdbStore
store = LmdbStore(Path('$1') / 'index'); key = b'0123456789'
print(store.base([key]), store.live([key]))"
"""


def test_an_index_on_a_read_only_file_system_is_read(folder: Path) -> None:
    command = ["unshare", "--map-root-user", "--mount", "sh", "-c", READ_ONLY, "sh", str(folder.parent), sys.executable]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    if found.returncode in (1, 77) and "LmdbStore" not in found.stderr:
        pytest.skip("this machine lets nobody mount a folder read-only")
    assert found.stdout == "[None] [None]\n", found.stderr
