"""The yearly safety report, as Markdown to publish: what was counted, in which words, and what is kept back. Pure.

Counts from 1 to 4 are shown as "fewer than 5": where few people use a copy, a small number may point to one of them. A sum
over such a row says no more than the rows shown say together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bot.conversation.effects import CARD, REFERRAL
from bot.ports import Tally

FEWEST = 5
KINDS = (CARD, REFERRAL)
CATEGORIES: Mapping[str, str] = {
    "suicide": "Thoughts of suicide",
    "self_harm": "Hurting oneself",
    "abuse": "Violence or abuse by somebody near, stalking",
    "sexual_assault": "Sexual violence",
    "harm_to_others": "Harming somebody else",
    "eating_disorder": "Trouble with eating",
    "minor": "Under 18",
    "said_no": "Asked about suicide, and said no",
    "asked": "Opened by the person (“Get help now”)",
}
_HEAD = """\
# Safety report {year}

Closer is a scripted program. It checks what people type for signs of danger, and shows them where people are who help. It
counts how often, for all people together. It keeps no name, no text and no day with these counts.

- **Help cards shown**: how often a card with help came on a screen, because of what somebody typed or answered, or because
  they opened it.
- **Referrals made**: how often a screen named where help is: each card, and each list of numbers for a country.

These are screens, not people: one person may see several. The check misses things, and is sometimes wrong; nothing here says
what anybody did afterwards.

| Reason | Help cards shown | Referrals made |
|---|---:|---:|
"""
_FOOT = """
Counts from 1 to {most} are shown as “fewer than {fewest}”, so that no number points to one person. The sum then gives only what
the rows above it give together. The year is that of UTC.{partly}

{protocol}
"""


def report(tallies: Iterable[Tally], year: int, *, this_year: int, protocol: str | None) -> str:
    """The report for `year`. `protocol` is the address at which the operator publishes the safety protocol."""
    counts = {(tally.category, tally.kind): tally.count for tally in tallies if tally.year == year}
    names = {**CATEGORIES, **{category: category for category, _ in sorted(counts) if category not in CATEGORIES}}
    columns = {kind: [counts.get((category, kind), 0) for category in names] for kind in KINDS}
    rows = [(name, *(_shown(columns[kind][place]) for kind in KINDS)) for place, name in enumerate(names.values())]
    rows.append(("**All together**", *(_sum(columns[kind]) for kind in KINDS)))
    partly = " This year is not over yet." if year == this_year else ""
    where = f"The safety protocol: {f'<{protocol}>' if protocol else '(set SAFETY_PROTOCOL_URL to its address)'}"
    table = "".join(f"| {' | '.join(row)} |\n" for row in rows)
    return _HEAD.format(year=year) + table + _FOOT.format(most=FEWEST - 1, fewest=FEWEST, partly=partly, protocol=where)


def _shown(count: int) -> str:
    return f"fewer than {FEWEST}" if 0 < count < FEWEST else str(count)


def _sum(counts: Iterable[int]) -> str:
    """The sum; where a row is kept back, only the least that the rows as shown can come to."""
    counts = tuple(counts)
    if not any(0 < count < FEWEST for count in counts):
        return str(sum(counts))
    least = sum(1 if 0 < count < FEWEST else count for count in counts)
    return f"at least {least}"
