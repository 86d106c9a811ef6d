"""A page or a text to a clean article: body, title, date, authors."""
