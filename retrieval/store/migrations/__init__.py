"""Steps from each schema of the catalog to the next: a file in `versions` for each, run by `store.migrate`."""
