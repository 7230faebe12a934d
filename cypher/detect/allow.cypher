// name: allow
// parameters: kind, identifier, who, why
// purpose: Puts an identifier on the allow-list, or changes who and why.
MERGE (n:Allowed {id: $kind + ' ' + $identifier})
SET n.kind = $kind, n.identifier = $identifier, n.who = $who, n.why = $why, n.at = datetime()
