// name: look_goes_on
// parameters: none
// purpose: Whether a look at a part of the graph is under way.
OPTIONAL MATCH (p:Pointer {name: 'published'})
RETURN coalesce(p.look_until, 0) > timestamp() AS goes_on
