"""The five needs: what each is, why it happens, what helps it grow, and small steps of which one can be chosen for today.

Whoever is not safe with somebody near is never shown a step or page that points to partner or family.
"""

from __future__ import annotations

from collections.abc import Callable

from bot.content.model import Need, Pack, Page
from bot.content.scoring import Score
from bot.conversation.dialog import END, Dialog, One, Option, Step, View
from bot.conversation.effects import Mark
from bot.conversation.replies import Lines, Say, Words
from bot.handlers.help import source_rows
from bot.handlers.result import Result
from bot.handlers.steps import chosen, close_by, offered


def dialog(pack: Pack, score: Score) -> Dialog:
    """The library of needs in this pack."""
    result = Result(pack, score)
    pages = tuple(step for need in pack.needs for step in _pages(pack, need))
    return Dialog(
        name="needs",
        gated=True,
        table=(
            One(name="menu", words="needs.menu", says=_menu_says(pack, result), options=_menu(pack)),
            One(
                name="intimacy",
                words="needs.intimacy",
                says=lambda view: (Say(f"{pack.name}.intro.what.text"), Say(f"{pack.name}.intro.health.text")),
                options=(Option("menu", "menu"), Option("done", END)),
            ),
            *pages,
            One(
                name="taken",
                words="needs.taken",
                says=_taken(pack, result),
                options=(Option("done", END), Option("menu", "menu")),
            ),
        ),
    )


def _menu(pack: Pack) -> tuple[Option, ...]:
    names = tuple(Option(n.id, f"{n.id}_what", words=f"{pack.name}.needs.{n.id}.name") for n in pack.needs)
    return (*names, Option("intimacy", "intimacy"), Option("done", END))


def _menu_says(pack: Pack, result: Result) -> Callable[[View], tuple[Say, ...]]:
    rows = tuple(Say("needs.menu.row", {"need": _name(pack, n), "about": _about(pack, n)}) for n in pack.needs)
    head = (Say("needs.menu.text", {"rows": Lines(rows)}),)

    def says(view: View) -> tuple[Say, ...]:
        alive = result.alive(view.frames)
        if not alive:
            return head
        return (*head, Say("needs.menu.alive", {"needs": result.listed(alive)}))

    return says


def _pages(pack: Pack, need: Need) -> tuple[Step, ...]:
    """The screens of one need, in order: its pages, its steps, one step closely, further reading."""
    base = f"{pack.name}.needs.{need.id}"
    last = [*(f"{need.id}_{page.id}" for page in need.pages[1:]), f"{need.id}_steps"]
    pages = tuple(
        One(
            name=f"{need.id}_{page.id}",
            words="needs.page",
            says=_page(pack, base, page),
            options=(
                *((Option("next", after),) if after != f"{need.id}_steps" else ()),
                Option("steps", f"{need.id}_steps"),
                Option("read", f"{need.id}_read"),
                Option("menu", "menu"),
                Option("done", END),
            ),
        )
        for page, after in zip(need.pages, last, strict=True)
    )
    return (*pages, *_steps(pack, base, need), _reading(pack, need))


def _page(pack: Pack, base: str, page: Page) -> Callable[[View], tuple[Say, ...]]:
    def says(view: View) -> tuple[Say, ...]:
        shown = page.apart if page.near and not close_by(pack, view) else page.id
        return (Say(f"{base}.pages.{shown}.text"),)

    return says


def _steps(pack: Pack, base: str, need: Need) -> tuple[Step, Step]:
    listing, closely = f"{need.id}_steps", f"{need.id}_try"

    def choices(view: View) -> tuple[Option, ...]:
        steps = (Option(s.id, closely, words=f"{base}.steps.{s.id}.short") for s in offered(pack, need, view))
        return (*steps, Option("menu", "menu"))

    def seen(view: View) -> str:
        fit = [step.id for step in offered(pack, need, view)]
        answer = view.answers.get(listing)
        return answer if isinstance(answer, str) and answer in fit else fit[0]

    def take(view: View) -> tuple[Option, ...]:
        step = seen(view)
        mark = Mark("step", f"{need.id}.{step}")
        return (Option("take", "taken", effects=(mark,)), Option("others", listing), Option("menu", "menu"))

    return (
        One(
            name=listing,
            words="needs.steps",
            says=lambda view: (Say("needs.steps.text", {"need": Words(f"{base}.name")}),),
            options=choices,
            targets=(closely, "menu"),
        ),
        One(
            name=closely,
            words="needs.try",
            says=lambda view: (Say(f"{base}.steps.{seen(view)}.text"), Say("needs.try.text")),
            options=take,
            targets=("taken", listing, "menu"),
        ),
    )


def _reading(pack: Pack, need: Need) -> One:
    says = (Say("needs.reading.text", {"need": _name(pack, need)}), *source_rows(pack, need.reading))
    return One(
        name=f"{need.id}_read",
        words="needs.reading",
        says=lambda view: says,
        options=(
            Option("steps", f"{need.id}_steps"),
            Option("menu", "menu"),
            Option("therapy", "therapy/menu"),
            Option("done", END),
        ),
    )


def _taken(pack: Pack, result: Result) -> Callable[[View], tuple[Say, ...]]:
    menu = _menu_says(pack, result)

    def says(view: View) -> tuple[Say, ...]:
        step = chosen(pack, view)
        # None where the person started over in the meantime, or it no longer suits.
        return menu(view) if step is None else (Say("needs.taken.text", {"step": step}),)

    return says


def _name(pack: Pack, need: Need) -> Words:
    return Words(f"{pack.name}.needs.{need.id}.name")


def _about(pack: Pack, need: Need) -> Words:
    return Words(f"{pack.name}.needs.{need.id}.about")
