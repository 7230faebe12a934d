// name: recount_rings
// parameters: rings
// purpose: Sets what rings say of their members from the members that they have now; returns what holds them together.
MATCH (p:Pointer {name: 'published'})
MATCH (r:Ring {run: p.run_id}) WHERE r.id IN $rings
OPTIONAL MATCH (m:Account)-[:MEMBER_OF {run: p.run_id}]->(r)
WITH r, count(m) AS size, coalesce(sum(m.uses), 0) AS uses, min(m.created_at) AS first,
  max(coalesce(m.last_seen, m.created_at)) AS last
SET r.share_of_all_uses = CASE WHEN r.uses > 0 THEN r.share_of_all_uses * uses / r.uses ELSE r.share_of_all_uses END,
  r.size = size, r.uses = uses,
  r.first_seen = coalesce(first, r.first_seen), r.last_seen = coalesce(last, r.last_seen)
SET r.uses_per_day = CASE WHEN duration.inSeconds(r.first_seen, r.last_seen).seconds > 86400
  THEN round(uses * 86400.0 / duration.inSeconds(r.first_seen, r.last_seen).seconds, 1) ELSE toFloat(uses) END
RETURN r.id AS id, r.size AS size, r.held_by AS held_by
