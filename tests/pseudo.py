"""A language that nobody speaks, made from the English words: every letter is moved, every placeholder and mark stays.

It proves that a second language is files only, and that no sentence hides in code.
"""

from __future__ import annotations

import codecs
import re
from pathlib import Path
from typing import Any

import yaml

LANGUAGE = "qps"
_KEPT = re.compile(r"(\{\w+\}|\]\([^)]*\)|https?://\S+|/[a-z]+)")
_AS_THEY_ARE = ("facts", "count")


def translate(source: Path, target: Path) -> None:
    """Write the pseudo-language's file for an English one."""
    words = yaml.safe_load(source.read_text("utf-8"))
    target.write_text(yaml.safe_dump(_moved(words), allow_unicode=True, sort_keys=False), "utf-8")


def moved(text: str) -> str:
    """One text in the pseudo-language."""
    return "".join(part if _KEPT.fullmatch(part) else codecs.encode(part, "rot13") for part in _KEPT.split(text))


def _moved(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: item if key in _AS_THEY_ARE else _moved(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_moved(item) for item in value]
    return moved(value) if isinstance(value, str) else value
