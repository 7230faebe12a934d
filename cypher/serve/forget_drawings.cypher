// name: forget_drawings
// parameters: rings
// purpose: Deletes the kept drawings of these rings, or all (null).
MATCH (d:Drawing)
WHERE $rings IS NULL OR d.ring IN $rings
DELETE d
