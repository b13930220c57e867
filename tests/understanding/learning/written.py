"""How the network is written: bot/content/crisis/en.words.txt and en.network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from bot.understanding.crisis import CATEGORIES
from tests.understanding.learning.messages import CONTENT
from tests.understanding.learning.net import EDGE, UNKNOWN
from tests.understanding.network_file import network

UNIT = 1 << 16
WORDS, NETWORK = CONTENT / "crisis" / "en.words.txt", CONTENT / "crisis" / "en.network"


def write(
    net: Any, words: Sequence[str], place: Any, *, limits: Mapping[str, float], doubt: float, sooner: Mapping[str, float]
) -> None:
    """Write the net; `place`: the row of its table for EDGE, UNKNOWN and each of the words. `doubt`: what becomes 0 of a
    weight; `sooner`: what is added to a category."""
    parts = {name: value.data.numpy().astype("float64") for name, value in net.named_parameters()}
    table = np.einsum("kd,fdo->kof", parts["words.weight"], parts["triples.weight"])
    fine = np.abs(table).max() / 127
    lines, order = _lines(words, place)
    base = parts["out.bias"] + np.array([doubt, *(sooner.get(name, 0.0) for name in CATEGORIES)])
    WORDS.write_text("\n".join(lines), "utf-8")
    NETWORK.write_bytes(
        network(
            categories=CATEGORIES,
            unit=UNIT,
            limits={name: limit - doubt for name, limit in limits.items()},
            table=_whole(table[order] / fine),
            sums=_whole(parts["alone.weight"][order] * UNIT),
            begins=_whole(parts["triples.bias"] / fine),
            worth=_whole(parts["out.weight"].T * fine * UNIT),
            base=_whole(base * UNIT),
        )
    )


def _whole(values: Any) -> Any:
    return np.round(values).astype(int).tolist()


def _lines(words: Sequence[str], place: Any) -> tuple[list[str], list[int]]:
    """The words of each class, and its row; the unknown ones first."""
    found: dict[int, list[str]] = {int(place[UNKNOWN]): []}
    for word, row in zip(words, place[EDGE + 2 :], strict=True):
        if row != place[UNKNOWN]:
            found.setdefault(int(row), []).append(word)
    return [" ".join(line) for line in found.values()], list(found)
