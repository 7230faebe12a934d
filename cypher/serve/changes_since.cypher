// name: changes_since
// parameters: since, limit
// purpose: the changes after a number, in order
MATCH (c:Change) WHERE c.seq > $since
WITH c ORDER BY c.seq LIMIT $limit
RETURN collect({seq: c.seq, id: c.id, kind: c.kind, at: toString(c.at), ring: c.ring, run: c.run, size: c.size,
  size_before: c.size_before, other: c.other, score: c.score, level: c.level, status: c.status,
  status_before: c.status_before, who: c.who}) AS changes
