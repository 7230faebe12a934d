// name: clear_evidence
// parameters: nodes, names
// purpose: Takes the evidence of earlier runs away from identifiers (node and own ids) of which nothing is known any more.
UNWIND range(0, size($nodes) - 1) AS row
MATCH (i:EVIDENCE_LABEL) WHERE id(i) = $nodes[row] AND i.id = $names[row]
REMOVE i.k, i.j, i.window_from, i.window_to, i.sum_h, i.sum_hp, i.ring, i.ring_members, i.evidence_at
