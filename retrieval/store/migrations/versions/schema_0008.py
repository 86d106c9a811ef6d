"""Keeps the words of speakers' names in their normal form, so that accents and apostrophes make no difference.

`normal_form` is a function that `tables.open_engine` gives to every connection.
"""

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """From the seventh schema to the eighth."""
    op.execute("""insert or ignore into names (scope, word, speaker, article_id)
       select scope, normal_form(word), speaker, article_id from names where word <> normal_form(word)""")
    op.execute("delete from names where word <> normal_form(word)")
