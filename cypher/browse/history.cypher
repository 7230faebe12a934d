// name: history
// parameters: ring
// purpose: What became of a ring: what runs changed about it and what people decided.
MATCH (r:Ring {id: $ring})
OPTIONAL MATCH (c:Change)-[:OF]->(r)
OPTIONAL MATCH (j:Action {id: c.id})
RETURN c.at AS at, c.kind AS what, c.size_before AS `accounts before`, c.size AS accounts, c.other AS `other ring`,
  c.status AS status, c.who AS who, j.note AS note
ORDER BY c.seq DESC
