"""How learned weights are written, so that people can read them: bot/content/crisis/en.weights.yaml. Only text is made here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parents[2] / "bot" / "content" / "crisis" / "en.weights.yaml"
LEAST = 0.12  # a weight below this is none
HEAD = """\
# Weights for bot/understanding/weigh.py: how much a sign in a message speaks for (or against) each kind of danger. Signs are
# added up over some two dozen words. They raise a question where no pattern of en.yaml answers, and say whether a pattern was
# meant. Licence of these words: CC BY 4.0. Learned by tests/understanding/learn_crisis.py from the sets beside it, and from
# everyday talk that is no part of the project. A line that makes no sense to you should be taken out, and the tests run.
#
# classes   words of one kind, as "{name" in the weights. stems: irregular form:stem. base: what a message without any sign
#           weighs; at 0 it is a doubt. limits: from `urgent` on the words alone are an alarm; under `meant` what a pattern
#           says outright is only asked about, under `heard` it is not believed, unless a sentence has `alone` by itself.
#           weights: category (any: all of them) -> "weight: sign, sign". A sign is a stem, a {class, two of them in a
#           row, two with one word between (_), or one at the edge of a sentence (^ before it, $ behind it).
"""


def write(
    known: Mapping[str, Any],
    *,
    weights: Mapping[str, Mapping[str, float]],
    base: Mapping[str, float],
    limits: Mapping[str, float],
) -> int:
    """Write the file, with the classes and stems that are `known`; returns how many signs have a weight."""
    out = [HEAD, "classes:"]
    out += [f"  {name}: {_folded(words)}" for name, words in known["classes"].items()]
    out += [f"\nstems: {_folded(known['stems'], 2)}", "\nlimits:"]
    out += [f"  {name}: {value:.1f}" for name, value in limits.items()]
    out += ["\nbase:", *(f"  {category}: {value:.2f}" for category, value in base.items()), "\nweights:"]
    for category, signs in weights.items():
        lines = defaultdict(list)
        for sign, weight in signs.items():
            if abs(weight) >= LEAST and not set(sign) & set(",:#\n"):
                lines[round(weight, 1)].append(sign)
        out.append(f"  {category}: |")
        for weight in sorted(lines, reverse=True):
            out += [f"    {weight}: {part}" for part in _parts(sorted(lines[weight]))]
    TARGET.write_text("\n".join(out) + "\n", "utf-8")
    return sum(abs(weight) >= LEAST for signs in weights.values() for weight in signs.values())


def _parts(found: Sequence[str], most: int = 116) -> Iterable[str]:
    line = ""
    for sign in found:
        if line and len(line) + len(sign) > most:
            yield line
            line = ""
        line = f"{line}, {sign}" if line else sign
    yield line


def _folded(words: str, indent: int = 4, most: int = 118) -> str:
    lines, line = [], ""
    for word in str(words).split():
        if line and len(line) + len(word) > most:
            lines.append(line)
            line = ""
        line = f"{line} {word}".strip()
    return (f"\n{' ' * indent}").join([">-", *lines, line])
