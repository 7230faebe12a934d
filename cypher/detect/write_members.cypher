// name: write_members
// parameters: run, nodes, rings, strengths, below
// purpose: Puts accounts (node ids) into rings under a run's id; not visible until the pointer names that run.
UNWIND range(0, size($nodes) - 1) AS row
MATCH (a:Account) WHERE id(a) = $nodes[row]
MERGE (r:Ring {id: $rings[row]})
MERGE (a)-[m:MEMBER_OF {run: $run}]->(r)
SET m.strength = $strengths[row], m.below = $below[row]
