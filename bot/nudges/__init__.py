"""Daily nudges: which one, when, and the sending of it, each in a file of its own."""
