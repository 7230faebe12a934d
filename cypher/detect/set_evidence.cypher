// name: set_evidence
// parameters: run, at, rows
// purpose: Leaves on identifiers what a run knows of them, for signups that were never seen.
UNWIND $rows AS row
MATCH (i) WHERE id(i) = row.node
SET i.k = row.k, i.j = row.j, i.window_from = row.window_from, i.window_to = row.window_to,
    i.sum_h = row.sum_h, i.sum_hp = row.sum_hp, i.ring = row.ring, i.ring_members = row.ring_members,
    i.evidence_run = $run, i.evidence_at = $at
