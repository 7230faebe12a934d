// name: 22_change_seq
// parameters: none
// purpose: Finds changes after a number, in order.
CREATE INDEX change_seq IF NOT EXISTS FOR (n:Change) ON (n.seq)
