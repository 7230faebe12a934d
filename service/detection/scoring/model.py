"""The fitted model: one table of learned terms, and how it is read.

A logit is the base plus one learned curve for each term (a generalised additive model: Hastie and Tibshirani, 1986),
monotone in the term's fact and straight between its knots, with a learned value where the fact is not known.
`bench/fit.py` makes the table from random worlds; nothing in it is set by hand."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from service.detection.reading.snapshot import Floats
from service.errors import SettingsError

FILE = "model.json"


@dataclass(frozen=True, slots=True)
class Curve:
    """One term: `values` (K, nats) at `knots` (K facts, rising), straight lines between them, level outside; and
    `unknown` where the fact is nan. `usual` is its mean over what it was fitted on, `error` its standard error
    (bootstrap over worlds)."""

    knots: Floats
    values: Floats
    unknown: float
    usual: float
    error: float

    def of(self, fact: Floats) -> Floats:
        """What the term adds to the logit (any shape)."""
        return np.where(np.isnan(fact), self.unknown, np.interp(fact, self.knots, self.values))


@dataclass(frozen=True, slots=True)
class Table:
    """A base and the terms by code."""

    base: float
    terms: Mapping[str, Curve]

    def parts(self, facts: Mapping[str, Floats]) -> dict[str, Floats]:
        """What each term adds to the logit beyond its mean, by code."""
        return {code: curve.of(facts[code]) - curve.usual for code, curve in self.terms.items()}

    @property
    def start(self) -> float:
        """The logit where every term is as usual."""
        return self.base + sum(curve.usual for curve in self.terms.values())

    def logit(self, facts: Mapping[str, Floats]) -> Floats:
        """Base plus all terms."""
        total = np.full(np.shape(next(iter(facts.values()))), self.base)
        for code, curve in self.terms.items():
            total = total + curve.of(facts[code])
        return total


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables for candidate rings and for accounts that belong together; `addresses`: those for data with them."""

    rings: Table
    accounts: Table
    addresses: bool


@dataclass(frozen=True, slots=True)
class Model:
    """Tables for data with addresses and for data without: where nobody's address is told, a shared card has to say
    more. The version, and what all were fitted on; and for signups, by role of an identifier (strong, place), the risk
    of a newcomer where all on it are fake by births or a ring, or where so many came at once (births, ring, burst; 0 to
    1)."""

    version: str
    fitted_on: Mapping[str, Any]
    with_addresses: Tables
    without_addresses: Tables
    signups: Mapping[str, Mapping[str, float]]

    def tables(self, addresses: bool) -> Tables:
        """Those for data in which addresses are told, or for other data."""
        return self.with_addresses if addresses else self.without_addresses


@cache
def model() -> Model:
    """The model that is in the package. Raises SettingsError if its terms are not those of this version."""
    text = files("service.detection.scoring").joinpath(FILE).read_text()
    return parse(json.loads(text))


def parse(data: Mapping[str, Any]) -> Model:
    """A model from what `bench/fit.py` wrote."""
    from service.detection.scoring import terms  # its functions, which the table has to know

    told, untold = (
        Tables(_table(data[name]["rings"], terms.RINGS), _table(data[name]["accounts"], terms.ACCOUNTS), addresses)
        for name, addresses in (("with_addresses", True), ("without_addresses", False))
    )
    return Model(data["version"], data["fitted_on"], told, untold, data["signups"])


def _table(data: Mapping[str, Any], computed: Collection[str]) -> Table:
    if unknown := sorted(set(data["terms"]) - set(computed)):
        raise SettingsError(f"{FILE} has terms that this version does not compute: {', '.join(unknown)}; fit it again")
    curves = {
        code: Curve(
            np.array(term["knots"], np.float64), np.array(term["values"], np.float64), term["unknown"], term["usual"],
            term["error"],
        )
        for code, term in data["terms"].items()
    }  # fmt: skip
    return Table(data["base"], curves)
