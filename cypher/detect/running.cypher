// name: running
// parameters: user
// purpose: Runs that say that they go on, of those that this user's transactions tell of.
MATCH (n:DetectionRun {state: 'running', user: $user})
RETURN n.id AS run
