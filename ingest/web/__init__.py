"""HTTP; the only code that opens outside addresses."""
