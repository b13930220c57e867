"""What a person's answers say about which kind of therapy may fit. Pure arithmetic over the guide's table of weights.

As with the needs: a suggestion's share is what the answers gave it, divided by the most that the answered questions could
have given. What the exploration found counts as one more pick-several question.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from bot.content.therapy import First, Fit, FitChoice

Answer: TypeAlias = "str | tuple[str, ...]"


@dataclass(frozen=True, kw_only=True, slots=True)
class Suggestion:
    """One that may fit: its share (0 to 1), the (question, choice) pairs for it, strongest first, and the needs for it."""

    outcome: str
    share: float
    reasons: tuple[tuple[str, str], ...]
    needs: tuple[str, ...]


def ranked(fit: Fit, answers: Mapping[str, Answer], alive: Collection[str], barred: Collection[str]) -> tuple[Suggestion, ...]:
    """What may fit, best first, ties in the table's order: at most `most`, none of the `barred`.

    Where nothing reaches the threshold the best one stands alone; where nothing was said there is none.
    """
    found = [_suggestion(fit, outcome, answers, alive) for outcome in fit.outcomes if outcome not in barred]
    found = sorted((s for s in found if s.share > 0), key=lambda s: -s.share)
    return tuple([s for s in found if s.share >= fit.suggest_from][: fit.most] or found[:1])


def format_of(fit: Fit, answers: Mapping[str, Answer]) -> Suggestion | None:
    """Remote or in person, where the answers lean to one of them; None where they leave it open."""
    first, second = sorted((_suggestion(fit, name, answers, ()) for name in fit.formats), key=lambda s: -s.share)[:2]
    return first if first.share > second.share else None


def comes_first(fit: Fit, answers: Mapping[str, Answer]) -> dict[First, tuple[tuple[str, str], ...]]:
    """Whether a crisis line or a doctor comes first, and the (question, choice) pairs that say so."""
    found: dict[First, tuple[tuple[str, str], ...]] = {}
    for question, choice in _given(fit, answers):
        if choice.first is not None:
            found[choice.first] = (*found.get(choice.first, ()), (question, choice.id))
    return found


def saving(fit: Fit, answers: Mapping[str, Answer]) -> bool:
    """Whether paying less matters."""
    return any(choice.saves for _, choice in _given(fit, answers))


def said_safe(fit: Fit, answers: Mapping[str, Answer], *, unsafe: bool) -> bool:
    """Whether the answers say that those near are not safe (`unsafe`), or that they are."""
    return any(choice.unsafe is unsafe for _, choice in _given(fit, answers))


def _given(fit: Fit, answers: Mapping[str, Answer]) -> Iterator[tuple[str, FitChoice]]:
    for question in fit.questions:
        answer = answers.get(question.id, ())
        picked = (answer,) if isinstance(answer, str) else answer
        yield from ((question.id, choice) for choice in question.choices if choice.id in picked)


def _suggestion(fit: Fit, outcome: str, answers: Mapping[str, Answer], alive: Collection[str]) -> Suggestion:
    most = 0
    for question in fit.questions:
        if answers.get(question.id):
            tops = [choice.weights.get(outcome, 0) for choice in question.choices]
            most += sum(tops) if question.kind == "several" else max(tops)
    for_it = {need: weights[outcome] for need, weights in fit.needs.items() if outcome in weights}
    if alive:
        most += sum(for_it.values())
    needs = tuple(need for need in alive if need in for_it)
    given = [(choice.weights.get(outcome, 0), question, choice.id) for question, choice in _given(fit, answers)]
    reasons = sorted((row for row in given if row[0]), key=lambda row: -row[0])
    got = sum(row[0] for row in reasons) + sum(for_it[need] for need in needs)
    pairs = tuple((question, choice) for _, question, choice in reasons)
    return Suggestion(outcome=outcome, share=got / most if most else 0.0, reasons=pairs, needs=needs)
