"""The table of the kinds of identifier: what a wrong one is told, and that everything asks it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.decisions.index import records
from service.errors import RingsightError, SettingsError
from service.graph import queries
from service.model import kinds as table_in_use
from service.model.kinds import BUILT_IN, kinds
from service.model.kinds_file import read

KEY = """[[kind]]
name = "api_key"
field = "api_key"
label = "ApiKey"
link = "CALLS_WITH"
prefix = "ak"
role = "strong"
"""
TEAM = """[[kind]]
name = "team"
label = "Team"
link = "WORKS_IN"
prefix = "tm"
role = "strong"
"""


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Path]:
    """A file for a table of one's own; afterwards the built-in one is in use again."""
    yield tmp_path / "identifiers.toml"
    table_in_use.use(None)


def test_the_built_in_table() -> None:
    table = read(BUILT_IN)
    assert list(table.fields)[:3] == ["payment_fingerprint", "device_id", "ip"]
    assert table.child["network"].name == "ip"
    assert all(kind.points for kind in table.every)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[[kind]\n", r"is not TOML: .*line 1"),
        ("colour = 3\n", r"\[\[kind\]\] tables and nothing else; colour"),
        (KEY.replace('role = "strong"', 'role = "big"'), r"line 1, kind 'api_key', key role: .*'strong', 'place'"),
        (KEY.replace('role = "strong"\n', ""), r"line 1, kind 'api_key', key role: Field required"),
        (KEY + 'size = "x"\n', r"key size: .*known keys: name, field, label"),
        (KEY.replace("ApiKey", "Api Key"), r"key label: .*got 'Api Key'"),
        (KEY.replace("ApiKey", "Account"), r"key label: 'Account' is Ringsight's own; choose another"),
        (KEY.replace("CALLS_WITH", "MEMBER_OF"), r"key link: 'MEMBER_OF' is Ringsight's own"),
        (KEY.replace('field = "api_key"', 'field = "uses"'), r"key field: 'uses' is Ringsight's own"),
        (KEY.replace('"ak"', '"a"'), r"key prefix"),
        (KEY + KEY, r"line 8, kind 'api_key': key name: 'api_key' is that of 'api_key' too"),
        (KEY + 'normalise = "soundex"\n', r"key normalise: 'soundex' is not known; use one of text, lower"),
        (KEY + 'shape = "cube"\n', r"key shape: 'cube' is not known; use one of diamond"),
        (KEY + 'parents = ["team"]\n', r"key parents: 'text' gives 0 coarser values"),
        (KEY.replace("strong", "trait"), r"no kind of events has the role strong"),
        (KEY + TEAM, r"line 8, kind 'team': key role: what is derived is shared by many"),
        (KEY + 'token = "no"\n', r"key token"),
        *(
            (KEY.replace('name = "api_key"', f'name = "{name}"'), f"key name: '{name}' is Ringsight's own")
            for name in ("id", "score", "type", "uses", "account_id", "kind", "first", "left_out")
        ),
        ("x = " + "[" * 100_000, r"identifiers.toml is nested too deeply"),
        ("x = " + "9" * 5_000, r"is not TOML"),
    ],
)
def test_a_wrong_table_is_told_line_key_and_remedy(own: Path, text: str, says: str) -> None:
    own.write_text(text, encoding="utf-8")
    before = kinds()
    with pytest.raises(SettingsError, match=says):
        table_in_use.use(own)
    assert kinds() is before, "the table in use stays"


@pytest.mark.parametrize(
    "text",
    [
        KEY.replace('"ApiKey"', '"' + "x" * 5_000 + '"'),
        KEY.replace('name = "api_key"', 'name = "' + "x" * 5_000 + '"'),
        KEY + 'shape = "' + "x" * 5_000 + '"\n',
        KEY + 'normalise = "' + "x" * 5_000 + '"\n',
        KEY + 'parents = ["' + '", "'.join(["X"] * 5_000) + '"]\n',
        KEY + "x" * 5_000 + " = 1\n",
        "x" * 5_000 + " = 1\n",
    ],
)
def test_a_message_shows_no_thousands_of_characters(own: Path, text: str) -> None:
    own.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as told:
        read(own)
    assert len(str(told.value)) < 800 + len(str(own))


def test_a_pipe_is_refused_and_not_waited_for(own: Path) -> None:
    os.mkfifo(own)
    for path in (own, own.parent):
        with pytest.raises(SettingsError, match=r"can't be read \(it is no regular file\)"):
            read(path)


def test_a_mark_of_the_byte_order_is_read_over(own: Path) -> None:
    own.write_text(KEY, encoding="utf-8-sig")
    assert read(own).by_name["api_key"].label == "ApiKey"


def test_a_file_that_is_not_there_is_named(own: Path) -> None:
    with pytest.raises(SettingsError, match=r"RINGSIGHT_IDENTIFIERS: .*identifiers.toml can't be read"):
        read(own)


def test_queries_take_labels_and_links_from_the_table(own: Path) -> None:
    own.write_text(KEY, encoding="utf-8")
    assert "PAYS_WITH|USES_DEVICE" in queries.load("serve/graph_whole").text
    table_in_use.use(own)
    assert "-[l:CALLS_WITH]->" in queries.load("serve/graph_whole").text
    assert "(i:ApiKey {id: link[0]})" in queries.load("ingest/accounts_and_links").text
    assert "detect/links_of_kind@api_key" in queries.names("detect")
    assert f":{queries.NOTHING})" in queries.load("ingest/expire_derived").text, "no kind is derived"
    with pytest.raises(RingsightError, match="of kind device"):
        queries.load("detect/links_of_kind@device")


def test_no_query_is_left_with_a_name_that_stands_for_another() -> None:
    folders = [folder.name for folder in queries.CYPHER.iterdir()]
    for name in [name for folder in folders for name in queries.names(folder)]:
        text = queries.load(name).text
        for word in ("KIND_", "CHILD_", "SENT_", "EVIDENCE_", "STRONG_", "DERIVED_", "EVERY_", "// for each", "// end"):
            assert word not in text, (name, word)


def test_what_the_index_knows_of_an_account_outlives_a_change_of_the_table(own: Path) -> None:
    account = records.Account(identifiers=(("device", b"d" * 10), ("ip", b"i" * 10)))
    packed = records.pack_account(account)
    own.write_text(KEY + BUILT_IN.read_text(encoding="utf-8"), encoding="utf-8")
    table_in_use.use(own)
    assert records.unpack_account(packed) == account
    own.write_text(KEY, encoding="utf-8")
    table_in_use.use(own)
    assert records.unpack_account(packed).identifiers == (), "kinds that the table does not have are not looked up"


def test_the_table_for_an_api_of_models_is_sound_and_holds_the_built_in_kinds() -> None:
    example = read(Path(__file__).resolve().parents[2] / "examples" / "ai-api.toml")
    assert {"api_key", "organisation", "end_user", "prompt_template", "tls_fingerprint"} <= set(example.by_name)
    assert {"user_agent", "channel", "referral", "programme", "watermark"} <= set(example.by_name)
    built_in = read(BUILT_IN)
    assert [example.by_name.get(kind.name) for kind in built_in.every] == list(built_in.every)
    assert queries.expanded("SENT_LINK", example).count("|") == len(example.sent) - 1
