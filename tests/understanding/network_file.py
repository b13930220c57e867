"""The bytes of a network, as bot/understanding/weigh.py reads them: from whole numbers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import chain
from struct import pack
from typing import Any

Numbers = Sequence[int]


def network(
    *,
    categories: Sequence[str],
    unit: int,
    limits: Mapping[str, float],
    table: Sequence[Sequence[Numbers]],
    sums: Sequence[Numbers],
    begins: Numbers,
    worth: Sequence[Numbers],
    base: Numbers,
) -> bytes:
    """`table`: for each class of words what it adds to every filter (-127 to 127) as the word before, itself, the word after;
    `sums`: what it adds by itself to "none" and each category; `begins`: what each filter begins with; `worth`: what a filter
    is worth to "none" and each category; `base`: what is added to every message."""
    head = {"categories": list(categories), "filters": len(begins), "unit": unit, "limits": dict(limits)}
    bytes_of_table = bytes(value + 128 for word in table for row in word for value in row)
    parts = (("i", list(chain(*sums))), ("h", begins), ("h", list(chain(*worth))), ("i", base))
    packed = (pack(f"<{len(values)}{kind}", *values) for kind, values in parts)
    return json.dumps(head).encode() + b"\n" + bytes_of_table + b"".join(packed)


def plain(words: Mapping[str, float], *, base: float = 0.0, limits: Mapping[str, float] | None = None) -> dict[str, Any]:
    """Words and network, as Weigher takes them, that knows suicide only: what `words` weigh by themselves, added to `base`."""
    return {
        "words": "\n".join(["", *words]),
        "network": network(
            categories=["suicide"],
            unit=1000,
            limits=limits or {},
            table=[[[0]] * 3] * (len(words) + 1),
            sums=[[0, round(1000 * weight)] for weight in (0.0, *words.values())],
            begins=[0],
            worth=[[0, 0]],
            base=[0, round(1000 * base)],
        ),
    }
