"""What a measure is told: where it may write, how often it repeats, and how many people count as many."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """`folder` is empty, the measure's own, and removed afterwards. Medians are taken over `runs` repetitions."""

    folder: Path
    runs: int
    people: int

    def place(self, name: str) -> Path:
        """A new folder inside, for one database and its key."""
        path = self.folder / name
        path.mkdir()
        return path
