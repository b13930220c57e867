"""A reply kept as bytes comes out as it went in."""

from __future__ import annotations

import pytest

from bot.content.render import Bubble, Button, File
from bot.platforms.parcel import pack, unpack


def test_a_reply_comes_out_as_it_went_in() -> None:
    bubbles = (
        Bubble(text="**kept**\n\nÄ 🙂", keep=True),
        Bubble(
            text="a question",
            choices=(Button("a", "A", True), Button("b", "B")),
            nav=(Button(":sos", "Help"),),
            several=True,
            writes=True,
            turn=1_795_000_000,
            files=(File("copy.json", bytes(range(256))),),
            language="de",
        ),
    )
    assert unpack(pack(bubbles)) == bubbles
    assert unpack(pack(())) == ()


@pytest.mark.parametrize("reply", [b"", b"{}}", b"[1]", b'[{"text": "x"}]', b"\xff", b"null"])
def test_anything_else_is_refused(reply: bytes) -> None:
    with pytest.raises(ValueError, match=r"no reply|."):
        unpack(reply)
