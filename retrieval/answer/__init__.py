"""A question to an answer that quotes."""
