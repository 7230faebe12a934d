// name: count_incremental_pass
// parameters: run, looks
// purpose: Counts an incremental pass that writes; no row if another run was published, another pass has
//   written or nodes were removed meanwhile.
MATCH (p:Pointer {name: 'published'})
SET p.touched_at = timestamp()
WITH p WHERE p.run_id = $run AND coalesce(p.looks, 0) + coalesce(p.removals, 0) = $looks
SET p.looks = coalesce(p.looks, 0) + 1
RETURN p.looks AS looks
