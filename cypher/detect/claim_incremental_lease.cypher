// name: claim_incremental_lease
// parameters: who, lease_ms, run_s
// purpose: Takes the lease of incremental passes, unless another has it or a run goes on (one that started more than
//   $run_s seconds ago counts as dead) or the token key is being exchanged. Tells the published run, and
//   how many passes have written and how often nodes have been removed, together.
MATCH (p:Pointer {name: 'published'})
SET p.touched_at = timestamp()
WITH p, EXISTS {
  MATCH (n:DetectionRun {state: 'running'}) WHERE n.started_at > datetime() - duration({seconds: $run_s})
} OR EXISTS { (:TokenKey {changing: true}) } AS running
WITH p, running, NOT running AND (p.look_by = $who OR coalesce(p.look_until, 0) < timestamp()) AS taken
FOREACH (_ IN CASE WHEN taken THEN [1] ELSE [] END | SET p.look_by = $who, p.look_until = timestamp() + $lease_ms)
RETURN p.run_id AS run, coalesce(p.looks, 0) + coalesce(p.removals, 0) AS looks, running, coalesce(taken, false) AS taken
