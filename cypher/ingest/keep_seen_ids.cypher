// name: keep_seen_ids
// parameters: partition, drop, number, ids
// purpose: Keeps the hashes of a batch's event ids, in place of some earlier runs of them.
OPTIONAL MATCH (s:SeenIds {partition: $partition})
WHERE s.number IN $drop
DELETE s
WITH count(*) AS dropped
CREATE (:SeenIds {partition: $partition, number: $number, ids: $ids})
