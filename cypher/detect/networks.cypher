// name: networks
// parameters: none
// purpose: The network that each IP is in, as node ids, in one record.
MATCH (i:IP)-[:IN]->(n:Network)
RETURN collect(id(i)) AS ip, collect(id(n)) AS network
