"""The chat model's transport, prices and budget."""
