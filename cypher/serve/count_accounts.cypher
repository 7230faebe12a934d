// name: count_accounts
// parameters: none
// purpose: How many accounts there are (from the count store).
MATCH (a:Account) RETURN count(a) AS accounts
