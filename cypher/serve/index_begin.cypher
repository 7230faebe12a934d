// name: index_begin
// parameters: version, token
// purpose: Begins to bring the read index, which is of $version, up to date. Returns whether what the graph noted is all that it
//   lacks, and the version that it will have. One that was left between its switch and index_done goes on from there.
MERGE (x:Pointer {name: 'index'})
SET x.begun_by = $token
SET x.version = CASE WHEN x.next = $version THEN $version ELSE x.version END
SET x.next = toString(coalesce(x.unnoted, 0)) + ':' + $token
RETURN coalesce(x.version = $version AND split($version, ':')[0] = toString(coalesce(x.unnoted, 0)), false) AS follows,
  x.next AS version
