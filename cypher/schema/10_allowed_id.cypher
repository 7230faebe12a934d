// name: 10_allowed_id
// parameters: none
// purpose: One entry of the allow-list for each identifier.
CREATE CONSTRAINT allowed_id IF NOT EXISTS FOR (n:Allowed) REQUIRE n.id IS UNIQUE
