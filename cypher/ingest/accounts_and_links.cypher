// name: accounts_and_links
// parameters: rows
// purpose: Adds accounts with their links: [id, signup or null, first, last, uses, then its links of each kind].
//   A link is [identifier, first, last, uses]. Times are microseconds since 1970; a signup decides created_at;
//   an account is unread until a run that read it was published. Returns the accounts and identifiers (node ids) that
//   the read index has to learn of: those of new links, but for accounts that a run has read and that are as old as known.
UNWIND $rows AS row
WITH row, coalesce(row[1], row[2]) AS us, CASE WHEN row[1] IS NULL THEN 'event' ELSE 'signup' END AS source,
  datetime.fromepoch(row[3] / 1000000, row[3] % 1000000 * 1000) AS last
WITH row, us, source, last, datetime.fromepoch(us / 1000000, us % 1000000 * 1000) AS born
MERGE (a:Account {id: row[0]})
ON CREATE SET a.created_at = born, a.created_s = us / 1000000, a.created_from = source,
  a.last_seen = last, a.uses = row[4], a.unread = true
ON MATCH SET a.last_seen = CASE WHEN a.last_seen >= last THEN a.last_seen ELSE last END,
  a.uses = coalesce(a.uses, 0) + row[4]
WITH row, us, source, born, a, COUNT { (a)-[:SENT_LINK]->() } AS links,
  a.created_at IS NULL OR (source = 'signup' AND a.created_from = 'event')
    OR (source = a.created_from AND born < a.created_at) AS older
FOREACH (_ IN CASE WHEN older THEN [1] ELSE [] END |
  SET a.created_at = born, a.created_s = us / 1000000, a.created_from = source
)
// for each sent kind
FOREACH (link IN row[5 + KIND_NUMBER] |
  MERGE (i:KIND_LABEL {id: link[0]})
  MERGE (a)-[l:KIND_LINK]->(i)
  ON CREATE SET l.made = true, l.first_seen = datetime.fromepoch(link[1] / 1000000, link[1] % 1000000 * 1000),
    l.first_s = link[1] / 1000000,
    l.last_seen = datetime.fromepoch(link[2] / 1000000, link[2] % 1000000 * 1000),
    l.uses = link[3]
  ON MATCH SET l.first_seen = CASE WHEN l.first_seen <= datetime.fromepoch(link[1] / 1000000, link[1] % 1000000 * 1000)
      THEN l.first_seen ELSE datetime.fromepoch(link[1] / 1000000, link[1] % 1000000 * 1000) END,
    l.first_s = CASE WHEN l.first_s <= link[1] / 1000000 THEN l.first_s ELSE link[1] / 1000000 END,
    l.last_seen = CASE WHEN l.last_seen >= datetime.fromepoch(link[2] / 1000000, link[2] % 1000000 * 1000)
      THEN l.last_seen ELSE datetime.fromepoch(link[2] / 1000000, link[2] % 1000000 * 1000) END,
    l.uses = l.uses + link[3]
)
// end
WITH a, links, older WHERE links = 0 OR older OR COUNT { (a)-[:SENT_LINK]->() } > links
WITH a, older, [(a)-[l:SENT_LINK]->() WHERE l.made | l] AS made
FOREACH (l IN made | REMOVE l.made)
RETURN collect(CASE WHEN a.unread OR older THEN id(a) END) AS accounts, collect([l IN made | id(endNode(l))]) AS identifiers
