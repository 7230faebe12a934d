// name: networks
// parameters: rows
// purpose: Writes networks and the IPs in them: [IP, network].
UNWIND $rows AS row
MERGE (i:IP {id: row[0]})
MERGE (n:Network {id: row[1]})
MERGE (i)-[:IN]->(n)
