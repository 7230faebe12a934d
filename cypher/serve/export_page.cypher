// name: export_page
// parameters: id, run, after, limit
// purpose: the next members of a ring by id, with their identifiers and links, as values: py2neo would fetch the ends of
//   each relationship again, one query a node, and unpack what no export writes
MATCH (p:Pointer {name: 'published'})
MATCH (r:Ring {id: $id})<-[m:MEMBER_OF]-(a:Account)
WHERE m.run = $run AND p.run_id = $run AND a.id > $after
WITH a, m ORDER BY a.id LIMIT $limit
WITH collect(a) AS nodes, collect([id(a), a{.id, .risk, .label, level: coalesce(a.level, 'low'),
  created_at: toString(a.created_at), strength: m.strength}]) AS accounts
CALL (nodes) {
  UNWIND nodes AS a
  MATCH (a)-[l:SENT_LINK]->(i)
  RETURN collect(DISTINCT i) AS others,
    collect([id(a), type(l), id(i), l.uses, toString(l.first_seen), toString(l.last_seen)]) AS links
}
RETURN accounts, [i IN others | [id(i), labels(i)[0], i.id]] AS identifiers, links
