// name: rename_tokens
// parameters: rows
// purpose: Gives identifiers of this kind new ids: [id, new id] of each. Their links and all else that is known of them stay.
// kinds: every
UNWIND $rows AS row
MATCH (n:KIND_LABEL {id: row[0]})
SET n.id = row[1]
