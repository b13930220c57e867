"""Pictures of what the words beside them say, too: drawn from plain values, in a thread of their own."""
