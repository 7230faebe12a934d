// name: ring_graph
// parameters: ring
// purpose: A ring's firmest members and the identifiers that at least two of them use, as a graph.
MATCH (p:Pointer {name: 'published'})
MATCH (r:Ring {id: $ring})<-[m:MEMBER_OF]-(a:Account) WHERE m.run = p.run_id
WITH r, a, m ORDER BY m.strength DESC LIMIT 60
WITH r, collect(a) AS accounts
UNWIND accounts AS a
MATCH (a)-[l:SENT_LINK]->(i)
WITH r, accounts, i, collect(l) AS links
WHERE size(links) > 1
RETURN r, accounts, i, links ORDER BY size(links) DESC LIMIT 80
