// name: 05_network_id
// parameters: none
// purpose: One node for each Network id.
CREATE CONSTRAINT network_id IF NOT EXISTS FOR (n:Network) REQUIRE n.id IS UNIQUE
