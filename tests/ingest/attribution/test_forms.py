"""Forms of reported speech, thirty sentences each, composed of names, cues and contents written for this test."""

from collections.abc import Callable
from itertools import product

import pytest

from ingest.attribution import attribute
from retrieval.types import Article

NAMES = ["Mara Wendt", "Ole Lindqvist", "Priya Raman", "Tomas Herrera", "Grace Oyelaran"]
CLAUSES = [
    "the harbour will reopen in spring",
    "the council has wasted its money",
    "nobody was hurt in the fire",
    "the new bridge is safe",
    "prices would fall by a third",
    "the talks had failed",
]
REPORTING = ["said", "argued", "insisted", "claimed", "warned", "explained"]
QUOTING = ["said", "added", "insisted", "warned", "explained", "told reporters"]

Form = Callable[[str, str, int], tuple[str, str, str]]
"""(name, clause, number) to (text, expected quote, expected speaker)."""


def capitalize(clause: str) -> str:
    return clause[0].upper() + clause[1:]


def clause_with_that(name: str, clause: str, n: int) -> tuple[str, str, str]:
    return f"{name} {REPORTING[n % 6]} that {clause}.", f"that {clause}", name


def clause_without_that(name: str, clause: str, n: int) -> tuple[str, str, str]:
    return f"{name} said {clause}.", clause, name


def fronted(name: str, clause: str, n: int) -> tuple[str, str, str]:
    return f"{capitalize(clause)}, {name} {QUOTING[n % 6]}.", capitalize(clause), name


def inverted(name: str, clause: str, n: int) -> tuple[str, str, str]:
    return f"“{capitalize(clause)},” {QUOTING[n % 5]} {name}, a former minister.", f"“{capitalize(clause)},”", name


def quote_first(name: str, clause: str, n: int) -> tuple[str, str, str]:
    return f"“{capitalize(clause)},” {name} {QUOTING[n % 6]}.", f"“{capitalize(clause)},”", name


def quote_last(name: str, clause: str, n: int) -> tuple[str, str, str]:
    mark = ":,"[n % 2]
    return f'{name} {QUOTING[n % 6]}{mark} "{capitalize(clause)}."', f'"{capitalize(clause)}."', name


def quote_around(name: str, clause: str, n: int) -> tuple[str, str, str]:
    text = f"“{capitalize(clause)},” {name} {QUOTING[n % 6]}. “We can prove it.”"
    return text, f"“{capitalize(clause)},” … “We can prove it.”", name


def interrupted(name: str, clause: str, n: int) -> tuple[str, str, str]:
    text = f"“{capitalize(clause)},” {QUOTING[n % 5]} the engineer {name}, “and we can prove it.”"
    return text, f"“{capitalize(clause)},” … “and we can prove it.”", name


def according(name: str, clause: str, n: int) -> tuple[str, str, str]:
    if n % 2:
        return f"According to {name}, {clause}.", clause, name
    return f"{capitalize(clause)}, according to {name}.", capitalize(clause), name


def mixed(name: str, clause: str, n: int) -> tuple[str, str, str]:
    noun = ["plan", "vote", "deal", "trial", "strike", "merger"][n % 6]
    verb = ["called", "described", "dismissed"][n % 3]
    preposition = "" if verb == "called" else "as "
    return f"{name} {verb} the {noun} {preposition}“a bad joke”.", f"the {noun} {preposition}“a bad joke”", name


def pronoun(name: str, clause: str, n: int) -> tuple[str, str, str]:
    subject = "he" if name.split(maxsplit=1)[0] in ("Ole", "Tomas") else "she"
    return f"{name} arrived late on Monday. “{capitalize(clause)},” {subject} said.", f"“{capitalize(clause)},”", name


def last_name(name: str, clause: str, n: int) -> tuple[str, str, str]:
    last = name.rsplit(maxsplit=1)[-1]
    return f"The meeting was opened by {name}. {last} {REPORTING[n % 6]} that {clause}.", f"that {clause}", name


def label(name: str, clause: str, n: int) -> tuple[str, str, str]:
    return f"{name}: {capitalize(clause)}.\n\nThe meeting ended at noon.", capitalize(clause), name


def transcript(name: str, clause: str, n: int) -> tuple[str, str, str]:
    text = f"The two met on the air.\n\n{name.upper()}: {capitalize(clause)}.\n\nHOST: Thank you very much for that."
    return text, capitalize(clause), name.upper()


def signed(name: str, clause: str, n: int) -> tuple[str, str, str]:
    return f"“{capitalize(clause)}.” — {name}", f"“{capitalize(clause)}.”", name


def single(name: str, clause: str, n: int) -> tuple[str, str, str]:
    opening, closing = [("'", "'"), ("‘", "’"), ("``", "''"), ("''", "''"), ("«", "»")][n % 5]
    return f"{opening}{capitalize(clause)},{closing} said {name}.", f"{opening}{capitalize(clause)},{closing}", name


def as_saying(name: str, clause: str, n: int) -> tuple[str, str, str]:
    if n % 2:
        return f"{name} was quoted as saying: “{capitalize(clause)}.”", f"“{capitalize(clause)}.”", name
    return f"The Evening Herald quoted {name} as saying: “{capitalize(clause)}.”", f"“{capitalize(clause)}.”", name


def continued(name: str, clause: str, n: int) -> tuple[str, str, str]:
    return f"“It is late,” {name} said. “We waited.\n\n“{capitalize(clause)}.”", f"“{capitalize(clause)}.”", name


def unnamed(name: str, clause: str, n: int) -> tuple[str, str, str]:
    source = ["a senior official", "two witnesses", "a company lawyer", "several neighbours", "a police source"][n % 5]
    return f"“{capitalize(clause)},” {source} said.", f"“{capitalize(clause)},”", source


def added(name: str, clause: str, n: int) -> tuple[str, str, str]:
    subject = "he" if name.split(maxsplit=1)[0] in ("Ole", "Tomas") else "she"
    return f"{name} said it was late. “{capitalize(clause)},” {subject} added.", f"“{capitalize(clause)},”", name


def nested(name: str, clause: str, n: int) -> tuple[str, str, str]:
    opening, closing = [("‘", "’"), ("'", "'")][n % 2]
    quote = f"“They told me {opening}{clause}{closing} again and again.”"
    return f"{name} {QUOTING[n % 6]}: {quote}", quote, name


def announced(name: str, clause: str, n: int) -> tuple[str, str, str]:
    verb = ["went on", "replied", "continued"][n % 3]
    return f"{name} {verb}. “{capitalize(clause)}.”", f"“{capitalize(clause)}.”", name


def tweeted(name: str, clause: str, n: int) -> tuple[str, str, str]:
    reporting = ["tweeted", "wrote on Twitter", "wrote in a letter", "posted", "wrote"][n % 5]
    return f"{name} {reporting}: “{capitalize(clause)}.”", f"“{capitalize(clause)}.”", name


def interview(name: str, clause: str, n: int) -> tuple[str, str, str]:
    last = name.rsplit(maxsplit=1)[-1]
    reply = capitalize(clause)
    text = f"{name} met us at the harbour.\n\nHerald: What happens now?\n\n{last}: {reply}.\n\nHerald: Thank you."
    return text, reply, name


def with_addressee(name: str, clause: str, n: int) -> tuple[str, str, str]:
    addressee = ["reporters", "the council", "a meeting", "the BBC", "parliament"][n % 5]
    return f"{name} told {addressee} on Monday that {clause}.", f"that {clause}", name


def lost_space(name: str, clause: str, n: int) -> tuple[str, str, str]:
    mark = ["“{}.”", '"{}"', "“{}”"][n % 3].format(capitalize(clause))
    return f"It was late.{name} said: {mark}", mark, name


def mental(name: str, clause: str, n: int) -> tuple[str, str, str]:
    return (
        f"{name} {['believes', 'hoped', 'feared', 'thinks', 'suspected'][n % 5]} that {clause}.",
        f"that {clause}",
        name,
    )


FORMS: list[Form] = [
    clause_with_that, clause_without_that, fronted, inverted, quote_first, quote_last, quote_around, interrupted,
    according, mixed, pronoun, last_name, label, transcript, signed, single, as_saying, continued, unnamed, mental,
    added, nested, announced, tweeted, interview, with_addressee, lost_space,
]  # fmt: skip


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
def test_thirty_sentences_of_each_form(form: Form) -> None:
    """Each sentence yields the statement it was composed from: exact words, exact speaker."""
    wrong = []
    for n, (name, clause) in enumerate(product(NAMES, CLAUSES)):
        text, quote, speaker = form(name, clause, n)
        article = Article.create(title="T", text=text)
        statements = [(statement.quote(text), statement.speaker) for statement in attribute(article)]
        if (quote, speaker) not in statements:
            wrong.append((text, statements))
    assert not wrong
