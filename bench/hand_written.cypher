// name: hand_written
// parameters: rows
// purpose: What a capable engineer writes in five minutes: the yardstick of bench/ingest.py --case online.
UNWIND $rows AS row
MERGE (a:Account {id: row.account})
ON CREATE SET a.created_at = row.at
MERGE (i:IP {id: row.ip})
MERGE (a)-[l:CONNECTS_FROM]->(i)
ON CREATE SET l.first_seen = row.at, l.last_seen = row.at, l.uses = 1
ON MATCH SET l.last_seen = row.at, l.uses = l.uses + 1
MERGE (d:Device {id: row.device})
MERGE (a)-[m:USES_DEVICE]->(d)
ON CREATE SET m.first_seen = row.at, m.last_seen = row.at, m.uses = 1
ON MATCH SET m.last_seen = row.at, m.uses = m.uses + 1
MERGE (p:PaymentMethod {id: row.card})
MERGE (a)-[n:PAYS_WITH]->(p)
ON CREATE SET n.first_seen = row.at, n.last_seen = row.at, n.uses = 1
ON MATCH SET n.last_seen = row.at, n.uses = n.uses + 1
