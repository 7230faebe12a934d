"""The model card, as the command and the API show it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from service import bootstrap
from service.api.services import EXTENSION
from service.cli.model import command
from service.detection import parameters
from service.detection.scoring import terms
from service.detection.scoring.model import Curve, model, parse
from service.errors import SettingsError
from service.settings import Settings


def test_the_version_is_that_of_runs_and_decisions() -> None:
    assert model().version == parameters.MODEL_VERSION


def test_the_command_shows_every_term_with_its_sentence() -> None:
    shown = CliRunner().invoke(command, []).output
    for known in (terms.RINGS, terms.ACCOUNTS):
        for code, term in known.items():
            assert f"  {code} " in shown and term.adds in shown
    assert str(model().fitted_on["worlds"]) in shown


def test_the_command_and_the_api_tell_the_same(tmp_path: Path) -> None:
    told = json.loads(CliRunner().invoke(command, ["--json"]).output)
    app = bootstrap.application(Settings(home=tmp_path))
    with app.test_client() as client:
        answer = client.get("/v1/model")
    app.extensions[EXTENSION].close()
    assert answer.status_code == 200 and answer.get_json() == told
    term = told["with_addresses"]["rings"]["terms"][0]
    assert len(term["nats"]) == len(term["knots"])
    assert term["nats"][-1] - term["nats"][0] == pytest.approx(term["range"], abs=1e-3)


def test_a_table_with_terms_that_this_version_does_not_know_is_refused() -> None:
    curve = {"knots": [0.0], "values": [0.0], "unknown": 0.0, "usual": 0.0, "error": 0.0}
    table = {"base": 0.0, "terms": {"phase_of_the_moon": curve}}
    empty = {"base": 0.0, "terms": {}}
    known, strange = {"rings": empty, "accounts": empty}, {"rings": table, "accounts": empty}
    with pytest.raises(SettingsError, match="phase_of_the_moon"):
        parse({"version": "1", "fitted_on": {}, "with_addresses": known, "without_addresses": strange, "signups": {}})


@pytest.mark.parametrize(("table", "code"), [("accounts", "no_home"), ("rings", "own_links")])
def test_so_is_one_with_terms_of_the_other_table(table: str, code: str) -> None:
    """`no_home` was a term of accounts, and is one of rings: detection failed with a KeyError in place of words."""
    curve = {"knots": [0.0], "values": [0.0], "unknown": 0.0, "usual": 0.0, "error": 0.0}
    empty = {"base": 0.0, "terms": {}}
    known = {"rings": empty, "accounts": empty}
    strange = known | {table: {"base": 0.0, "terms": {code: curve}}}
    with pytest.raises(SettingsError, match=code):
        parse({"version": "1", "fitted_on": {}, "with_addresses": strange, "without_addresses": known, "signups": {}})


def test_a_term_is_straight_between_its_knots_and_level_outside() -> None:
    curve = Curve(np.array([0.0, 2.0, 4.0]), np.array([-1.0, 0.0, 3.0]), 0.5, 0.0, 0.1)
    facts = np.array([-9.0, 0.0, 1.0, 3.0, 4.0, 99.0, np.nan])
    assert curve.of(facts).tolist() == [-1.0, -1.0, -0.5, 1.5, 3.0, 3.0, 0.5]
