"""The door to what is stored, and its maintenance."""
