// name: accounts
// parameters: none
// purpose: Every account's node id, creation and last event (epoch seconds), uses and label (1 fraud, -1 legitimate), in one record.
MATCH (a:Account)
RETURN collect(id(a)) AS node, collect(a.created_s) AS created,
       collect(coalesce(a.last_seen.epochSeconds, a.created_s)) AS last, collect(coalesce(a.uses, 0)) AS uses,
       collect(CASE a.label WHEN 'fraud' THEN 1 WHEN 'legitimate' THEN -1 ELSE 0 END) AS label
