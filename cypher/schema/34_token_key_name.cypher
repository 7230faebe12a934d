// name: 34_token_key_name
// parameters: none
// purpose: One node that says which key tokens are under.
CREATE CONSTRAINT token_key_name IF NOT EXISTS FOR (n:TokenKey) REQUIRE n.name IS UNIQUE
