// name: rings_growth
// parameters: ids, buckets
// purpose: for each ring, how many of its members were created in each of so many equal parts of its time
MATCH (p:Pointer {name: 'published'})
MATCH (a:Account)-[m:MEMBER_OF]->(r:Ring)
WHERE r.id IN $ids AND m.run = p.run_id
WITH r.id AS id, collect(a.created_at.epochSeconds) AS births,
  min(a.created_at.epochSeconds) AS first, max(a.created_at.epochSeconds) AS last
UNWIND births AS birth
WITH id, (birth - first) * $buckets / (last - first + 1) AS bucket, count(*) AS born
RETURN id, collect([bucket, born]) AS counts
