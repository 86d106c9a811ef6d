"""Discord's commands and buttons, a file for each command or family of commands."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from importlib import import_module
from typing import Any

from discord import app_commands

AnyCommand = app_commands.Command[Any, ..., Any] | app_commands.Group | app_commands.ContextMenu


def load_commands() -> Iterator[AnyCommand]:
    """The commands of all modules here. A module lists its own as `COMMANDS`; those without only help others."""
    for module in pkgutil.iter_modules(__path__):
        yield from getattr(import_module(f"{__name__}.{module.name}"), "COMMANDS", ())
