"""How to use Closer, where its words come from, and the choice of language."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.content.model import Pack, Source
from bot.conversation.dialog import END, Dialog, One, Option, Step, View
from bot.conversation.effects import Mark
from bot.conversation.replies import Lines, Say, Words
from bot.handlers.nudging import spoken


def dialog(pack: Pack, commands: Sequence[str], languages: Sequence[str]) -> Dialog:
    """Help for these commands and this pack. With one language only there is nothing to choose."""
    rows = tuple(Say("help.help.row", {"command": name, "does": Words(f"commands.{name}")}) for name in commands)
    about = (Say("help.about.text", {"date": pack.reviewed_on}), Say("help.about.limits"))
    steps: list[Step] = [
        One(
            name="help",
            words="help.help",
            says=lambda view: (Say("help.help.text", {"rows": Lines(rows)}),),
            options=(Option("done", END),),
        ),
        One(
            name="about",
            words="help.about",
            says=lambda view: about,
            options=(Option("sources", "sources"), Option("done", END)),
        ),
        One(name="sources", words="help.sources", says=lambda view: _sources(pack), options=(Option("done", END),)),
    ]
    if len(languages) > 1:
        steps.append(One(name="language", words="help.language", options=_languages, targets=(END,)))
    return Dialog(name="help", entries=("about", *(step.name for step in steps[3:])), table=tuple(steps))


def source_rows(pack: Pack, names: Iterable[str]) -> tuple[Say, ...]:
    """These sources of the pack, one by one."""
    return tuple(cited(pack.sources[name]) for name in names)


def cited(source: Source) -> Say:
    """One source, with where to find it."""
    values = {"author": source.author, "title": source.title, "year": str(source.year), "url": source.url}
    return Say("help.sources.row", values)


def _sources(pack: Pack) -> tuple[Say, ...]:
    main = next(iter(pack.sources.values()))
    reviewed = (Say("help.sources.reviewed", {"title": main.title, "date": main.reviewed}),) if main.reviewed else ()
    return (Say("help.sources.text"), *reviewed, *source_rows(pack, pack.sources))


def _languages(view: View) -> tuple[Option, ...]:
    return tuple(
        Option(code, END, effects=(Mark("language", code), *spoken(view, code)), label=Say(f"languages.{code}"))
        for code in view.facts.languages
    )
