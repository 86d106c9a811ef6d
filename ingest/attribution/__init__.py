"""Who said what: an article to its statements."""
