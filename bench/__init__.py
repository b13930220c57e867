"""How quick Closer is, beside others in the same run on the same disk: `make bench`. Never a test: nothing here fails."""
