"""Feeds and sitemaps to entries."""
