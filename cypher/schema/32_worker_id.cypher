// name: 32_worker_id
// parameters: none
// purpose: One node for each worker that lives.
CREATE CONSTRAINT worker_id IF NOT EXISTS FOR (n:Worker) REQUIRE n.id IS UNIQUE
