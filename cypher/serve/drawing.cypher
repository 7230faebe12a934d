// name: drawing
// parameters: id, run, size
// purpose: the kept drawing of a ring as a run found it, if it had that many members then
MATCH (d:Drawing {ring: $id})
WHERE d.run = $run AND d.size = $size
RETURN d.text AS text
