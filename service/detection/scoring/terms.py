"""The terms of the model: what each measures, and the sentences that analysts read.

A term's fact rises with suspicion, or is nan where it can't be known. What a fact adds is learned (model.py), against
what it adds on average; which side's sentence is told follows from what was measured, so that none says the opposite of
its fact. Where that side is not the one that the points are on, the sentence takes none."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from service.detection.parameters import USUALLY_IN_STEP

LOGIT_MOST = 8.0
_VALUE = re.compile(r"(?:1 in )?\{\w+\}(?: nats an account)?")
HOUR_S, DAY_S = 3_600, 86_400


@dataclass(frozen=True, slots=True)
class Term:
    """One term: the name of what is measured, in evidence; what is `unknown` where it can't be measured, to end a
    sentence; the sentences for a measured value above `middle` and for one at it or below ({share}, {count}, {times}
    and {span} stand for the value). `falls`: the fact falls with it. `told_with`: the term whose reason has its points,
    as it is about the same value."""

    measure: str
    unknown: str
    above: str
    below: str
    middle: float
    falls: bool = False
    told_with: str = ""

    def sentence(self, value: float, points: float = 0.0) -> str:
        """The sentence for a measured value that adds these points; one that is not known says so."""
        if math.isnan(value):
            return f"Not known here: {self.unknown}."
        text = self.above if value > self.middle else self.below
        if points * self._side(value) < 0:
            than = "more" if points > 0 else "less"
            shown = "".join(f" ({value})" for value in _VALUE.findall(text))
            text = f"{self.unknown[0].upper()}{self.unknown[1:]}{shown}: {than} suspicious here than on average."
        return text.format(
            share=f"{value:.0%}",
            count=f"{value:,.0f}",
            number=f"{value:.1f}",
            times=f"{10.0 ** min(value, 12.0):,.0f}",
            span=_span(value),
        )

    def _side(self, value: float) -> int:
        """1 for a value whose sentence is of the suspicious side, -1 for the other; 0 where there is but one."""
        if self.above == self.below:
            return 0
        return 1 if (value > self.middle) != self.falls else -1

    @property
    def adds(self) -> str:
        """The sentence of the suspicious side, without a value."""
        return _plain(self.below if self.falls else self.above)

    @property
    def takes(self) -> str:
        """The sentence of the other side, without a value."""
        return _plain(self.above if self.falls else self.below)


def _plain(text: str) -> str:
    """A sentence with its values left open."""
    return text.format(share="x %", count="n", number="x", times="n", span="some time")


def _span(seconds: float) -> str:
    """Seconds in words."""
    for unit, name in ((DAY_S, "days"), (HOUR_S, "hours"), (60, "minutes")):
        if abs(seconds) >= 2 * unit:
            return f"{seconds / unit:.0f} {name}"
    return f"{seconds:.0f} seconds"


RINGS: dict[str, Term] = {
    "coverage": Term(
        "covered_share",
        "how much of what they use they share with each other",
        "They share most of what they use with each other ({share}).",
        "They share less than half of what they use with each other ({share}).",
        0.5,
    ),
    "coverage_of_many": Term(
        "covered_share",
        "how much of what so many use they share with each other",
        "So many accounts share most of what they use with each other ({share}).",
        "So many accounts share less than half of what they use with each other ({share}).",
        0.5,
        told_with="coverage",
    ),
    "births_together": Term(
        "surprise_of_creations",
        "how close together the accounts were made, beside signups on the whole",
        "The accounts were made closer together than signups usually are ({number} nats an account).",
        "The accounts were made about as far apart as signups usually are ({number} nats an account).",
        0.7,
    ),
    "haste": Term(
        "median_gap_s",
        "how much time passed between one creation and the next",
        "Time passed between one creation and the next: {span} in the middle case.",
        "The accounts were made in quick succession: within {span} of the one before, in the middle case.",
        HOUR_S,
        falls=True,
    ),
    "arrivals_together": Term(
        "surprise_of_arrivals",
        "whether older accounts came to what they share at the same time",
        "Older accounts came to what they share closer together than is usual ({number} nats an account).",
        "Older accounts came to what they share at times of their own ({number} nats an account).",
        0.7,
    ),
    "rarity": Term(
        "rarity_of_sharing",
        "how many accounts they share cards or devices with",
        "They share cards or devices with more accounts than most do: 1 in {times} shares with as many.",
        "They share cards or devices with no more accounts than many others do: 1 in {times} shares with as many.",
        1.0,
    ),
    "crowding": Term(
        "rarity_of_crowding",
        "how many accounts their cards and devices carry",
        "Few cards and devices carry as many accounts as theirs: 1 in {times}.",
        "Many cards and devices carry as many accounts as theirs: 1 in {times}.",
        1.0,
    ),
    "exits": Term(
        "rarity_of_exits",
        "how many addresses that many share they use, with none of their own",
        "They use many addresses without one of their own: on average, 1 in {times} uses as many so.",
        "They use no more addresses without one of their own than many others do: on average, 1 in {times} does.",
        1.0,
    ),
    "exclusive": Term(
        "held_share",
        "how many of the accounts on what they share are theirs",
        "Most accounts on what they share are theirs ({share}).",
        "Others use what they share: {share} of the accounts on it are theirs.",
        0.5,
    ),
    "none_of_their_own": Term(
        "lacking_share",
        "whether they have cards and devices of their own",
        "Most of those with cards or devices have none of their own ({share}).",
        "Of those with cards or devices, at least half have one of their own, too ({share} have none).",
        0.5,
    ),
    "no_anchor": Term(
        "excess",
        "whether they have identifiers of their own that they kept for two weeks",
        "More of these accounts than usual have no identifier of their own that they kept for two weeks.",
        "No more of these accounts than usual lack an identifier of their own that they kept for two weeks.",
        0.0,
    ),
    "no_home": Term(
        "excess",
        "whether they have addresses of their own",
        "More of these accounts than usual use only addresses that many share.",
        "No more of these accounts than usual use only addresses that many share.",
        0.0,
    ),
    "short_life": Term(
        "excess",
        "whether they fell silent within a week of signing up",
        "More of these accounts than usual fell silent within a week of signing up.",
        "No more of these accounts than usual fell silent within a week of signing up.",
        0.0,
    ),
    "tied_no_anchor": Term(
        "excess",
        "whether all on their cards and devices have identifiers of their own that they kept for two weeks",
        "Of all accounts on the cards and devices that tie them, more than usual kept no identifier of their own.",
        "Of all accounts on the cards and devices that tie them, no more than usual kept no identifier of their own.",
        0.0,
    ),
    "tied_short_life": Term(
        "excess",
        "whether all on their cards and devices fell silent within a week of signing up",
        "Of all accounts on the cards and devices that tie them, more than usual fell silent within a week.",
        "Of all accounts on the cards and devices that tie them, no more than usual fell silent within a week.",
        0.0,
    ),
    "tied_no_home": Term(
        "excess",
        "whether all at the addresses that tie them have addresses of their own",
        "Of all accounts at the addresses that tie them, more than usual use only addresses that many share.",
        "Of all accounts at the addresses that tie them, no more than usual use only addresses that many share.",
        0.0,
    ),
    "born_with_links": Term(
        "excess",
        "how many of their identifiers were there on the first day",
        "More of their identifiers than usual were there on the first day.",
        "No more of their identifiers than usual were there on the first day.",
        0.0,
    ),
    "acting_in_step": Term(
        "share_in_step",
        "whether the accounts turned up together later on",
        "Later on, most of the accounts turned up together, minutes apart, on further identifiers ({share}).",
        "Later on, few or some of the accounts turned up together on further identifiers ({share}).",
        0.5,
    ),
    "synchrony": Term(
        "share_in_step",
        "whether they were made in bursts and turned up together later as well",
        "They were made in bursts and go on to turn up together: {share} of them or more do each.",
        "They were not both made in bursts and turning up together later, more than chance explains.",
        USUALLY_IN_STEP,
    ),
    "size": Term(
        "accounts",
        "how many accounts there are",
        "There are {count} accounts: more than in a household.",
        "There are {count} accounts: no more than in a household.",
        5.0,
    ),
}

ACCOUNTS: dict[str, Term] = {
    "ring": Term(
        "score_of_group",
        "the score of the group that it shares identifiers with",
        "It shares identifiers with a group that scores {count}.",
        "It shares identifiers with a group that scores {count}.",
        50.0,
    ),
    "shares_as_ring": Term(
        "difference",
        "whether it shares as much of what it uses as the group does",
        "It shares more of what it uses than the group does on the whole.",
        "It shares no more of what it uses than the group does on the whole.",
        0.0,
    ),
    "lives_as_ring": Term(
        "likeness_nats",
        "whether it lives as the group's accounts do",
        "It lives as the group's accounts do, more than as others do.",
        "It lives no more as the group's accounts do than as others do.",
        0.0,
    ),
    "acts_with_ring": Term(
        "likeness_nats",
        "whether it later turned up together with the group",
        "It later turned up together with the group more than chance explains.",
        "It did not later turn up together with the group more than chance explains.",
        0.0,
    ),
    "no_anchor": Term(
        "no_anchor",
        "whether it has an identifier of its own that it kept for two weeks",
        "It has no identifier of its own that it kept for two weeks.",
        "It has an identifier of its own that it kept for two weeks.",
        0.5,
    ),
    "velocity": Term(
        "rarity_of_velocity",
        "how fast it added cards and devices",
        "It, or others on its cards and devices, added more of these in weeks or months than nearly all others did.",
        "It added no more cards and devices within weeks or months than many others did.",
        1.0,
    ),
    "own_links": Term(
        "strength",
        "whether other accounts were made on its addresses at the same time",
        "It came from addresses on which many accounts were made at the same time.",
        "On its addresses, few or no other accounts were made at the same time as it.",
        0.3,
    ),
}
