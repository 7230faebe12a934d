"""Which accounts the views of what is shared bring together."""

from __future__ import annotations

import numpy as np

from service.detection import parameters
from service.detection.evidence.bursts import find_bursts
from service.detection.evidence.combine import compute_evidence
from service.detection.evidence.link_weights import shared_weights
from service.detection.evidence.signup_windows import find_windows
from service.detection.evidence.surges import find_surges
from service.detection.reading.population import population_of
from service.detection.reading.snapshot import Accounts, Floats, Ints, Links, Snapshot, build
from service.detection.scoring.candidates import most_shared_view
from tests.support.kind_codes import DEVICE, IP, PAYMENT

NONE = Links(*[np.zeros(0, np.int64) for _ in range(5)])
YEAR_S = 365 * 86_400


def graph_of(accounts: int, links: list[tuple[int, int, int]]) -> Snapshot:
    """Accounts made all over a year, with links as (account, identifier, kind) first seen when the account was made."""
    node = np.arange(accounts)
    born = np.random.default_rng(1).permutation(np.linspace(0, YEAR_S, accounts).astype(np.int64))
    account, identifier, kind = np.array(links).T
    first = born[account]
    return build(
        Accounts(node, born, born, node * 0 + 1, node * 0),
        Links(account, 10_000_000 + identifier, kind, first, first), NONE, 86_400,
    )  # fmt: skip


def view_of(snapshot: Snapshot) -> Ints:
    """The view of what most accounts share, by node id."""
    return most_shared_view(snapshot)[snapshot.accounts_at(np.arange(snapshot.accounts))]


def weights(snapshot: Snapshot) -> Floats:
    """Of each link in the view of what is shared."""
    population = population_of(snapshot)
    everybody = np.ones(snapshot.accounts, bool)
    found = (
        find_windows(snapshot, population.births, parameters.EVIDENCE),
        find_bursts(snapshot, population.arrivals, parameters.STEP),
        find_surges(snapshot, population.no_residential_ip, everybody, parameters.SURGE),
    )
    full, evidence = compute_evidence(snapshot, *found, parameters.EVIDENCE)
    return shared_weights(full, evidence, parameters.EVIDENCE, parameters.GROUPS, population.no_residential_ip)


def test_one_card_of_sixty_thousand_strangers_is_one_candidate() -> None:
    strangers = 60_000
    links = [(account, 0, PAYMENT) for account in range(strangers)] + [(n, 1 + n // 2, DEVICE) for n in range(400)]
    view = view_of(graph_of(strangers + 5, links))
    assert (view[:strangers] == 0).all() and (view[strangers:] == -1).all()


def test_an_account_goes_with_the_card_or_device_that_most_use() -> None:
    links = [(0, 0, PAYMENT), (1, 0, PAYMENT), (1, 1, DEVICE), (2, 1, DEVICE), (3, 1, DEVICE), (4, 2, DEVICE)]
    view = view_of(graph_of(6, links))
    assert len({view[1], view[2], view[3]}) == 1 and view[1] >= 0
    assert view[0] == -1  # it is alone on its card once the other has gone with the device
    assert view[4] == view[5] == -1


def test_a_pair_on_a_card_is_brought_together_whenever_it_was_made() -> None:
    links = [(0, 0, PAYMENT), (1, 0, PAYMENT), *[(n, n, PAYMENT) for n in range(2, 400)]]
    snapshot = graph_of(400, links)
    brought = snapshot.account[np.flatnonzero(weights(snapshot) > 0)]
    assert sorted(snapshot.account_node[brought].tolist()) == [0, 1]


def test_a_carrier_brings_nobody_together_and_an_address_of_the_homeless_does() -> None:
    people = 600
    homes = [(n, 1_000 + n // 2, IP) for n in range(people)]  # of two each
    carrier = [(n, 0, IP) for n in range(0, people, 2)]
    rented = [(people + n, 1, IP) for n in range(40)]  # nowhere else
    snapshot = graph_of(people + 40, homes + carrier + rented)
    found = weights(snapshot)[: len(snapshot.account)]
    busy = snapshot.k[snapshot.identifier]
    assert not found[busy == people // 2].any()
    assert (found[busy == 40] > 0).all()
    assert (found[busy == 2] > 0).all()


def test_nobody_is_no_population_of_days() -> None:
    nothing = np.zeros(0, np.int64)
    nobody = build(Accounts(nothing, nothing, nothing, nothing, nothing), NONE, NONE, 86_400)
    assert population_of(nobody).resolution_s == 1  # and no warning of an empty mean
