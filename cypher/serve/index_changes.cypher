// name: index_changes
// parameters: none
// purpose: All that is noted for the read index, in one record: the notes (node ids), and what each says, as lists of lists.
MATCH (c:IndexChange)
RETURN collect(id(c)) AS notes, collect(c.accounts) AS accounts, collect(c.identifiers) AS identifiers, collect(c.gone) AS gone
