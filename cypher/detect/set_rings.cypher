// name: set_rings
// parameters: run, rows
// purpose: Sets what a run found of each ring, and notes that it goes on. The status is people's: only set where there is none.
UNWIND $rows AS row
MERGE (r:Ring {id: row.id})
SET r += row.values, r.run = $run, r.status = coalesce(r.status, row.status), r.found_at = coalesce(r.found_at, datetime()),
    r.first_seen = datetime({epochSeconds: row.first_seen}), r.last_seen = datetime({epochSeconds: row.last_seen})
MERGE (r)-[c:CONTINUES {run: $run}]->(r)
SET c.at = datetime(), c.size = row.values.size, c.score = row.values.score, c.joined = row.joined, c.left = row.left
