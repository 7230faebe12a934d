// name: graph_open
// parameters: id, ids, limit
// purpose: some accounts of a ring that use all of the identifiers given, with their links to shared identifiers
MATCH (p:Pointer {name: 'published'})
MATCH (r:Ring {id: $id})<-[m:MEMBER_OF]-(a:Account)-[:PAYS_WITH|USES_DEVICE|CONNECTS_FROM]->(k)
WHERE m.run = p.run_id AND k.id IN $ids
WITH p, r, a, m, count(DISTINCT k.id) AS used
WHERE used = size($ids)
WITH p, r, a, m ORDER BY a.risk DESC, a.id LIMIT $limit
MATCH (a)-[l:PAYS_WITH|USES_DEVICE|CONNECTS_FROM]->(i)
WITH p, r, a, m, l, i, COUNT { (i)<-[:PAYS_WITH|USES_DEVICE|CONNECTS_FROM]-(:Account) } AS degree
WHERE degree > 1
RETURN collect(DISTINCT {id: a.id, risk: a.risk, level: coalesce(a.level, 'low'), label: a.label,
    first_seen: toString(a.created_at), strength: m.strength}) AS accounts,
  collect(DISTINCT {id: i.id, kind: labels(i)[0], members: degree}) AS identifiers,
  collect({source: a.id, target: i.id, type: type(l), uses: l.uses, first_seen: toString(l.first_seen),
    last_seen: toString(l.last_seen)}) AS links
