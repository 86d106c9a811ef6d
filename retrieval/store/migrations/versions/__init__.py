"""One module for each schema, named after its number.

To change the schema: change `retrieval.store.tables`, add one to `retrieval.store.schema.SCHEMA`, and write the
migration from the schema before as `upgrade` in a new module here. A migration that has been released is never changed,
so it spells out its tables instead of importing them.
"""
