"""Learning by batches of rows of about the same length: what the teacher and the network share."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from math import inf
from typing import Any

import torch
from torch import nn

NOTHING = 0  # what fills up a row: neither a word piece nor a word


def batches(lengths: Sequence[int], size: int, *, mixed: bool = True) -> Iterator[list[int]]:
    """Places of rows of about the same length, `size` at a time, in an order by chance if `mixed`."""
    order = list(range(len(lengths)))
    if mixed:
        random.shuffle(order)
    near = 40 * size if mixed else len(order)
    found = []
    for start in range(0, len(order), near):
        part = sorted(order[start : start + near], key=lengths.__getitem__)
        found += [part[at : at + size] for at in range(0, len(part), size)]
    if mixed:
        random.shuffle(found)
    yield from found


def padded(rows: Sequence[Sequence[int]]) -> Any:
    """One table of these rows."""
    table = torch.full((len(rows), max(map(len, rows))), NOTHING)
    for place, row in enumerate(rows):
        table[place, : len(row)] = torch.tensor(row)
    return table


def descend(
    model: nn.Module,
    groups: Iterable[dict[str, Any]],
    lengths: Sequence[int],
    loss: Callable[[list[int]], Any],
    *,
    size: int,
    rounds: int,
    warm: int,
    decay: float,
    least: float = 0.0,
    steepest: float = inf,
) -> None:
    """Make the `loss` of batches of `size` smaller: at the rates of the `groups`, which grow over `warm` steps and then shrink
    to the share `least`, with no step `steepest` or more."""
    optimizer = torch.optim.AdamW(groups, weight_decay=decay)
    steps = rounds * (len(lengths) // size + 1)
    slower = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: min(1.0, step / warm) * max(least, 1 - step / steps))
    for _ in range(rounds):
        model.train()
        for batch in batches(lengths, size):
            optimizer.zero_grad()
            loss(batch).backward()
            nn.utils.clip_grad_norm_(model.parameters(), steepest)
            optimizer.step()
            slower.step()
