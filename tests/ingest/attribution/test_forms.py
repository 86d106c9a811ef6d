"""The forms of reported speech, thirty sentences each, made of names, cues and contents written for this test."""

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
"""(name, clause, number) to the text, the quote expected in it, and its speaker."""


def big(clause: str) -> str:
    return clause[0].upper() + clause[1:]


def after_that(name: str, clause: str, n: int) -> tuple[str, str, str]:
    return f"{name} {REPORTING[n % 6]} that {clause}.", f"that {clause}", name


def after(name: str, clause: str, n: int) -> tuple[str, str, str]:
    return f"{name} said {clause}.", clause, name


def fronted(name: str, clause: str, n: int) -> tuple[str, str, str]:
    return f"{big(clause)}, {name} {QUOTING[n % 6]}.", big(clause), name


def inverted(name: str, clause: str, n: int) -> tuple[str, str, str]:
    return f"“{big(clause)},” {QUOTING[n % 5]} {name}, a former minister.", f"“{big(clause)},”", name


def quote_first(name: str, clause: str, n: int) -> tuple[str, str, str]:
    return f"“{big(clause)},” {name} {QUOTING[n % 6]}.", f"“{big(clause)},”", name


def quote_last(name: str, clause: str, n: int) -> tuple[str, str, str]:
    mark = ":,"[n % 2]
    return f'{name} {QUOTING[n % 6]}{mark} "{big(clause)}."', f'"{big(clause)}."', name


def quote_around(name: str, clause: str, n: int) -> tuple[str, str, str]:
    text = f"“{big(clause)},” {name} {QUOTING[n % 6]}. “We can prove it.”"
    return text, f"“{big(clause)},” … “We can prove it.”", name


def interrupted(name: str, clause: str, n: int) -> tuple[str, str, str]:
    text = f"“{big(clause)},” {QUOTING[n % 5]} the engineer {name}, “and we can prove it.”"
    return text, f"“{big(clause)},” … “and we can prove it.”", name


def according(name: str, clause: str, n: int) -> tuple[str, str, str]:
    if n % 2:
        return f"According to {name}, {clause}.", clause, name
    return f"{big(clause)}, according to {name}.", big(clause), name


def mixed(name: str, clause: str, n: int) -> tuple[str, str, str]:
    noun = ["plan", "vote", "deal", "trial", "strike", "merger"][n % 6]
    said = ["called", "described", "dismissed"][n % 3]
    joint = "" if said == "called" else "as "
    return f"{name} {said} the {noun} {joint}“a bad joke”.", f"the {noun} {joint}“a bad joke”", name


def pronoun(name: str, clause: str, n: int) -> tuple[str, str, str]:
    he = "he" if name.split(maxsplit=1)[0] in ("Ole", "Tomas") else "she"
    return f"{name} arrived late on Monday. “{big(clause)},” {he} said.", f"“{big(clause)},”", name


def last_name(name: str, clause: str, n: int) -> tuple[str, str, str]:
    last = name.rsplit(maxsplit=1)[-1]
    return f"The meeting was opened by {name}. {last} {REPORTING[n % 6]} that {clause}.", f"that {clause}", name


def label(name: str, clause: str, n: int) -> tuple[str, str, str]:
    return f"{name}: {big(clause)}.\n\nThe meeting ended at noon.", big(clause), name


def transcript(name: str, clause: str, n: int) -> tuple[str, str, str]:
    text = f"The two met on the air.\n\n{name.upper()}: {big(clause)}.\n\nHOST: Thank you very much for that."
    return text, big(clause), name.upper()


def signed(name: str, clause: str, n: int) -> tuple[str, str, str]:
    return f"“{big(clause)}.” — {name}", f"“{big(clause)}.”", name


def single(name: str, clause: str, n: int) -> tuple[str, str, str]:
    left, right = [("'", "'"), ("‘", "’"), ("``", "''"), ("''", "''"), ("«", "»")][n % 5]
    return f"{left}{big(clause)},{right} said {name}.", f"{left}{big(clause)},{right}", name


def as_saying(name: str, clause: str, n: int) -> tuple[str, str, str]:
    if n % 2:
        return f"{name} was quoted as saying: “{big(clause)}.”", f"“{big(clause)}.”", name
    return f"The Evening Herald quoted {name} as saying: “{big(clause)}.”", f"“{big(clause)}.”", name


def continued(name: str, clause: str, n: int) -> tuple[str, str, str]:
    return f"“It is late,” {name} said. “We waited.\n\n“{big(clause)}.”", f"“{big(clause)}.”", name


def unnamed(name: str, clause: str, n: int) -> tuple[str, str, str]:
    who = ["a senior official", "two witnesses", "a company lawyer", "several neighbours", "a police source"][n % 5]
    return f"“{big(clause)},” {who} said.", f"“{big(clause)},”", who


def added(name: str, clause: str, n: int) -> tuple[str, str, str]:
    he = "he" if name.split(maxsplit=1)[0] in ("Ole", "Tomas") else "she"
    return f"{name} said it was late. “{big(clause)},” {he} added.", f"“{big(clause)},”", name


def nested(name: str, clause: str, n: int) -> tuple[str, str, str]:
    left, right = [("‘", "’"), ("'", "'")][n % 2]
    quote = f"“They told me {left}{clause}{right} again and again.”"
    return f"{name} {QUOTING[n % 6]}: {quote}", quote, name


def announced(name: str, clause: str, n: int) -> tuple[str, str, str]:
    verb = ["went on", "replied", "continued"][n % 3]
    return f"{name} {verb}. “{big(clause)}.”", f"“{big(clause)}.”", name


def tweeted(name: str, clause: str, n: int) -> tuple[str, str, str]:
    how = ["tweeted", "wrote on Twitter", "wrote in a letter", "posted", "wrote"][n % 5]
    return f"{name} {how}: “{big(clause)}.”", f"“{big(clause)}.”", name


def interview(name: str, clause: str, n: int) -> tuple[str, str, str]:
    last = name.rsplit(maxsplit=1)[-1]
    text = f"{name} met us at the harbour.\n\nHerald: What happens now?\n\n{last}: {big(clause)}.\n\nHerald: Thank you."
    return text, big(clause), name


def told_whom(name: str, clause: str, n: int) -> tuple[str, str, str]:
    whom = ["reporters", "the council", "a meeting", "the BBC", "parliament"][n % 5]
    return f"{name} told {whom} on Monday that {clause}.", f"that {clause}", name


def broken(name: str, clause: str, n: int) -> tuple[str, str, str]:
    mark = ["“{}.”", '"{}"', "“{}”"][n % 3].format(big(clause))
    return f"It was late.{name} said: {mark}", mark, name


def mental(name: str, clause: str, n: int) -> tuple[str, str, str]:
    return (
        f"{name} {['believes', 'hoped', 'feared', 'thinks', 'suspected'][n % 5]} that {clause}.",
        f"that {clause}",
        name,
    )


FORMS: list[Form] = [
    after_that, after, fronted, inverted, quote_first, quote_last, quote_around, interrupted, according, mixed, pronoun,
    last_name, label, transcript, signed, single, as_saying, continued, unnamed, mental, added, nested, announced,
    tweeted, interview, told_whom, broken,
]  # fmt: skip


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
def test_thirty_sentences_of_each_form(form: Form) -> None:
    """Each sentence gives the statement that it was made of: exact words, exact speaker."""
    wrong = []
    for n, (name, clause) in enumerate(product(NAMES, CLAUSES)):
        text, quote, speaker = form(name, clause, n)
        article = Article.create(title="T", text=text)
        found = [(each.quote(text), each.speaker) for each in attribute(article)]
        if (quote, speaker) not in found:
            wrong.append((text, found))
    assert not wrong
