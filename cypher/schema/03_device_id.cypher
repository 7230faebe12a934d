// name: 03_device_id
// parameters: none
// purpose: One node for each Device id.
CREATE CONSTRAINT device_id IF NOT EXISTS FOR (n:Device) REQUIRE n.id IS UNIQUE
