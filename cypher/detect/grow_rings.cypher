// name: grow_rings
// parameters: rows
// purpose: Counts accounts that joined rings between runs.
UNWIND $rows AS row
MATCH (r:Ring {id: row.id})
SET r.size = r.size + row.joined, r.uses = r.uses + row.uses,
    r.last_seen = CASE WHEN r.last_seen.epochSeconds >= row.last_seen THEN r.last_seen
                       ELSE datetime({epochSeconds: row.last_seen}) END
