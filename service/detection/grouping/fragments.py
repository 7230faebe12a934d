"""Fragments of groups that hardly tie to the rest of them. Formulas: docs/detection.md, Groups."""

from __future__ import annotations

import numpy as np

from service.detection.reading.snapshot import Floats, Ints


def cut_loose(ends: tuple[Ints, Ints], weight: Floats, community: Ints, fragment: Ints, least: float) -> Ints:
    """The community of each node (V, numbered from 0), with loose fragments as communities of their own.

    ends (two of L, places of nodes), weight (L), community and fragment (V, any numbers: a coarse and a fine grouping).
    A fragment is what a community and a fine group have in common. It is loose if the weight of its links to the rest
    of its community is less than `least` of the weight of all links inside that, or of all links of the rest if those
    weigh less (its conductance: Kannan, Vempala and Vetta, On clusterings: good, bad and spectral, 2004).
    """
    coarse = np.unique(community, return_inverse=True)[1]
    fine = np.unique(fragment, return_inverse=True)[1]
    _, first, part = np.unique(coarse * (fine.max(initial=0) + 1) + fine, return_index=True, return_inverse=True)
    parts = len(first)
    inside = coarse[ends[0]] == coarse[ends[1]]
    one, other, weight = part[ends[0][inside]], part[ends[1][inside]], weight[inside]
    volume = np.bincount(one, weight, parts) + np.bincount(other, weight, parts)
    across = one != other
    cut = np.bincount(one[across], weight[across], parts) + np.bincount(other[across], weight[across], parts)
    community_of = coarse[first]
    rest = np.bincount(community_of, volume)[community_of] - volume
    loose = cut < least * np.minimum(volume, rest)
    return np.where(loose[part], coarse.max(initial=0) + 1 + part, coarse)
