// name: note_index_change
// parameters: accounts, identifiers, gone
// purpose: Notes, in the transaction that changes them, what the read index has to learn: accounts and identifiers
//   (node ids), and the keys (hex) of records of what is deleted.
CREATE (:IndexChange {accounts: $accounts, identifiers: $identifiers, gone: $gone})
