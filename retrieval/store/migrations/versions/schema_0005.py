"""Adds the number of statements of each speaker."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """From the fourth schema to the fifth."""
    op.create_table(
        "speakers",
        sa.Column("scope", sa.String, primary_key=True),
        sa.Column("speaker", sa.String, primary_key=True),
        sa.Column("statements", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("speakers_by_statements", "speakers", ["scope", sa.text("statements desc"), "speaker"])
    op.execute("""insert into speakers select scope, speaker, count(*) from statements
       where speaker <> '' and kind <> 'mental' group by scope, speaker""")
    op.execute(
        """create trigger speakers_insert after insert on statements
       when new.speaker <> '' and new.kind <> 'mental' begin
       insert into speakers (scope, speaker, statements) values (new.scope, new.speaker, 1)
       on conflict (scope, speaker) do update set statements = statements + 1; end"""
    )
    op.execute(
        """create trigger speakers_delete after delete on statements
       when old.speaker <> '' and old.kind <> 'mental' begin
       update speakers set statements = statements - 1 where scope = old.scope and speaker = old.speaker;
       delete from speakers where scope = old.scope and speaker = old.speaker and statements < 1; end"""
    )
