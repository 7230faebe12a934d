// name: links_device
// parameters: none
// purpose: All links to a device, in one record: account and identifier (node ids), first and last seen (epoch seconds).
MATCH (a)-[l:USES_DEVICE]->(i)
RETURN collect(id(a)) AS account, collect(id(i)) AS identifier, collect(l.first_s) AS first,
       collect(l.last_seen.epochSeconds) AS last
