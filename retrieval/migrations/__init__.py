"""Steps from each schema of the catalog to the next, one file in `versions` for each; run by `retrieval.migrating`."""
