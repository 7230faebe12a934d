// name: 21_pointer_name
// parameters: none
// purpose: One pointer of each name (published: the run that readers see).
CREATE CONSTRAINT pointer_name IF NOT EXISTS FOR (n:Pointer) REQUIRE n.name IS UNIQUE
