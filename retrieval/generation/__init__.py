"""An answer in a model's words, proposed claim by claim."""
