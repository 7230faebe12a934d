// name: births_between
// parameters: first, step, buckets
// purpose: births of all accounts in the same parts of time (epoch seconds), for comparison
MATCH (a:Account)
WHERE a.created_at >= datetime({epochSeconds: $first})
  AND a.created_at < datetime({epochSeconds: $first + $step * $buckets})
WITH (a.created_at.epochSeconds - $first) / $step AS bucket, count(*) AS born
RETURN collect([bucket, born]) AS counts
