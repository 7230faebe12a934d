// name: 35_drawing_ring
// parameters: none
// purpose: One kept drawing for each large ring.
CREATE CONSTRAINT drawing_ring IF NOT EXISTS FOR (n:Drawing) REQUIRE n.ring IS UNIQUE
