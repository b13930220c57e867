"""The words of `/privacy` as a page for a browser: the same steps of the same dialog. Pure; no script, nothing from afar."""

from __future__ import annotations

import base64
import hashlib
import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.content.library import DEFAULT, Library
from bot.content.markup import Style, written
from bot.content.render import speak
from bot.conversation.book import Book
from bot.conversation.dialog import View
from bot.conversation.facts import Facts
from bot.conversation.replies import Quote, Say

# What of the dialog stands on the page: these steps, but for what is about the one who asks.
STEPS = ("page", "more")
PERSONAL = frozenset({"privacy.page.nothing", "privacy.page.stored"})
_STYLE = (
    ":root{color-scheme:light dark}body{max-width:38rem;margin:2rem auto;padding:0 1rem;font:1.05rem/1.6 system-ui,sans-serif}"
    "h1{font-size:1.5rem}h2{font-size:1.2rem}"
)
_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "public, max-age=300",
    "Vary": "Accept-Language",
}
_HEADING = re.compile(r"\*\*([^*]+)\*\*")
_QUALITY = re.compile(r"\s*([A-Za-z-]+)\s*(?:;\s*q=([0-9.]{1,5}))?\s*")


@dataclass(frozen=True, kw_only=True, slots=True)
class Operator:
    """Who runs this copy, and how they can be reached, as they want it said. `keeps`: as in Facts."""

    name: str | None = None
    contact: str | None = None
    keeps: int = 12


def page(book: Book, library: Library, language: str, operator: Operator, now: datetime) -> str:
    """The page in this language. Raises ContentError where words are missing."""
    title = f"Closer: {library.text(language, 'commands.privacy')}"
    texts = (_element(each, first=not at) for at, each in enumerate(_paragraphs(book, library, language, operator, now)))
    return (
        f'<!doctype html>\n<html lang="{html.escape(language)}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{html.escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f"{''.join(texts)}{_languages(library, language)}</body>\n</html>\n"
    )


def chosen(library: Library, asked: str | None, accepted: str) -> str:
    """The language of the page: the one asked for, else the best of an Accept-Language header that is spoken here."""
    parts = [found for part in accepted[:500].split(",") if (found := _QUALITY.fullmatch(part))]
    wanted = [part[1] for part in sorted(parts, key=lambda part: -_number(part[2])) if _number(part[2])]
    tags = [asked, *wanted]
    return next((spoken for tag in tags if (spoken := library.spoken(tag))), DEFAULT)


def _number(quality: str | None) -> float:
    try:
        return 1.0 if quality is None else float(quality)
    except ValueError:
        return 0.0


def _paragraphs(book: Book, library: Library, language: str, operator: Operator, now: datetime) -> Iterator[str]:
    facts = Facts(now=now, platform="telegram", languages=library.languages, language=language, keeps=operator.keeps)
    view = View({}, {}, (), facts)
    steps = book.dialogs["privacy"].steps
    says = [say for name in STEPS for say in steps[name].spoken(view) if say.key not in PERSONAL]
    says.append(Say("privacy.web.chat"))
    if operator.name:
        says.append(Say("privacy.web.operator", {"name": Quote(operator.name)}))
    if operator.contact:
        says.append(Say("privacy.web.contact", {"contact": Quote(operator.contact)}))
    for say in says:
        yield from speak(say, library, language).split("\n\n")


def _element(text: str, *, first: bool) -> str:
    heading = _HEADING.fullmatch(text.strip())
    if heading:
        level = "h1" if first else "h2"
        return f"<{level}>{written(heading[1], _HTML)}</{level}>\n"
    return f"<p>{written(text, _HTML).replace(chr(10), '<br>')}</p>\n"


def _languages(library: Library, current: str) -> str:
    """Ways to the other languages, where there are any."""
    names = [(code, library.text(code, "language.name")) for code in library.languages if code != current]
    links = (f'<a href="?lang={html.escape(code)}" lang="{html.escape(code)}">{html.escape(name)}</a>' for code, name in names)
    return f"<p>{' · '.join(links)}</p>\n" if names else ""


def _link(inside: str, address: str) -> str:
    if not address.startswith(("https://", "http://")):
        return inside
    return f'<a href="{html.escape(address)}" rel="noopener noreferrer">{inside}</a>'


_HTML = Style(text=html.escape, bold="<strong>{}</strong>".format, soft="<em>{}</em>".format, link=_link)
