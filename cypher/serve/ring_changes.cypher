// name: ring_changes
// parameters: id
// purpose: what runs changed about a ring, newest first; the changes of rings that it took in or that split off it too
MATCH (r:Ring {id: $id})<-[:OF]-(c:Change) WHERE c.kind <> 'status'
WITH c ORDER BY c.seq DESC LIMIT 500
RETURN collect({seq: c.seq, id: c.id, kind: c.kind, at: toString(c.at), ring: c.ring, run: c.run, size: c.size,
  size_before: c.size_before, other: c.other, score: c.score, level: c.level, status: c.status,
  status_before: c.status_before, who: c.who}) AS changes
