// name: seen_ids
// parameters: partition
// purpose: The hashes of the event ids that a partition remembers.
MATCH (s:SeenIds {partition: $partition})
RETURN s.number AS number, s.ids AS ids
ORDER BY number
