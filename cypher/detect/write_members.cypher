// name: write_members
// parameters: run, nodes, rings, strengths, below
// purpose: Puts accounts (node ids) into rings under a run's id; not visible until the pointer names that run.
// CREATE, and a look from the account: MERGE would look through all members of the ring for each one.
UNWIND range(0, size($nodes) - 1) AS row
MATCH (a:Account) WHERE id(a) = $nodes[row] AND NOT EXISTS { (a)-[:MEMBER_OF {run: $run}]->() }
MERGE (r:Ring {id: $rings[row]})
CREATE (a)-[:MEMBER_OF {run: $run, strength: $strengths[row], below: $below[row]}]->(r)
