"""Adds indexes for the newest articles of a scope or source, and for the chunks of a source within dates.

The first of these need the date, title and source of each article's current version in the table of articles.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """From the sixth schema to the seventh."""
    for name in ("published", "title", "source"):
        op.add_column("articles", sa.Column(name, sa.String))
    op.execute("""update articles set (published, title, source) = (
       select published, title, source from versions where article_id = articles.id and version = articles.version)""")
    # No longer needed, because the new indexes begin with the scope too.
    op.drop_index("ix_articles_scope", "articles")
    latest, source = sa.text("published desc"), sa.text("lower(source)")
    op.create_index("articles_by_newest", "articles", ["scope", latest, "title", "id"])
    op.create_index("articles_by_source", "articles", ["scope", source, latest, "title", "id"])
    op.drop_index("chunks_by_source", "chunks")
    op.create_index("chunks_by_source", "chunks", ["scope", source, "day"])
