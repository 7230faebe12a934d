// name: set_evidence
// parameters: at, nodes, names, k, j, window_from, window_to, sum_h, sum_hp, ring, ring_members
// purpose: Leaves on identifiers (node and own ids) what a run knows of them, for signups that were never seen.
UNWIND range(0, size($nodes) - 1) AS row
MATCH (i:EVIDENCE_LABEL) WHERE id(i) = $nodes[row] AND i.id = $names[row]
SET i.k = $k[row], i.j = $j[row], i.window_from = $window_from[row], i.window_to = $window_to[row],
    i.sum_h = $sum_h[row], i.sum_hp = $sum_hp[row], i.ring = $ring[row], i.ring_members = $ring_members[row],
    i.evidence_at = $at
