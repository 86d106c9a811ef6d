"""One module for each schema, named and numbered after it.

To change the schema: change `retrieval.store.tables`, add one to `retrieval.schema.SCHEMA`, and write the step from the
schema before as `upgrade` in a new module here. A step is kept as it was released: it spells its tables out and imports
none.
"""
