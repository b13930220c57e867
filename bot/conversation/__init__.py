"""The kernel: pure, and on the standard library alone."""
