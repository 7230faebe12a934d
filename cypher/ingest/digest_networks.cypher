// name: digest_networks
// parameters: none
// purpose: Which IP is in which network.
MATCH (i:IP)-[:IN]->(n:Network)
RETURN i.id AS ip, n.id AS network
