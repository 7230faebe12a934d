// name: networks
// parameters: rows
// purpose: Writes the IPs that are not in a network yet, and their networks: [IP, network].
UNWIND $rows AS row
WITH row WHERE NOT EXISTS { (:IP {id: row[0]})-[:IN]->() }
MERGE (i:IP {id: row[0]})
MERGE (n:Network {id: row[1]})
MERGE (i)-[:IN]->(n)
