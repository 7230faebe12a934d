// name: ring_timeline
// parameters: id, buckets
// purpose: births of a ring's members, in so many equal parts of the time in which they were born
MATCH (p:Pointer {name: 'published'})
MATCH (r:Ring {id: $id})<-[m:MEMBER_OF]-(a:Account)
WHERE m.run = p.run_id
WITH collect(a.created_at.epochSeconds) AS births,
  min(a.created_at.epochSeconds) AS first, max(a.created_at.epochSeconds) AS last
WITH births, first, CASE WHEN (last - first) / $buckets < 60 THEN 60 ELSE (last - first) / $buckets + 1 END AS step
UNWIND births AS birth
WITH first, step, (birth - first) / step AS bucket, count(*) AS born
RETURN first, step, collect([bucket, born]) AS counts
