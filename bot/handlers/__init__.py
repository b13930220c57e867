"""The registry of conversations: every dialog, every command, in one explicit place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import cycle

from bot.content.model import Helplines, Pack
from bot.content.scoring import Score
from bot.content.therapy import Guide
from bot.conversation.book import Book, Command, Places
from bot.conversation.dialog import Dialog
from bot.handlers import (
    checkin,
    fit,
    needs,
    nudge,
    nudging,
    planned,
    prepare,
    privacy,
    progress,
    reminders,
    safety,
    therapy,
    welcome,
    why,
)
from bot.handlers import help as helping
from bot.handlers.result import Result
from bot.nudges.compose import Shelf

COMMANDS = (
    Command(name="start", to="home/menu"),
    Command(name="why", to="why/"),
    Command(name="needs", to="needs/menu"),
    Command(name="nudge", to="nudge/draw"),
    Command(name="nudges", to="nudging/door"),
    Command(name="checkin", to="checkin/"),
    Command(name="progress", to="progress/page"),
    Command(name="therapy", to="therapy/menu"),
    Command(name="sos", to="safety/sos"),
    Command(name="help", to="help/help"),
    Command(name="about", to="help/about"),
    Command(name="privacy", to="privacy/page"),
    Command(name="export", to="privacy/export"),
    Command(name="forget", to="privacy/forget"),
    Command(name="stop", to="welcome/stop"),
)
LANGUAGE = Command(name="language", to="help/language")


def book(pack: Pack, languages: Sequence[str], lines: Helplines | None, shelf: Callable[[], Shelf], guide: Guide) -> Book:
    """Everything that can be said, for this pack, these languages, helplines, nudges (`shelf` reads them) and this guide.

    Raises BrokenDialog where they do not fit.
    """
    commands = (*COMMANDS, LANGUAGE) if len(languages) > 1 else COMMANDS
    dialogs = _dialogs(pack, languages, lines, shelf, guide, [command.name for command in commands])
    return Book(
        dialogs={dialog.name: dialog for dialog in dialogs},
        commands={command.name: command for command in commands},
        places=Places(
            welcome="welcome/hello",
            home="home/menu",
            lost="welcome/lost",
            stopped="welcome/stop",
            minor="welcome/minor",
            sos="safety",
            trouble="welcome/trouble",
            alarms=safety.ALARMS,
            cards=frozenset(("numbers", *(card.name for card in safety.CARDS))),
        ),
        mail=nudge.MAIL,
        samples=tuple({**nudges, **kept} for nudges, kept in zip(nudge.SAMPLES, cycle(progress.SAMPLES), strict=False)),
        alarmed=nudging.alarmed,
        returned=nudging.returned,
        withdrawn=planned.withdrawn,
    )


def _dialogs(
    pack: Pack,
    languages: Sequence[str],
    lines: Helplines | None,
    shelf: Callable[[], Shelf],
    guide: Guide,
    commands: Sequence[str],
) -> tuple[Dialog, ...]:
    score = Score(pack)
    result = Result(pack, score)
    return (
        welcome.dialog(lines),
        welcome.home(pack),
        why.dialog(pack, score),
        why.resume(pack, score),
        needs.dialog(pack, score),
        therapy.dialog(pack, guide),
        fit.dialog(pack, guide, score),
        prepare.dialog(pack, guide),
        therapy.resume(pack),
        privacy.dialog(result),
        nudging.dialog(pack, result),
        nudge.dialog(pack, result, shelf),
        *reminders.dialogs(),
        checkin.dialog(),
        checkin.resume(),
        progress.dialog(pack, shelf),
        helping.dialog(pack, commands, languages),
        safety.dialog(lines),
    )
