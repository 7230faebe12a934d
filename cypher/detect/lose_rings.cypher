// name: lose_rings
// parameters: run
// purpose: Empties the rings that a run did not find again; they keep their node and their old run.
MATCH (r:Ring) WHERE r.run IS NOT NULL AND r.run <> $run AND r.size > 0
SET r.size = 0
