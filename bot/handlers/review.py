"""The list of answers that can be changed, in any dialog that asks questions."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot.conversation.dialog import Option, View


def answered(names: Mapping[str, str]) -> Callable[[View], tuple[Option, ...]]:
    """A choice for each question that was answered; `names` has what each is called, by its step."""

    def options(view: View) -> tuple[Option, ...]:
        return tuple(Option(name, words=names[name], revisit=True) for name in view.answers if name in names)

    return options
