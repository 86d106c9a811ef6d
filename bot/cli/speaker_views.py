"""Speakers on the command line, as JSON and on the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

from bot import contract
from bot.cli import terminal
from retrieval.answer.stances import Sides
from retrieval.text.person_names import Person, Role, ambiguity_question


def person_json(person: Person, roles: Sequence[Role] | None = None) -> dict[str, Any]:
    """A person as `speakers --json` prints them; `roles` where they were asked for."""
    facts: dict[str, Any] = {
        "speaker": person.name,
        "kind": person.kind,
        "statements": person.statements,
        "aliases": [{"name": name, "statements": number} for name, number in person.names.items()],
    }
    if roles is not None:
        facts["roles"] = [
            {"role": role.role, "first": role.first, "last": role.last, "statements": role.statements} for role in roles
        ]
    return facts


def show_persons(console: Console, persons: Sequence[Person]) -> None:
    """Show a line for each person."""
    if not persons:
        console.print(Text("Nobody by that name speaks in the articles.", style="yellow"))
    for person in persons:
        console.print(
            Text.assemble((person.name, "bold"), f" · {person.kind} · {person.statements} statements"), soft_wrap=True
        )


def show_person(console: Console, person: Person, roles: Sequence[Role]) -> None:
    """Show a person with their names and roles; a role is dated by the articles that gave it."""
    show_persons(console, [person])
    if len(person.names) > 1:
        console.print(
            Text("  also: " + ", ".join(f"{name} ({n})" for name, n in person.names.items() if name != person.name))
        )
    for role in roles:
        if role.first is None:
            when = "in undated articles"
        else:
            when = f"on {role.first}" if role.first == role.last else f"from {role.first} to {role.last}"
        console.print(Text(f"  {role.role}: {when} ({role.statements} statements)"), soft_wrap=True)


def ask_which_speaker(console: Console, speaker: str, persons: Sequence[Person], found: Sequence[object]) -> None:
    """Ask which person is meant, where a name stands for several or is only close to a known one."""
    if len(persons) > 1 or (persons and not found):
        console.print(Text(ambiguity_question(speaker, persons), style="yellow"))


def sides_json(claim: str, sides: Sides) -> dict[str, Any]:
    """What `who-said --json` prints."""
    return {
        "claim": claim,
        "statements": [contract.attributed_statement(*one) for one in sides.speaks],
        "denials": [contract.attributed_statement(*one) for one in sides.denies],
    }


def show_sides(console: Console, claim: str, sides: Sides) -> None:
    """Show who supports a claim, then who denies it."""
    if sides.speaks or not sides.denies:
        terminal.show_statements(console, f"anybody on “{claim}”", sides.speaks)
    if sides.denies:
        console.print(Text("\nDenied by:", style="bold"))
        terminal.show_statements(console, claim, sides.denies)
