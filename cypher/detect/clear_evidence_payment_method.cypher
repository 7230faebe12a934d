// name: clear_evidence_payment_method
// parameters: run
// purpose: Takes the evidence of earlier runs away from PaymentMethod nodes.
MATCH (i:PaymentMethod) WHERE i.evidence_run <> $run
CALL (i) {
  REMOVE i.k, i.j, i.window_from, i.window_to, i.sum_h, i.sum_hp, i.ring, i.ring_members, i.evidence_run, i.evidence_at
} IN TRANSACTIONS OF 10000 ROWS
