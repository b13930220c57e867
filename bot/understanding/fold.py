"""One way of making typed text comparable: width, case, accents and invisible characters no longer matter.

Pure. Every function here is total (any str is fine) and linear in the length of the text.
"""

from __future__ import annotations

import re
import unicodedata

# Removed before anything is normalised: characters that show nothing, combining marks that carry no letter of their own, and
# a few signs that normalisation would blow up into whole sentences.
_INVISIBLE = re.compile(
    "[\u0000-\u0008\u000e-\u001f\u007f-\u0084\u0086-\u009f\u00ad\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1-\u05c7"
    "\u0610-\u061a\u061c\u064b-\u065f\u0670\u06d6-\u06ed\u115f\u1160\u17b4\u17b5\u180b-\u180f\u1ab0-\u1aff\u1dc0-\u1dff"
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\u20d0-\u20ff\u3164\ud800-\udfff\ufdf0-\ufdfb\ufe00-\ufe0f\ufe20-\ufe2f\ufeff\uffa0"
    "\ufff0-\ufffb\U000e0000-\U000e0fff]+"
)
_ACCENTS = re.compile("[\u0300-\u036f]+")
_CHUNK = 256  # normalised so many characters at a time: putting long runs of marks in order is quadratic
_SIGNS = str.maketrans(
    {
        "’": "'",
        "‘": "'",
        "ʼ": "'",
        "`": "'",
        "´": "'",
        "ß": "ss",
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ı": "i",
        "æ": "ae",
        "œ": "oe",
    }
    | {chr(0x1F1E6 + i): chr(97 + i) for i in range(26)}  # regional indicators
    | {chr(0x1F130 + i): chr(97 + i) for i in range(26)}  # squared letters
    | {chr(0x1F150 + i): chr(97 + i) for i in range(26)}  # circled letters, white on black
    | {chr(0x1F170 + i): chr(97 + i) for i in range(26)}  # squared letters, white on black
)


def visible(text: str) -> str:
    """`text` without characters that show nothing (zero-width, control, marks without a letter of their own)."""
    return text if text.isascii() and text.isprintable() else _INVISIBLE.sub("", text)


def fold(text: str) -> str:
    """`text` in lower case, ordinary width, straight apostrophes, without accents and invisible characters."""
    text = visible(text)
    if text.isascii():
        return text.lower()
    return "".join(_plain(text[i : i + _CHUNK]) for i in range(0, len(text), _CHUNK))


def _plain(text: str) -> str:
    if text.isascii():
        return text.lower()
    text = unicodedata.normalize("NFKC", text.translate(_SIGNS)).casefold()
    return unicodedata.normalize("NFC", _ACCENTS.sub("", unicodedata.normalize("NFD", text))).translate(_SIGNS)
