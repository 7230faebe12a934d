// name: carriers
// parameters: none
// purpose: The accounts that carry a risk, with it, and the identifiers that carry evidence from the
//   published run (node ids), each with what it carries.
CALL () { MATCH (a:Account) WHERE a.risk IS NOT NULL RETURN collect(id(a)) AS risky, collect(a.risk) AS risks }
// for each evidence kind
CALL () { MATCH (i:KIND_LABEL) WHERE i.k IS NOT NULL RETURN collect([id(i), i.k, i.j, i.window_from, i.window_to, i.sum_h, i.sum_hp,
  i.ring_members, i.evidence_at, i.ring]) AS of_KIND_NUMBER }
// end
RETURN risky, risks,
// for each evidence kind, joined by +
  of_KIND_NUMBER
// end
  AS evident
