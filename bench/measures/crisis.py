"""The safety check: a typical message, the nastiest 4,000 characters, and what its lexicon keeps in memory."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from statistics import median

import yaml

from bench.plan import Plan
from bench.report import Row
from bench.timing import p50_blocking
from bot.understanding import crisis

SETS = Path(__file__).parents[2] / "tests" / "understanding"
BLOCK = 20
SIZE = crisis.LIMIT
TYPICAL_MOST = 0.3e-3
WORST_MOST = 5e-3
MEMORY_MOST = 5 * 1024 * 1024


async def measure(plan: Plan) -> list[Row]:
    """Memory first, before anything is read; then medians, for the worst text over all nasty ones."""
    kept = _kept()
    messages = _messages()
    for text in messages:
        crisis.assess(text)
    typical = [median(p50_blocking([partial(crisis.assess, text)]) for text in messages) for _ in range(plan.runs)]
    nasty = {name: _slowness(text, plan.runs) for name, text in _nasty()}
    worst = max(nasty, key=lambda name: nasty[name])
    return [
        _row("safety check: a typical message", median(typical), TYPICAL_MOST),
        _row(f"safety check: the worst of {len(nasty)} nasty texts of {SIZE:,} characters ({worst})", nasty[worst], WORST_MOST),
        Row(
            measure="safety check: memory of its lexicon",
            ours=f"{kept / 1024 / 1024:.1f} MiB",
            result=f"{kept / 1024 / 1024:.1f} MiB",
            goal="under 5 MiB",
            met=kept < MEMORY_MOST,
        ),
    ]


def _kept() -> int:
    """Bytes that stay allocated once the lexicon is read."""
    gc.collect()
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        crisis.warm()
        gc.collect()
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return after - before


def _messages() -> list[str]:
    """What people type, in trouble and not: the sets that the check is tested with."""
    sets = yaml.safe_load((SETS / "crisis_near_misses.yaml").read_text("utf-8"))
    texts = [text for lines in sets.values() for text in lines.splitlines()]
    for tiers in yaml.safe_load((SETS / "crisis_positives.yaml").read_text("utf-8")).values():
        texts += [text for lines in tiers.values() for text in lines.splitlines()]
    return texts


def _nasty() -> Iterator[tuple[str, str]]:
    """Texts made to keep the check busy: its own words in every mixture, disguises, signs, and nothing but marks."""
    sets = _messages()
    yield "messages of every kind, run together", _filled(" ".join(sets[:: max(1, len(sets) // 300)]).split())
    yield "the words of the alarms", _filled(word for text in sets[-900::7] for word in text.split())
    yield "no word twice", " ".join(dict.fromkeys(" ".join(sets).split()))[:SIZE]
    short = "i me my he is am it to not if and want die kill hit no"
    yield "short words", _filled(short)
    yield "one word", _filled(["kill"])
    yield "one letter, spaced", _filled(["k"])
    yield "starred", _filled(["k*ll", "h*ts", "d*e", "sui*ide"])
    yield "digits for letters", _filled(f"{a}{b}1{c}3{d}0" for a in "kshm" for b in "iaou" for c in "lcrt" for d in "enpd")
    yield "contractions", "n't" * (SIZE // 3)
    yield "unknown words", _filled(f"{a}{b}{c}x{a}q" for a in "bcdfgh" for b in "aeiou" for c in "klmnpr")
    yield "signs that stand for words", "🔪💊😂" * (SIZE // 3)
    yield "half a sentence again and again", _filled("died want want be with i him her took many many pills")
    yield "he said, she said", _filled("he said she says they hit me, my friend threw it at my head if i tell")
    yield "no sentence ends", _filled("not never nobody without i want to be here anymore and")
    yield "every word a sentence", _filled(f"{word}." for word in short.split())
    yield "alarms amid harmless talk", _filled("we talked about the garden. i want to die. he hits me. fine.")
    yield "marks without a letter", "\u0f71\u0f72\u0f74\u0f7a" * (SIZE // 4)
    yield "signs that grow when they are normalised", "\u33c2\u3392" * (SIZE // 2)


def _filled(words: str | Iterable[str]) -> str:
    return " ".join(islice(cycle(words.split() if isinstance(words, str) else words), SIZE))[:SIZE]


def _slowness(text: str, runs: int) -> float:
    return median(p50_blocking([partial(crisis.assess, text)] * BLOCK) for _ in range(runs))


def _row(measure: str, seconds: float, most: float) -> Row:
    shown = f"{seconds * 1000:.2f} ms"
    return Row(measure=measure, ours=shown, result=shown, goal=f"under {most * 1000:g} ms", met=seconds < most)
