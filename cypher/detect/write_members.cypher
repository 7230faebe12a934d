// name: write_members
// parameters: run, nodes, names, rings, strengths, below
// purpose: Puts accounts (node and own ids) into rings under a run's id; not visible until the pointer names that run.
// CREATE, and a look from the account: MERGE would look through all members of the ring for each one.
UNWIND range(0, size($nodes) - 1) AS row
WITH $rings[row] AS ring, collect(row) AS rows
MERGE (r:Ring {id: ring})
WITH r, rows
UNWIND rows AS row
MATCH (a:Account) WHERE id(a) = $nodes[row] AND a.id = $names[row] AND NOT EXISTS { (a)-[:MEMBER_OF {run: $run}]->() }
CREATE (a)-[:MEMBER_OF {run: $run, strength: $strengths[row], below: $below[row]}]->(r)
