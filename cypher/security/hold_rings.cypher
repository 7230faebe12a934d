// name: hold_rings
// parameters: rows
// purpose: Sets what holds rings together (JSON text).
UNWIND $rows AS row
MATCH (r:Ring {id: row.id})
SET r.held_by = row.held_by
