// name: 06_ring_id
// parameters: none
// purpose: One node for each Ring id.
CREATE CONSTRAINT ring_id IF NOT EXISTS FOR (n:Ring) REQUIRE n.id IS UNIQUE
