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
            files=(File("copy.json", bytes(range(256))), File("chart.png", b"\x89", alt="Ä", picture=True)),
            language="de",
        ),
    )
    assert unpack(pack(bubbles)) == bubbles
    assert unpack(pack(())) == ()


def test_one_from_before_there_were_pictures_is_still_read() -> None:
    plain = b'[{"text": "x", "choices": [], "nav": [], "files": [["copy.json", "AAE="]]}]'
    assert unpack(plain) == (Bubble(text="x", files=(File("copy.json", b"\x00\x01"),)),)


@pytest.mark.parametrize("reply", [b"", b"{}}", b"[1]", b'[{"text": "x"}]', b"\xff", b"null"])
def test_anything_else_is_refused(reply: bytes) -> None:
    with pytest.raises(ValueError, match=r"no reply|."):
        unpack(reply)
