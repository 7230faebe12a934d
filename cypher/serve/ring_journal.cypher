// name: ring_journal
// parameters: id
// purpose: what people did with a ring and with its members, newest first
MATCH (r:Ring {id: $id})
CALL (r) {
  MATCH (j:Action)-[:ON]->(r) RETURN j, r.id AS subject
  UNION
  MATCH (p:Pointer {name: 'published'})
  MATCH (j:Action)-[:ON]->(a:Account)-[m:MEMBER_OF]->(r) WHERE m.run = p.run_id RETURN j, a.id AS subject
}
WITH j, subject ORDER BY j.at DESC, j.id LIMIT 500
RETURN collect({id: j.id, subject: subject, kind: j.kind, at: toString(j.at), who: j.who, note: j.note,
  before: j.before, after: j.after, undone: j.undone_by IS NOT NULL}) AS actions
