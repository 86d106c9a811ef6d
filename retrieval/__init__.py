"""What is known, and finding and proving it: knows nothing of Discord or of where articles come from."""
