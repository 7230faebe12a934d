// name: total_uses
// parameters: none
// purpose: The uses of all accounts: what all events ever ingested come to.
MATCH (a:Account)
RETURN sum(a.uses) AS uses
