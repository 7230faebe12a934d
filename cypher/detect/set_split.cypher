// name: set_split
// parameters: run, newer, older
// purpose: Notes which rings (newer) broke off from others (older) in a run.
UNWIND range(0, size($newer) - 1) AS row
MATCH (n:Ring {id: $newer[row]})
MATCH (o:Ring {id: $older[row]})
MERGE (n)-[h:SPLIT_FROM {run: $run}]->(o)
SET h.at = datetime()
