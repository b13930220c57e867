"""What a button carries: it fits, it opens for one person alone, and it says nothing."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.app import content
from bot.content.loader import ROOT
from bot.conversation.advance import NAV
from bot.conversation.dialog import One, Several
from bot.platforms.token import LONGEST_KEY, Press, Tokens

TOKENS = Tokens(b"s" * 32)
ME, OTHER = b"m" * 16, b"o" * 16
presses = st.builds(
    Press,
    turn=st.integers(0, 2**38),
    key=st.text(st.characters(codec="ascii"), max_size=LONGEST_KEY),
    kept=st.booleans(),
)


@given(presses)
def test_a_token_opens_for_its_person_and_nobody_else(press: Press) -> None:
    token = TOKENS.seal(ME, press)
    assert TOKENS.open(ME, token) == press
    assert TOKENS.open(OTHER, token) is None
    assert Tokens(b"t" * 32).open(ME, token) is None
    assert len(token.encode()) <= 64


@given(st.text(max_size=100))
def test_anything_else_opens_for_nobody(text: str) -> None:
    assert TOKENS.open(ME, text) is None


@given(presses, st.integers(0, 63), st.integers(1, 255))
def test_a_changed_token_does_not_open(press: Press, place: int, change: int) -> None:
    token = TOKENS.seal(ME, press)
    sealed = bytearray(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    sealed[place % len(sealed)] ^= change
    assert TOKENS.open(ME, base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()) is None


def test_the_same_button_is_the_same_token_and_no_two_buttons_are() -> None:
    one = Press(turn=5, key="touch")
    assert TOKENS.seal(ME, one) == TOKENS.seal(ME, one)
    others = [Press(turn=6, key="touch"), Press(turn=5, key="desire"), Press(turn=5, key="touch", kept=True)]
    assert len({TOKENS.seal(ME, press) for press in (one, *others)}) == 4
    assert "touch" not in TOKENS.seal(ME, one)


def test_a_key_that_is_too_long_is_refused() -> None:
    with pytest.raises(ValueError, match="shorten"):
        TOKENS.seal(ME, Press(turn=1, key="k" * (LONGEST_KEY + 1)))


def test_every_key_of_the_dialogs_fits() -> None:
    keys = set(NAV)
    for dialog in content(ROOT).book.dialogs.values():
        keys |= set(dialog.steps)
        for step in dialog.table:
            if isinstance(step, One | Several) and not callable(step.options):
                keys |= {option.key for option in step.options}
    assert max(len(key.encode()) for key in keys) <= LONGEST_KEY
