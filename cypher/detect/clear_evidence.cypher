// name: clear_evidence
// parameters: nodes
// purpose: Takes the evidence of earlier runs away from identifiers (node ids) of which nothing is known any more.
UNWIND $nodes AS node
MATCH (i:EVIDENCE_LABEL) WHERE id(i) = node
REMOVE i.k, i.j, i.window_from, i.window_to, i.sum_h, i.sum_hp, i.ring, i.ring_members, i.evidence_at
