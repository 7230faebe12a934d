"""The fitted model: one table of learned terms, and how it is read.

A logit is the base plus one learned step function for each term (a generalised additive model: Hastie and Tibshirani,
1986), monotone in the term's fact, with a learned value where the fact is not known. `bench/fit.py` makes the table
from random worlds; nothing in it is set by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from service.detection.reading.snapshot import Floats
from service.errors import SettingsError

FILE = "model.json"


@dataclass(frozen=True, slots=True)
class Steps:
    """One term: `values` (K + 1, nats) below, between and from K `edges` (sorted) on, and `unknown` where the fact is
    nan. `usual` is its mean over what it was fitted on, `error` its standard error (bootstrap over worlds)."""

    edges: Floats
    values: Floats
    unknown: float
    usual: float
    error: float

    def of(self, fact: Floats) -> Floats:
        """What the term adds to the logit (any shape)."""
        found = self.values[np.searchsorted(self.edges, fact, "left")]
        return np.where(np.isnan(fact), self.unknown, found)


@dataclass(frozen=True, slots=True)
class Table:
    """A base and the terms by code."""

    base: float
    terms: Mapping[str, Steps]

    def parts(self, facts: Mapping[str, Floats]) -> dict[str, Floats]:
        """What each term adds to the logit beyond its mean, by code."""
        return {code: steps.of(facts[code]) - steps.usual for code, steps in self.terms.items()}

    @property
    def start(self) -> float:
        """The logit where every term is as usual."""
        return self.base + sum(steps.usual for steps in self.terms.values())

    def logit(self, facts: Mapping[str, Floats]) -> Floats:
        """Base plus all terms."""
        total = np.full(np.shape(next(iter(facts.values()))), self.base)
        for code, steps in self.terms.items():
            total = total + steps.of(facts[code])
        return total


@dataclass(frozen=True, slots=True)
class Model:
    """Tables for candidate rings and for accounts, the version, and what they were fitted on."""

    version: str
    fitted_on: Mapping[str, Any]
    rings: Table
    accounts: Table


@cache
def model() -> Model:
    """The model that is in the package. Raises SettingsError if its terms are not those of this version."""
    text = files("service.detection.scoring").joinpath(FILE).read_text()
    return parse(json.loads(text))


def parse(data: Mapping[str, Any]) -> Model:
    """A model from what `bench/fit.py` wrote."""
    from service.detection.scoring import terms  # its functions, which the table has to know

    found = Model(data["version"], data["fitted_on"], _table(data["rings"]), _table(data["accounts"]))
    for table, known in ((found.rings, terms.RINGS), (found.accounts, terms.ACCOUNTS)):
        unknown = sorted(set(table.terms) - set(known))
        if unknown:
            raise SettingsError(
                f"{FILE} has terms that this version does not compute: {', '.join(unknown)}; fit it again"
            )
    return found


def _table(data: Mapping[str, Any]) -> Table:
    steps = {
        code: Steps(
            np.array(term["edges"], np.float64), np.array(term["values"], np.float64), term["unknown"], term["usual"],
            term["error"],
        )
        for code, term in data["terms"].items()
    }  # fmt: skip
    return Table(data["base"], steps)
