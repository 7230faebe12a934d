// name: graph_open_rest
// parameters: id, nodes, limit
// purpose: the same for the accounts of a ring that are in none of its drawn bundles (node ids; see graph_folds)
MATCH (p:Pointer {name: 'published'})
UNWIND $nodes AS node
MATCH (a:Account)-[m:MEMBER_OF]->(:Ring {id: $id}) WHERE id(a) = node AND m.run = p.run_id
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
