"""All dialogs of a bot together: the commands that open them, and the places that the kernel itself needs to know.

Checked as a whole when built: every place named anywhere exists.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from bot.conversation.dialog import BrokenDialog, Dialog, View, targets
from bot.conversation.effects import Effect
from bot.conversation.facts import Paper

Hook: TypeAlias = Callable[[View], tuple[Effect, ...]]


def _nothing(_: View) -> tuple[Effect, ...]:
    return ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Command:
    """`/name`, and the place it opens."""

    name: str
    to: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Places:
    """Where the kernel goes on its own: the first screen, the resting place, and the answers to what may happen.

    `cards` are the steps of the dialog `sos` that show where help is.
    """

    welcome: str
    home: str
    lost: str
    stopped: str
    minor: str
    sos: str
    trouble: str
    alarms: Mapping[tuple[str, str], str]
    cards: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class Book:
    """Dialogs by name, commands by name, places.

    `mail`: where the buttons lead that stand under what was sent unasked, by their names. They mean the same whatever is on
    screen, and carry what they are about: `done.739000` leads to `done`, and marks 739000 as `mail`.
    `samples`: papers as they may be stored, for whoever walks through all dialogs to see what they say.
    `alarmed`, `returned` and `withdrawn`: what else is to be done after an alarm, when somebody writes who could not be
    reached, and after a yes was taken back.
    """

    dialogs: Mapping[str, Dialog]
    commands: Mapping[str, Command]
    places: Places
    mail: Mapping[str, str] = field(default_factory=dict)
    samples: tuple[Mapping[str, Paper], ...] = ()
    alarmed: Hook = _nothing
    returned: Hook = _nothing
    withdrawn: Hook = _nothing

    def __post_init__(self) -> None:
        named = [(f"command '/{c.name}'", c.to) for c in self.commands.values()]
        places = self.places
        named += [
            ("the book's places", p)
            for p in (places.welcome, places.home, places.lost, places.stopped, places.minor, f"{places.sos}/", places.trouble)
        ]
        named += [(f"the alarm {key}", to) for key, to in places.alarms.items()]
        named += [(f"the mail '{name}'", to) for name, to in self.mail.items()]
        for dialog in self.dialogs.values():
            named += [(f"dialog '{dialog.name}', step '{s.name}'", t) for s in dialog.table for t in targets(s) if "/" in t]
            if dialog.resume:
                named.append((f"dialog '{dialog.name}'", dialog.resume))
        for who, target in named:
            self._must_exist(who, target)

    def _must_exist(self, who: str, target: str) -> None:
        name, _, step = target.partition("/")
        dialog = self.dialogs.get(name)
        if dialog is None or (step and step not in dialog.steps):
            raise BrokenDialog(f"{who}: leads to '{target}', which does not exist; correct the name")
