"""Words and structure, and what turns keys into sentences."""
