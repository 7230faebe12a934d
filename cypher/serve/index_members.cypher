// name: index_members
// parameters: none
// purpose: The published rings for the read index, each with its members (node ids): one record with one list. To go from the
//   rings takes the engine a third of the time of looking at all that each account is linked with.
MATCH (p:Pointer {name: 'published'})
MATCH (r:Ring)<-[m:MEMBER_OF]-(a:Account) WHERE m.run = p.run_id
WITH r, collect(id(a)) AS members
RETURN collect([r.id, members]) AS rings
