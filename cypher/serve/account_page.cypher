// name: account_page
// parameters: id, links
// purpose: one account with its ring, and its links to identifiers with how many accounts use each, most shared first
MATCH (a:Account {id: $id})
OPTIONAL MATCH (p:Pointer {name: 'published'})
OPTIONAL MATCH (a)-[m:MEMBER_OF]->(r:Ring) WHERE m.run = p.run_id
CALL (a) {
  MATCH (a)-[l:SENT_LINK]->(i)
  WITH l, i, COUNT { (i)<-[:SENT_LINK]-() } AS accounts
  ORDER BY accounts DESC, i.id LIMIT $links
  WITH l, i, accounts,
    COLLECT { MATCH (i)-[:DERIVED_LINK]->(n:DERIVED_LABEL) RETURN {kind: labels(n)[0], id: n.id} ORDER BY n.id } AS within
  RETURN collect({kind: labels(i)[0], id: i.id, accounts: accounts, uses: l.uses, first_seen: toString(l.first_seen),
    last_seen: toString(l.last_seen), within: within}) AS links
}
RETURN a{.id, .risk, .label, .reasons, level: coalesce(a.level, 'low'), created_at: toString(a.created_at), .created_from}
    AS account,
  r{.id, .score, .level, .size, .status, strength: m.strength} AS ring, links, COUNT { (a)-[:SENT_LINK]->() } AS total
