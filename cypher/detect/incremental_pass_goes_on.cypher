// name: incremental_pass_goes_on
// parameters: none
// purpose: Whether an incremental pass is under way.
OPTIONAL MATCH (p:Pointer {name: 'published'})
RETURN coalesce(p.look_until, 0) > timestamp() AS goes_on
