// name: 08_action_id
// parameters: none
// purpose: One node for each Action id (the journal of what people did).
CREATE CONSTRAINT action_id IF NOT EXISTS FOR (n:Action) REQUIRE n.id IS UNIQUE
