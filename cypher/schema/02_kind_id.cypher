// name: 02_kind_id
// parameters: none
// purpose: One node for each KIND_LABEL id.
// kinds: every
CREATE CONSTRAINT KIND_NAME_id IF NOT EXISTS FOR (n:KIND_LABEL) REQUIRE n.id IS UNIQUE
