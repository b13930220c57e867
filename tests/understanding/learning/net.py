"""The network itself, as it learns: what bot/understanding/weigh.py does with whole numbers, in PyTorch."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from sklearn.cluster import MiniBatchKMeans
from torch import nn
from torch.nn import functional

from bot.understanding.weigh import HALF
from tests.understanding.learning.descent import NOTHING, batches, descend, padded
from tests.understanding.learning.messages import KINDS

EDGE, UNKNOWN = NOTHING, 1  # rows of the table before those of the words
BATCH = 128
_AWAY = -1e4


class Net(nn.Module):
    """Words to KINDS. `vectors`: what is known of each word before; `filters`: how many triples of words are looked for."""

    def __init__(self, vectors: Any, filters: int) -> None:
        super().__init__()
        start = np.concatenate([np.zeros((2, vectors.shape[1])), vectors]).astype("float32")
        self.words = nn.Embedding.from_pretrained(torch.tensor(start), freeze=False, padding_idx=EDGE)
        self.triples = nn.Conv1d(vectors.shape[1], filters, 3, padding=1)
        self.drop = nn.Dropout(0.1)
        self.out = nn.Linear(filters, len(KINDS))
        self.alone = nn.Embedding(len(start), len(KINDS), padding_idx=EDGE)
        nn.init.zeros_(self.alone.weight)

    def forward(self, rows: Any) -> Any:
        there = rows != EDGE
        if self.training:
            rows = torch.where(there & (torch.rand(rows.shape) < 0.08), UNKNOWN, rows)
        vectors = self.words(rows)
        if self.training:
            vectors = functional.dropout(vectors, 0.15)
        found = self.triples(vectors.transpose(1, 2)).masked_fill(~there.unsqueeze(1), _AWAY)
        again = (rows.unsqueeze(2) == rows.unsqueeze(1)).tril(-1).any(2)  # a word counts by itself once
        return self.out(self.drop(found.max(2).values.relu())) + self.alone(torch.where(again, EDGE, rows)).sum(1)

    def run(self, rows: Sequence[Sequence[int]]) -> Any:
        """What each of KINDS weighs in each row of words."""
        self.eval()
        found = np.zeros((len(rows), len(KINDS)), "float32")
        with torch.no_grad():
            for batch in batches([len(row) for row in rows], 512, mixed=False):
                found[batch] = self(padded([rows[at] for at in batch])).numpy()
        return found

    def share(self, rows: Sequence[Sequence[int]], classes: int, kept: int) -> Any:
        """Let words share `classes` rows of the table, the `kept` most frequent of `rows` one each; which row each word has."""
        often = np.bincount([word for row in rows for word in row], minlength=self.words.num_embeddings)
        often[:2] = often.max() + 1
        order = np.argsort(-often, kind="stable")
        alone, others = order[:kept], order[kept:]
        weights = self.words.weight.data.numpy()
        groups = MiniBatchKMeans(classes - kept, random_state=0, n_init=1, batch_size=4096, max_iter=60)
        group = groups.fit_predict(weights[others], sample_weight=1.0 + often[others])
        place = np.zeros(len(weights), "int64")
        place[np.sort(alone)] = np.arange(kept)
        used = {name: kept + at for at, name in enumerate(sorted(set(group)))}
        place[others] = [used[name] for name in group]
        worth = (1.0 + often)[:, None]
        for table in (self.words, self.alone):
            mean = np.zeros((kept + len(used), table.weight.shape[1]))
            weight = np.zeros((len(mean), 1))
            np.add.at(mean, place, table.weight.data.numpy() * worth)
            np.add.at(weight, place, worth)
            table.weight = nn.Parameter(torch.tensor((mean / weight).astype("float32")))
            table.num_embeddings = len(mean)
        return place


def learn(net: Net, rows: Sequence[Sequence[int]], wanted: Any, worth: Any, *, rounds: int, rate: float = 2e-3) -> None:
    """Make the net answer as it is `wanted`: the shares of KINDS for each row. Rows are cut to what is weighed together."""
    rows = [row[: 2 * HALF] for row in rows]
    wanted, worth = torch.tensor(wanted, dtype=torch.float32), torch.tensor(worth, dtype=torch.float32)

    def loss(batch: list[int]) -> Any:
        logs = functional.log_softmax(net(padded([rows[at] for at in batch])), 1)
        return -((wanted[batch] * logs).sum(1) * worth[batch]).mean()

    others = [value for name, value in net.named_parameters() if name != "words.weight"]
    groups = [{"params": [net.words.weight], "lr": rate / 5, "weight_decay": 0.0}, {"params": others, "lr": rate}]
    descend(net, groups, [len(row) for row in rows], loss, size=BATCH, rounds=rounds, warm=300, decay=0.02, least=0.02)


def seed(number: int) -> None:
    random.seed(number)
    np.random.seed(number)
    torch.manual_seed(number)
