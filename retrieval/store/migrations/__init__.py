"""The migrations of the catalog from each schema to the next, one file each in `versions`; run by `store.migrate`."""
