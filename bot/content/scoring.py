"""What a person's answers say about the five needs. Pure arithmetic over the pack's table of weights.

A need's share is what its answers gave, divided by the most that the answered questions could have given: the highest
choice of a pick-one question, the sum of all choices of a pick-several. Skipped questions count on neither side.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from bot.content.model import Pack, Question

Answer: TypeAlias = "str | tuple[str, ...]"

# Sums looked up again rather than done again: every turn of an exploration asks twice for the same ones, its end three times.
REMEMBERED = 1_024


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """One need in one person's result: its share (0 to 1), and the (question, choice) pairs for it, strongest first."""

    need: str
    share: float
    alive: bool
    reasons: tuple[tuple[str, str], ...]


class Score:
    """The pack's weights, laid out for quick sums. Built once per pack."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self._weights = {q.id: {c.id: tuple(c.weights.items()) for c in q.choices} for q in pack.questions}
        self._most = {q.id: tuple(_most(q).items()) for q in pack.questions}
        self._broad = frozenset(q.id for q in pack.questions if q.ask == "broad")
        self._order = {need.id: place for place, need in enumerate(pack.needs)}
        self._deeper = lru_cache(maxsize=REMEMBERED)(self._worth_asking)
        self._stood = lru_cache(maxsize=REMEMBERED)(self._stand)

    def shares(self, answers: Iterable[tuple[str, Answer]]) -> dict[str, float]:
        """The share of each need that at least one answer could have spoken for."""
        got = dict.fromkeys(self._order, 0)
        most = dict.fromkeys(self._order, 0)
        for question, answer in answers:
            tops = self._most.get(question)
            if not tops or not answer:
                continue
            for need, top in tops:
                most[need] += top
            weights = self._weights[question]
            for choice in (answer,) if isinstance(answer, str) else answer:
                for need, weight in weights.get(choice, ()):
                    got[need] += weight
        return {need: got[need] / top for need, top in most.items() if top}

    def standings(self, answers: Mapping[str, Answer]) -> tuple[Standing, ...]:
        """All needs, likeliest first; ties in the pack's order."""
        # Of choices alone: nobody's own words are remembered.
        return self._stood(tuple([(question, answer) for question, answer in answers.items() if self._weights.get(question)]))

    def _stand(self, chosen: tuple[tuple[str, Answer], ...]) -> tuple[Standing, ...]:
        answers = dict(chosen)
        shares = self.shares(chosen)
        rows = [
            Standing(
                need=need.id,
                share=shares.get(need.id, 0.0),
                alive=shares.get(need.id, 0.0) >= self.pack.scoring.alive_from,
                reasons=self._reasons(need.id, answers),
            )
            for need in self.pack.needs
        ]
        return tuple(sorted(rows, key=lambda row: (-row.share, self._order[row.need])))

    def alive(self, answers: Iterable[tuple[str, Answer]]) -> tuple[str, ...]:
        """The needs that count as alive, likeliest first; ties in the pack's order."""
        return self._from(self.shares(answers), self.pack.scoring.alive_from)

    def _from(self, shares: Mapping[str, float], least: float) -> tuple[str, ...]:
        likely = [need for need, share in shares.items() if share >= least]
        likely.sort(key=lambda need: (-shares[need], self._order[need]))
        return tuple(likely)

    def deeper(self, trail: Iterable[tuple[str, Answer]]) -> tuple[str, ...]:
        """The needs worth deeper questions, by the broad answers alone, strongest first."""
        broad = self._broad
        return self._deeper(tuple([pair for pair in trail if pair[0] in broad]))

    def _worth_asking(self, broad: tuple[tuple[str, Answer], ...]) -> tuple[str, ...]:
        return self._from(self.shares(broad), self.pack.scoring.deeper_from)[: self.pack.scoring.deepest]

    def _reasons(self, need: str, answers: Mapping[str, Answer]) -> tuple[tuple[str, str], ...]:
        found: list[tuple[int, str, str]] = []
        for question, answer in answers.items():
            for choice in (answer,) if isinstance(answer, str) else answer:
                for spoken_for, weight in self._weights.get(question, {}).get(choice, ()):
                    if spoken_for == need:
                        found.append((weight, question, choice))
        found.sort(key=lambda row: -row[0])
        return tuple((question, choice) for _, question, choice in found)


def _most(question: Question) -> dict[str, int]:
    most: dict[str, int] = {}
    for choice in question.choices:
        for need, weight in choice.weights.items():
            best = most.get(need, 0)
            most[need] = best + weight if question.kind == "several" else max(best, weight)
    return most
