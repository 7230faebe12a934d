// name: token_texts
// parameters: key, after, page
// purpose: Rings and accounts whose reasons name a token under this key: [id, reasons, held_by] and [id, reasons], the
//   next page of accounts in order of id.
CALL () {
  MATCH (r:Ring)
  WHERE $after = '' AND (r.reasons CONTAINS '_' + $key OR r.held_by CONTAINS '_' + $key)
  RETURN collect([r.id, r.reasons, r.held_by]) AS rings
}
CALL () {
  MATCH (a:Account)
  WHERE a.id > $after AND a.reasons CONTAINS '_' + $key
  WITH a ORDER BY a.id LIMIT $page
  RETURN collect([a.id, a.reasons]) AS accounts
}
RETURN rings, accounts
