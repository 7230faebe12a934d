// name: mark_read
// parameters: nodes, names, created
// purpose: Notes that a published run has read these accounts (node and own ids, creation in epoch seconds), also for the
//   read index.
UNWIND range(0, size($nodes) - 1) AS row
MATCH (a:Account) WHERE id(a) = $nodes[row] AND a.id = $names[row] AND a.created_s = $created[row]
REMOVE a.unread
WITH collect(id(a)) AS read
CREATE (:IndexChange {accounts: read, identifiers: [], gone: []})
