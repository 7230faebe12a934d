// name: set_rings
// parameters: run, rows
// purpose: Sets what a run found of each ring. The status is people's: it is only set where there is none.
UNWIND $rows AS row
MERGE (r:Ring {id: row.id})
ON CREATE SET r.found_at = datetime()
SET r += row.values, r.run = $run, r.status = coalesce(r.status, 'open'), r.found_at = coalesce(r.found_at, datetime()),
    r.first_seen = datetime({epochSeconds: row.first_seen}), r.last_seen = datetime({epochSeconds: row.last_seen})
