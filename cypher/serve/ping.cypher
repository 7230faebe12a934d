// name: ping
// parameters: none
// purpose: Tells that the database answers.
RETURN 1 AS one
