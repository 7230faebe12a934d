// name: rings_list
// parameters: statuses, levels, min_size, max_size, since, until, only, sort, descending, after_key, after_id, limit
// purpose: one page of the rings that the published run found, with the total; null means "any"
MATCH (r:Ring)
WHERE r.size > 0
  AND ($only IS NULL OR r.id IN $only)
  AND ($statuses IS NULL OR r.status IN $statuses)
  AND ($levels IS NULL OR r.level IN $levels)
  AND ($min_size IS NULL OR r.size >= $min_size)
  AND ($max_size IS NULL OR r.size <= $max_size)
  AND ($since IS NULL OR r.last_seen >= datetime($since))
  AND ($until IS NULL OR r.first_seen <= datetime($until))
WITH r, toFloat(CASE $sort
    WHEN 'score' THEN r.score
    WHEN 'size' THEN r.size
    WHEN 'uses' THEN coalesce(r.uses, 0)
    WHEN 'first_seen' THEN r.first_seen.epochMillis
    ELSE r.last_seen.epochMillis
  END) * CASE WHEN $descending THEN -1 ELSE 1 END AS key
ORDER BY key, r.id
WITH collect({ring: r, key: key}) AS found
RETURN size(found) AS total,
  [f IN found
    WHERE $after_key IS NULL OR f.key > $after_key OR (f.key = $after_key AND f.ring.id > $after_id)
    | {key: f.key, ring: [ring IN [f.ring] | ring{.id, .run, .score, .level, .size, .status, .kinds, .held_by, .parts, .uses,
        .uses_per_day, .share_of_all_uses, first_seen: toString(ring.first_seen), last_seen: toString(ring.last_seen)}][0]}
  ][..$limit] AS rings
