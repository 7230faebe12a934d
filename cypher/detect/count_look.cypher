// name: count_look
// parameters: run, looks
// purpose: Counts a look that writes; no row if another run was published or another look has written meanwhile.
MATCH (p:Pointer {name: 'published'})
SET p.touched_at = timestamp()
WITH p WHERE p.run_id = $run AND coalesce(p.looks, 0) = $looks
SET p.looks = $looks + 1
RETURN p.looks AS looks
