// name: ring
// parameters: id
// purpose: one ring as people read it, and the published run (a run that failed may have left a node without any)
MATCH (r:Ring {id: $id}) WHERE r.run IS NOT NULL
OPTIONAL MATCH (p:Pointer {name: 'published'})
OPTIONAL MATCH (d:DetectionRun {id: p.run_id})
RETURN r{.id, .run, .score, .level, .size, .status, .kinds, .held_by, .reasons, .parts, .uses, .uses_per_day,
  .share_of_all_uses, first_seen: toString(r.first_seen), last_seen: toString(r.last_seen)} AS ring, p.run_id AS published,
  d{.id, .state, .parameters, .counts, started_at: toString(d.started_at), finished_at: toString(d.finished_at)} AS run
