"""Discord messages as plain data: rendering, escaping, splitting; no Discord, no library."""
