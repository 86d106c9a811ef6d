"""The `onrecord` command: typer commands and their terminal output."""
