"""The registry of conversations: every dialog, every command, in one explicit place."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot.content.model import Helplines, Pack
from bot.content.scoring import Score
from bot.conversation.book import Book, Command, Places
from bot.handlers import help as helping
from bot.handlers import needs, nudge, nudging, privacy, safety, welcome, why
from bot.handlers.result import Result
from bot.nudges.compose import Shelf

COMMANDS = (
    Command(name="start", to="home/menu"),
    Command(name="why", to="why/"),
    Command(name="needs", to="needs/menu"),
    Command(name="nudge", to="nudge/draw"),
    Command(name="nudges", to="nudging/door"),
    Command(name="sos", to="safety/sos"),
    Command(name="help", to="help/help"),
    Command(name="about", to="help/about"),
    Command(name="privacy", to="privacy/page"),
    Command(name="export", to="privacy/export"),
    Command(name="forget", to="privacy/forget"),
    Command(name="stop", to="welcome/stop"),
)
LANGUAGE = Command(name="language", to="help/language")


def book(pack: Pack, languages: Sequence[str], lines: Helplines | None, shelf: Callable[[], Shelf]) -> Book:
    """Everything that can be said, for this pack, these languages, helplines and nudges (which `shelf` reads when called).

    Raises BrokenDialog where they do not fit.
    """
    score = Score(pack)
    result = Result(pack, score)
    commands = (*COMMANDS, LANGUAGE) if len(languages) > 1 else COMMANDS
    dialogs = (
        welcome.dialog(lines),
        welcome.home(pack),
        why.dialog(pack, score),
        why.resume(pack, score),
        needs.dialog(pack, score),
        privacy.dialog(result),
        nudging.dialog(pack, result),
        nudge.dialog(pack, result, shelf),
        helping.dialog(pack, [command.name for command in commands], languages),
        safety.dialog(lines),
    )
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
        samples=nudge.SAMPLES,
        alarmed=nudging.alarmed,
        returned=nudging.returned,
    )
