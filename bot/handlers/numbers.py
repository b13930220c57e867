"""Where help is, on a card: the numbers of the country that the person named, or the way to find some. Asked, never assumed.

A country is the answer to a question of the help itself, and gone with it. Only who asked to be remembered is also
remembered by it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from bot.content.model import HelpLine, Helplines, Kind
from bot.conversation.dialog import Option, View
from bot.conversation.effects import REFERRAL, Count, Mark
from bot.conversation.facts import PROGRESS
from bot.conversation.replies import Lines, Say, Territory, Words

PLACE = "country"
ELSEWHERE = "world"
_WORDS = "safety.numbers"
_FIELDS = ("number", "hours", "text")


@dataclass(frozen=True, kw_only=True, slots=True)
class Card:
    """A help card: under which `category` it is counted, and which `kinds` of lines fit it, the best first.

    `where` are the words on where help is as long as no country is named; `text` whose opening words it has, if not its own.
    """

    name: str
    category: str
    kinds: tuple[Kind, ...]
    where: str = "safety.help"
    text: str = ""
    first: tuple[Option, ...] = ()


# What follows from "I'm younger": not a card of the help itself, so it is also where nobody came from another card.
YOUNG = Card(name="young", category="minor", kinds=("youth", "crisis"))


class Numbers:
    """The helplines as cards show them. `lines` None: there are none."""

    def __init__(self, lines: Helplines | None) -> None:
        self._lines = lines

    def any_for(self, card: Card) -> bool:
        """Whether there is any country to choose for this card."""
        return bool(self._codes(card))

    def place(self, view: View) -> str:
        """The country named in this help, or remembered; empty where there is none."""
        named = view.answers.get(PLACE)
        if isinstance(named, str) and named:
            return "" if named == ELSEWHERE else named
        return view.marks.get(PLACE, "") if view.facts.consent(PROGRESS) else ""

    def ways(self, view: View, card: Card) -> tuple[Option, ...]:
        """The choice to name a country, or another one; none where there is nothing to choose."""
        key = "elsewhere" if self.place(view) else "numbers"
        return (choice(key),) if self.any_for(card) else ()

    def shown(self, view: View, card: Card) -> tuple[Say, ...]:
        """Where help is, for this card."""
        place = self.place(view)
        return self.of(place, card) if place and place in self._codes(card) else (Say(card.where, keep=True),)

    def of(self, place: str, card: Card) -> tuple[Say, ...]:
        """The lines of this country for this card, or (empty) those for everywhere."""
        lines = self._lines.of(place, card.kinds) if self._lines else ()
        near = "safer" if card.where == "safety.violence" else "near"
        values = {"country": Territory(place)} if place else {}
        head = Say(f"{_WORDS}.{'country' if place else 'world'}", values, keep=True)
        return (head, *_groups(lines), Say(f"{_WORDS}.{near}", keep=True))

    def countries(self, view: View, card: Card) -> tuple[Option, ...]:
        """The countries to choose from, for this card, and "another country"."""
        counted = Count(REFERRAL, card.category)
        kept = view.facts.consent(PROGRESS) is not None
        return (
            *(
                Option(
                    code,
                    "numbers",
                    also=f"safety.country.also.{code}",
                    effects=(counted, Mark(PLACE, code)) if kept else (counted,),
                    label=Say("safety.country.name", {"country": Territory(code)}),
                )
                for code in self._codes(card)
            ),
            Option(ELSEWHERE, "numbers", effects=(counted, Mark(PLACE, ""))),
        )

    def _codes(self, card: Card) -> tuple[str, ...]:
        return self._lines.with_numbers(card.kinds) if self._lines else ()


def choice(key: str) -> Option:
    """The choice that leads to the question for the country."""
    return Option(key, PLACE, words=f"{_WORDS}.options.{key}", also=f"{_WORDS}.also.{key}")


def asked(view: View) -> tuple[Say, ...]:
    """The question for the country, and what becomes of the answer."""
    fate = "kept" if view.facts.consent(PROGRESS) else "forgotten"
    return (Say("safety.country.text"), Say(f"safety.country.{fate}"))


def _groups(lines: Sequence[HelpLine]) -> Iterator[Say]:
    for kind, group in groupby(lines, key=lambda line: line.kind):
        found = tuple(line for line in group if line.says)
        if kind == "directory":
            sites = tuple(_site(line) for line in found if line.source_url)
            if sites:
                yield Say(f"{_WORDS}.directory", {"sites": sites}, keep=True)
        elif found:
            yield Say(f"{_WORDS}.{kind}", {"rows": Lines(tuple(_row(line) for line in found))}, keep=True)
        elif kind == "emergency":
            yield Say(f"{_WORDS}.local", keep=True)


def _row(line: HelpLine) -> Say:
    given = {name: value for name in _FIELDS if (value := getattr(line, name))}
    # A line that is called by its number has no other name.
    name = line.name if line.name not in ("", line.number) else Words(f"{_WORDS}.kinds.{line.kind}")
    return Say(f"{_WORDS}.row.{'_'.join(given)}", {"name": name, **given})


def _site(line: HelpLine) -> Say:
    return Say(f"{_WORDS}.site", {"site": line.text or line.name, "url": line.source_url or ""})
