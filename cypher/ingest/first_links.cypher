// name: first_links
// parameters: rows
// purpose: Which links are new: the places of those [place, account, identifier, first event (epoch seconds)] of this kind
//   whose first event is the link's own, in one record.
// kinds: sent
UNWIND $rows AS row
MATCH (a:Account {id: row[1]})-[l:KIND_LINK]->(:KIND_LABEL {id: row[2]}) WHERE l.first_s = row[3]
RETURN collect(row[0]) AS places
