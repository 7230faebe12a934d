// name: derived
// parameters: rows
// purpose: Writes identifiers that are not in a derived one of this kind yet, and those: [identifier, derived].
//   The SET locks the identifier alone: MERGE of the link would lock what it is in too, and a carrier is in every batch.
// kinds: derived
UNWIND $rows AS row
WITH row WHERE NOT EXISTS { (:CHILD_LABEL {id: row[0]})-[:KIND_LINK]->() }
MERGE (i:CHILD_LABEL {id: row[0]})
MERGE (n:KIND_LABEL {id: row[1]})
SET i.id = row[0]
WITH i, head(collect(n)) AS n WHERE NOT EXISTS { (i)-[:KIND_LINK]->() }
CREATE (i)-[:KIND_LINK]->(n)
