// name: 01_account_id
// parameters: none
// purpose: One node for each Account id.
CREATE CONSTRAINT account_id IF NOT EXISTS FOR (n:Account) REQUIRE n.id IS UNIQUE
