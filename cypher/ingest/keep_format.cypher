// name: keep_format
// parameters: format
// purpose: Notes the format of the graph, unless a higher one is noted.
MERGE (p:Pointer {name: 'format'})
SET p.format = CASE WHEN p.format > $format THEN p.format ELSE $format END
RETURN p.format AS format
