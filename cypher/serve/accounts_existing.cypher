// name: accounts_existing
// parameters: ids
// purpose: which of these accounts exist
MATCH (a:Account) WHERE a.id IN $ids
RETURN collect(a.id) AS ids
