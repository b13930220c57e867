"""The twelve questions that the other frameworks ask: the first of our own, in our own words."""

from __future__ import annotations

from dataclasses import dataclass

from bot.content.library import DEFAULT, load
from bot.content.loader import ROOT, read_pack

PACK = "intimacy"
NUMBER = 12


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """A question, and its choices as (key, label)."""

    text: str
    choices: tuple[tuple[str, str], ...]


def questions() -> tuple[Asked, ...]:
    """The first twelve with choices."""
    library, pack = load(ROOT), read_pack(ROOT / "packs" / PACK)
    asked = []
    for question in [q for q in pack.questions if q.choices][:NUMBER]:
        words = f"{pack.name}.questions.{question.id}"
        labels = [(c.id, library.text(DEFAULT, f"{words}.options.{c.id}")) for c in question.choices]
        asked.append(Asked(text=library.text(DEFAULT, f"{words}.text"), choices=tuple(labels)))
    if len(asked) != NUMBER:
        raise RuntimeError(f"the pack has only {len(asked)} questions with choices: lower NUMBER in bench/peers/questions.py")
    return tuple(asked)
