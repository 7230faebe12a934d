// name: graph_drawn
// parameters: ids
// purpose: the node ids of these identifiers: links are compared with them three times as fast as with texts
MATCH (i:SENT_LABEL) WHERE i.id IN $ids
RETURN collect(id(i)) AS nodes
