// name: open_runs
// parameters: none
// purpose: Runs whose transaction is open, of those that the user may see: at least its own.
SHOW TRANSACTIONS YIELD metaData
WHERE metaData.run IS NOT NULL
RETURN DISTINCT metaData.run AS run
