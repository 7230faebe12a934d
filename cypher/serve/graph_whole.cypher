// name: graph_whole
// parameters: id, least
// purpose: members of a small ring with their links to identifiers that at least so many members use
MATCH (p:Pointer {name: 'published'})
MATCH (r:Ring {id: $id})<-[m:MEMBER_OF]-(a:Account)-[l:SENT_LINK]->(i)
WHERE m.run = p.run_id
WITH i, count(a) AS members, collect({account: a, strength: m.strength, link: l}) AS uses
WHERE members >= $least
WITH collect({id: i.id, kind: labels(i)[0], members: members}) AS identifiers,
  reduce(flat = [], part IN collect([u IN uses | {source: u.account.id, target: i.id, type: type(u.link), uses: u.link.uses,
    first_seen: toString(u.link.first_seen), last_seen: toString(u.link.last_seen)}])
    | flat + part) AS links
MATCH (p:Pointer {name: 'published'})
MATCH (r:Ring {id: $id})<-[m:MEMBER_OF]-(a:Account)
WHERE m.run = p.run_id
RETURN identifiers, links, collect({id: a.id, risk: a.risk, level: coalesce(a.level, 'low'), label: a.label,
  first_seen: toString(a.created_at), strength: m.strength}) AS accounts
