"""Files, folders and addresses to jobs."""
