"""The therapy guide: what kinds there are, two of them side by side, and where licences can be checked. It offers none.

Whoever is not safe with somebody near is never shown a kind, side or page that takes people along who are close.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from bot.content.fitting import said_safe
from bot.content.model import Pack, Page
from bot.content.therapy import PART, Directory, Guide, Kind, KindPage
from bot.conversation.charts import Ring
from bot.conversation.dialog import END, Dialog, One, Option, Step, View
from bot.conversation.effects import Draw, Fresh
from bot.conversation.replies import Lines, Say, Territory, Words
from bot.handlers.help import source_rows
from bot.handlers.steps import close_by

ELSEWHERE = "world"
FIT, PREPARE = "fit", "prepare"


def base_of(pack: Pack) -> str:
    """What the keys of all words of the guide begin with."""
    return f"{pack.name}.{PART}"


def near_shown(view: View) -> bool:
    """Whether partner and family may be spoken of: nobody near is known to be unsafe."""
    return not view.marks.get("unsafe")


def near_suggested(pack: Pack, guide: Guide, view: View) -> bool:
    """Whether they may be pointed to: the person said that those close to them are safe, and never the opposite."""
    frame = view.frames.get(FIT)
    safe = frame is not None and said_safe(guide.fit, frame.answers, unsafe=False)
    return near_shown(view) and (safe or close_by(pack, view))


def first_page(kind: Kind) -> str:
    """The step at which this kind begins."""
    return f"{kind.id}_{kind.pages[0].id}"


def dialog(pack: Pack, guide: Guide) -> Dialog:
    """The guide of this pack."""
    base = base_of(pack)
    return Dialog(
        name="therapy",
        gated=True,
        table=(
            One(name="menu", words=f"{base}.menu", options=_MENU),
            *_general(base, guide),
            _kinds(base, guide),
            *(page for kind in guide.kinds for page in _pages(base, kind)),
            *_comparing(base, guide),
            One(name="find", words=f"{base}.find", options=_FIND),
            *_directories(base, guide),
            _reading(base, pack, guide),
        ),
    )


def resume(pack: Pack) -> Dialog:
    """Ask whether to go on with what fits, or with getting ready, where the person was; or to start over."""
    base = f"{base_of(pack)}.resume"
    return Dialog(
        name="therapy_resume",
        passing=True,
        gated=True,
        entries=(PREPARE,),
        table=tuple(
            One(
                name=name,
                words=f"{base}.{name}",
                options=(Option("on", END), Option("over", f"{name}/start", effects=(Fresh(name),))),
            )
            for name in (FIT, PREPARE)
        ),
    )


_MENU = (
    Option("when", "when"),
    Option("kinds", "kinds"),
    Option("compare", "compare"),
    Option("fit", f"{FIT}/"),
    Option("prepare", f"{PREPARE}/"),
    Option("find", "find"),
    Option("done", END),
)
_FIND = (
    Option("cost", "cost"),
    Option("licence", "licence"),
    Option("country", "country"),
    Option("menu", "menu"),
    Option("done", END),
)


# -- pages -----------------------------------------------------------------------------------------------------------


def _onward(words: str, after: str, drawn: tuple[Draw, ...] = ()) -> tuple[Option, ...]:
    """The ways on from a page; `after` is the next one, if any, and `drawn` the pictures on it."""
    ways = (("next", after), ("kinds", "kinds"), ("compare", "compare"), ("fit", f"{FIT}/"), ("menu", "menu"), ("done", END))
    return tuple(
        Option(key, to, f"{words}.options.{key}", f"{words}.also.{key}", effects=drawn if key == "next" else ())
        for key, to in ways
        if to
    )


def _general(base: str, guide: Guide) -> Iterator[Step]:
    """What goes for every kind, page by page; after the last one, where the words come from."""
    for page, after in zip(guide.pages, (*guide.pages[1:], "read"), strict=True):
        yield One(name=page, words=f"{base}.pages.{page}", options=_onward(f"{base}.page", after))


def _kinds(base: str, guide: Guide) -> One:
    def here(view: View) -> tuple[Kind, ...]:
        return tuple(kind for kind in guide.kinds if not kind.near or near_shown(view))

    def says(view: View) -> tuple[Say, ...]:
        rows = tuple(
            Say(f"{base}.kinds.row", {"kind": _word(base, k, "name"), "about": _word(base, k, "about")}) for k in here(view)
        )
        return (Say(f"{base}.kinds.text", {"rows": Lines(rows)}),)

    def options(view: View) -> tuple[Option, ...]:
        return (*(Option(k.id, first_page(k), words=f"{base}.kinds.{k.id}.name") for k in here(view)), Option("menu", "menu"))

    to = (*(first_page(kind) for kind in guide.kinds), "menu")
    return One(name="kinds", words=f"{base}.kinds", says=says, options=options, targets=to)


def _word(base: str, kind: Kind, part: str) -> Words:
    return Words(f"{base}.kinds.{kind.id}.{part}")


def _pages(base: str, kind: Kind) -> Iterator[Step]:
    names = [f"{kind.id}_{page.id}" for page in kind.pages]
    following = (*(_ring(base, kind, page) for page in kind.pages[1:]), ())
    for page, name, after, drawn in zip(kind.pages, names, (*names[1:], ""), following, strict=True):
        onward = _onward(f"{base}.page", after, drawn)
        says = _page(base, kind, page)
        if not kind.near:
            yield One(name=name, words=f"{base}.page", says=says, options=onward)
            continue
        yield One(
            name=name,
            words=f"{base}.page",
            says=says,
            options=_unless_apart(onward),
            targets=tuple(option.to for option in onward),
        )


def _ring(base: str, kind: Kind, page: KindPage) -> tuple[Draw, ...]:
    """What a page says in words, as a picture: what leads to what, round and round."""
    if page.ring is None:
        return ()
    words = f"{base}.kinds.{kind.id}.pages.{page.id}.ring"
    first, second, third, fourth = (Say(f"{words}.{link}") for link in page.ring)
    links = (first, second, third, fourth)
    return (
        Draw(Ring(title=Say(f"{words}.title"), note=Say(f"{words}.note"), links=links), Say(f"{words}.alt", {"links": links})),
    )


def _unless_apart(onward: tuple[Option, ...]) -> Callable[[View], tuple[Option, ...]]:
    """All of these, but not the next page of a kind that is left out."""
    return lambda view: onward if near_shown(view) else tuple(option for option in onward if option.key != "next")


def _page(base: str, kind: Kind, page: Page) -> Callable[[View], tuple[Say, ...]]:
    pages = f"{base}.kinds.{kind.id}.pages"
    whole = (Say(f"{pages}.{page.id}.text"),)
    apart = (Say(f"{base}.apart.text"),) if kind.near else (Say(f"{pages}.{page.apart or page.id}.text"),)
    return lambda view: whole if near_shown(view) else apart


# -- side by side ----------------------------------------------------------------------------------------------------


def _comparing(base: str, guide: Guide) -> Iterator[Step]:
    sides = {side.id: side for side in guide.compare.sides}

    def here(view: View, besides: str = "") -> Iterator[str]:
        return (name for name, side in sides.items() if name != besides and (not side.near or near_shown(view)))

    def choices(view: View, to: str, besides: str = "") -> tuple[Option, ...]:
        names = here(view, besides)
        return (
            *(Option(n, to, words=f"{base}.sides.{n}.name", also=f"{base}.kinds.also.{n}") for n in names),
            Option("menu", "menu"),
        )

    def picked(view: View, step: str) -> str:
        answer = view.answers.get(step)
        return answer if isinstance(answer, str) and answer in here(view) else ""

    def shown(view: View) -> tuple[Say, ...]:
        one, other = picked(view, "compare"), picked(view, "with")
        return tuple(_beside(base, guide, one, other)) if one and other else (Say(f"{base}.apart.text"),)

    again = (Option("again", "compare"), Option("kinds", "kinds"), Option("fit", f"{FIT}/"), Option("done", END))
    words = f"{base}.compare"
    yield One(name="compare", words=words, options=lambda view: choices(view, "with"), targets=("with", "menu"))
    yield One(
        name="with",
        words=words,
        says=lambda view: (Say(f"{words}.with"),),
        options=lambda view: choices(view, "sides", picked(view, "compare")),
        targets=("sides", "menu"),
    )
    yield One(name="sides", words=f"{base}.sides", says=shown, options=again)


def _beside(base: str, guide: Guide, one: str, other: str) -> Iterator[Say]:
    """Row by row, both sides: columns would not fit a phone."""
    names = {"one": Words(f"{base}.sides.{one}.name"), "other": Words(f"{base}.sides.{other}.name")}
    yield Say(f"{base}.compare.head", names)
    for row in guide.compare.rows:
        this, that = Words(f"{base}.sides.{one}.{row}"), Words(f"{base}.sides.{other}.{row}")
        yield Say(f"{base}.compare.row", {**names, "row": Words(f"{base}.compare.rows.{row}"), "this": this, "that": that})


# -- public lists ----------------------------------------------------------------------------------------------------


def _directories(base: str, guide: Guide) -> tuple[Step, Step]:
    """The question for the country, asked and never assumed, and its lists; or how to search."""
    countries = (
        *(
            Option(
                code,
                "found",
                also=f"safety.country.also.{code}",
                label=Say("safety.country.name", {"country": Territory(code)}),
            )
            for code in guide.directories
        ),
        Option(ELSEWHERE, "found"),
    )

    def found(view: View) -> tuple[Say, ...]:
        place = view.answers.get("country")
        lists = guide.directories.get(place, ()) if isinstance(place, str) else ()
        if not lists:
            return (Say(f"{base}.found.world"),)
        rows = Lines(tuple(_row(base, each) for each in lists))
        sure = all(each.status == "confirmed" for each in lists)
        return (
            Say(f"{base}.found.text", {"country": Territory(str(place)), "rows": rows}),
            *(() if sure else (Say(f"{base}.found.unconfirmed"),)),
            Say(f"{base}.found.more"),
        )

    on = (Option("country", "country"), Option("licence", "licence"), Option("prepare", f"{PREPARE}/"), Option("done", END))
    return (
        One(name="country", words=f"{base}.country", options=countries),
        One(name="found", words=f"{base}.found", says=found, options=on),
    )


def _row(base: str, each: Directory) -> Say:
    use = Words(f"{base}.found.use.{each.use}")
    return Say(f"{base}.found.row", {"name": each.name, "url": each.source_url, "use": use, "by": each.by})


def _reading(base: str, pack: Pack, guide: Guide) -> One:
    says = (Say(f"{base}.read.text"), *source_rows(pack, guide.reading))
    return One(name="read", words=f"{base}.read", says=lambda view: says, options=(Option("menu", "menu"), Option("done", END)))
