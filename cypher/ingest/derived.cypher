// name: derived
// parameters: rows
// purpose: Writes identifiers that are not in a derived one of this kind yet, and those: [identifier, derived].
// kinds: derived
UNWIND $rows AS row
WITH row WHERE NOT EXISTS { (:CHILD_LABEL {id: row[0]})-[:KIND_LINK]->() }
MERGE (i:CHILD_LABEL {id: row[0]})
MERGE (n:KIND_LABEL {id: row[1]})
MERGE (i)-[:KIND_LINK]->(n)
