// name: allow_again
// parameters: rows
// purpose: Puts entries of the allow-list (as `allowed` returns them) back after a bulk import.
UNWIND $rows AS row
MERGE (n:Allowed {id: row.kind + ' ' + row.identifier})
SET n.kind = row.kind, n.identifier = row.identifier, n.who = row.who, n.why = row.why, n.at = datetime(row.at)
