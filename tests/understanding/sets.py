"""The sets of messages that the check is made and measured with, as they are read by its tests."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import yaml

HERE = Path(__file__).parent


def apart_by_checksum(text: str) -> bool:
    """A third of every set, counted apart."""
    return zlib.crc32(text.encode()) % 3 == 0


def positives(apart: bool) -> Iterator[tuple[str, str, str]]:
    for category, tiers in yaml.safe_load((HERE / "crisis_positives.yaml").read_text("utf-8")).items():
        for tier, lines in tiers.items():
            for text in lines.splitlines():
                if apart_by_checksum(text) == apart:
                    yield category, tier, text


def near_misses(apart: bool) -> list[str]:
    sets = yaml.safe_load((HERE / "crisis_near_misses.yaml").read_text("utf-8"))
    return [text for lines in sets.values() for text in lines.splitlines() if apart_by_checksum(text) == apart]


def voices(name: str) -> Iterator[tuple[str, str]]:
    """What a set in the shape of crisis_voices.yaml holds: the name of a block, and each of its lines."""
    blocks = yaml.safe_load((HERE / name).read_text("utf-8"))
    yield from ((block, text) for block, lines in blocks.items() for text in lines.splitlines())


def learned_from() -> Iterator[str]:
    """Every text that rules or the network were made with."""
    yield from (text for apart in (False, True) for _, _, text in positives(apart))
    yield from (text for apart in (False, True) for text in near_misses(apart))
    yield from (text for path in HERE.glob("crisis_voices*.yaml") for _, text in voices(path.name))


def share(hits: Sequence[bool]) -> float:
    return sum(hits) / len(hits)
