// name: clock
// parameters: none
// purpose: The database's clock, in epoch seconds.
RETURN datetime().epochSeconds AS now
