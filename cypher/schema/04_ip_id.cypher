// name: 04_ip_id
// parameters: none
// purpose: One node for each IP id.
CREATE CONSTRAINT ip_id IF NOT EXISTS FOR (n:IP) REQUIRE n.id IS UNIQUE
