"""One thin adapter for each place where people talk."""
