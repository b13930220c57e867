"""A reply as bytes, to be kept until it can be delivered. Pure: who keeps it seals it."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Sequence
from typing import Any

from bot.content.render import Bubble, Button, File


def pack(bubbles: Sequence[Bubble]) -> bytes:
    """The bubbles of one reply as JSON."""
    return json.dumps([_packed(bubble) for bubble in bubbles], ensure_ascii=False, separators=(",", ":")).encode()


def unpack(reply: bytes) -> tuple[Bubble, ...]:
    """The bubbles that were packed. Raises ValueError for anything else."""
    try:
        return tuple(_unpacked(**bubble) for bubble in json.loads(reply))
    except (TypeError, KeyError, UnicodeDecodeError) as error:
        raise ValueError("these bytes hold no reply") from error


def _packed(bubble: Bubble) -> dict[str, Any]:
    return {
        "text": bubble.text,
        "keep": bubble.keep,
        "choices": [[b.key, b.label, b.picked] for b in bubble.choices],
        "nav": [[b.key, b.label] for b in bubble.nav],
        "several": bubble.several,
        "writes": bubble.writes,
        "turn": bubble.turn,
        "language": bubble.language,
        "files": [[f.name, b64encode(f.data).decode("ascii"), f.alt, f.picture] for f in bubble.files],
    }


def _unpacked(*, choices: list[Any], nav: list[Any], files: list[Any], **plain: Any) -> Bubble:
    return Bubble(
        choices=tuple(Button(*row) for row in choices),
        nav=tuple(Button(*row) for row in nav),
        # Those packed before there were pictures have but a name and data.
        files=tuple(File(name, b64decode(data), *more) for name, data, *more in files),
        **plain,
    )
