// name: leave_look
// parameters: who
// purpose: Gives the turn to look back.
MATCH (p:Pointer {name: 'published', look_by: $who})
SET p.look_until = 0
