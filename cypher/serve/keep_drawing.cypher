// name: keep_drawing
// parameters: id, run, size, text
// purpose: Keeps the drawing of a ring as a run found it, in place of the one before.
MERGE (d:Drawing {ring: $id})
SET d.run = $run, d.size = $size, d.text = $text
