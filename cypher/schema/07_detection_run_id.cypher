// name: 07_detection_run_id
// parameters: none
// purpose: One node for each DetectionRun id.
CREATE CONSTRAINT detection_run_id IF NOT EXISTS FOR (n:DetectionRun) REQUIRE n.id IS UNIQUE
