// name: 09_change_id
// parameters: none
// purpose: One node for each Change id (the change feed).
CREATE CONSTRAINT change_id IF NOT EXISTS FOR (n:Change) REQUIRE n.id IS UNIQUE
