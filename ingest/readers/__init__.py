"""The bytes of a file to articles, in processes with limits."""
