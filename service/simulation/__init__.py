"""A seeded population to try the product on: honest people with all that makes them look alike, and campaigns.

It knows nothing of how rings are detected. Stages: calendar and addresses (what the world looks like), honest and
campaigns (who does what, as arrays), records (arrays to event rows), populations (named settings), simulate (all
of it, to files).
"""
