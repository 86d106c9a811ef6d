"""Speakers for the command line: as the contract's JSON and for a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

from bot import contract
from bot.cli import terminal
from retrieval.answer.stances import Sides
from retrieval.text.person_names import Person, Role, which


def person(one: Person, roles: Sequence[Role] | None = None) -> dict[str, Any]:
    """What `speakers --json` prints of one; roles where they were asked for."""
    facts: dict[str, Any] = {
        "speaker": one.name,
        "kind": one.kind,
        "statements": one.statements,
        "aliases": [{"name": name, "statements": number} for name, number in one.names.items()],
    }
    if roles is not None:
        facts["roles"] = [
            {"role": role.role, "first": role.first, "last": role.last, "statements": role.statements} for role in roles
        ]
    return facts


def show_list(console: Console, found: Sequence[Person]) -> None:
    """A line for each."""
    if not found:
        console.print(Text("Nobody by that name speaks in the articles.", style="yellow"))
    for one in found:
        console.print(Text.assemble((one.name, "bold"), f" · {one.kind} · {one.statements} statements"), soft_wrap=True)


def show_one(console: Console, one: Person, roles: Sequence[Role]) -> None:
    """One with names and roles; a role is as of the days on which articles gave it."""
    show_list(console, [one])
    if len(one.names) > 1:
        console.print(
            Text("  also: " + ", ".join(f"{name} ({n})" for name, n in one.names.items() if name != one.name))
        )
    for role in roles:
        if role.first is None:
            when = "in undated articles"
        else:
            when = f"on {role.first}" if role.first == role.last else f"from {role.first} to {role.last}"
        console.print(Text(f"  {role.role}: {when} ({role.statements} statements)"), soft_wrap=True)


def candidates(console: Console, speaker: str, persons: Sequence[Person], found: Sequence[object]) -> None:
    """The question back where a name stands for several, or for nobody but is near somebody's."""
    if len(persons) > 1 or (persons and not found):
        console.print(Text(which(speaker, persons), style="yellow"))


def both_sides(claim: str, found: Sides) -> dict[str, Any]:
    """What `who-said --json` prints."""
    return {
        "claim": claim,
        "statements": [contract.told(*one) for one in found.speaks],
        "denials": [contract.told(*one) for one in found.denies],
    }


def show_sides(console: Console, claim: str, found: Sides) -> None:
    """Who speaks of a claim, then who denies it."""
    if found.speaks or not found.denies:
        terminal.statements(console, f"anybody on “{claim}”", found.speaks)
    if found.denies:
        console.print(Text("\nDenied by:", style="bold"))
        terminal.statements(console, claim, found.denies)
