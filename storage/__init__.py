"""Everything durable: encrypted, and gone when asked."""
