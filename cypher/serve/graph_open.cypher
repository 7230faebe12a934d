// name: graph_open
// parameters: id, ids, limit
// purpose: accounts of a ring that use all of the identifiers given (of more than $limit those with the highest and with
//   the lowest risk), with their links to shared identifiers
MATCH (p:Pointer {name: 'published'})
MATCH (r:Ring {id: $id})<-[m:MEMBER_OF]-(a:Account)-[:SENT_LINK]->(k)
WHERE m.run = p.run_id AND k.id IN $ids
WITH a, m, count(DISTINCT k.id) AS used
WHERE used = size($ids)
WITH a, m.strength AS strength ORDER BY a.risk DESC, a.id
WITH collect([a, strength]) AS found
WITH CASE WHEN size(found) <= $limit THEN found ELSE found[..$limit / 2] + found[size(found) - $limit / 2..] END AS chosen
UNWIND chosen AS one
WITH one[0] AS a, one[1] AS strength
MATCH (a)-[l:SENT_LINK]->(i)
WITH a, strength, l, i, COUNT { (i)<-[:SENT_LINK]-() } AS degree
WHERE degree > 1
RETURN collect(DISTINCT {id: a.id, risk: a.risk, level: coalesce(a.level, 'low'), label: a.label,
    first_seen: toString(a.created_at), strength: strength}) AS accounts,
  collect(DISTINCT {id: i.id, kind: labels(i)[0], members: degree}) AS identifiers,
  collect({source: a.id, target: i.id, type: type(l), uses: l.uses, first_seen: toString(l.first_seen),
    last_seen: toString(l.last_seen)}) AS links
