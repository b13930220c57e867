"""What a button carries: which key, of which turn, for whom; sealed, so that it says nothing and fits nobody else.

Pure. AES-SIV (RFC 5297), which needs no nonce: the same button of the same screen is the same token, as an edit that
changes nothing must be.
"""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode
from collections.abc import Callable
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

# What `Store.secret` is asked for.
PURPOSE = "buttons"
HEAD_BYTES = 5
# 64 bytes are what Telegram takes (InlineKeyboardButton.callback_data); base64 leaves 48, the tag 32 of them.
LONGEST_KEY = 48 - 16 - HEAD_BYTES
# As `urlsafe_b64encode` does in three steps; a screen has a dozen buttons.
_URLSAFE = bytes.maketrans(b"+/", b"-_")


@dataclass(frozen=True, kw_only=True, slots=True)
class Press:
    """A button that was pressed. `kept`: it stood below a message worth keeping, which is not to be edited away."""

    turn: int
    key: str
    kept: bool = False


class Tokens:
    """Seals and opens what buttons carry. `secret` has 32 bytes; `person` is `Store.person` of who may press."""

    __slots__ = ("_aead",)

    def __init__(self, secret: bytes) -> None:
        self._aead = AESSIV(secret)

    def seal(self, person: bytes, press: Press) -> str:
        """At most 64 characters of ASCII. Raises ValueError for a key longer than LONGEST_KEY bytes."""
        return self.sealer(person, turn=press.turn, kept=press.kept)(press.key)

    def sealer(self, person: bytes, *, turn: int, kept: bool = False) -> Callable[[str], str]:
        """Seals the keys of one screen: half the time of as many calls of `seal`."""
        head, whose, encrypt = (turn * 2 + kept).to_bytes(HEAD_BYTES, "big"), [person], self._aead.encrypt

        def seal(key: str) -> str:
            plain = key.encode()
            if len(plain) > LONGEST_KEY:
                raise ValueError(f"the key of a button has at most {LONGEST_KEY} bytes: shorten '{key}'")
            sealed = binascii.b2a_base64(encrypt(head + plain, whose), newline=False)
            return sealed.translate(_URLSAFE, b"=").decode("ascii")

        return seal

    def open(self, person: bytes, token: str) -> Press | None:
        """What this person pressed; None for anything that was not sealed for them."""
        try:
            sealed = urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
            plain = self._aead.decrypt(sealed, [person])
        except (InvalidTag, ValueError, binascii.Error, UnicodeEncodeError):
            return None
        turn, kept = divmod(int.from_bytes(plain[:HEAD_BYTES], "big"), 2)
        return Press(turn=turn, key=plain[HEAD_BYTES:].decode(), kept=bool(kept))
