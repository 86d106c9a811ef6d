"""The processes that answer and ingest for the bot, and the protocol spoken with them; no Discord."""
