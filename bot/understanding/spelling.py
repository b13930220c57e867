"""Undoing how words are disguised or mistyped: contractions, leetspeak, spaced and starred letters, one wrong letter.

Pure. Turns folded text into the words that a Lexicon knows; every loop is linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property

from bot.understanding.lexicon import Lexicon, LexiconError
from bot.understanding.scan import HARD, OTHER, Tokens

# A word; or a mark, known by how it begins: the end of a clause or sentence, a quotation mark, a sign for a word.
_TOKEN = re.compile(
    r"""[@$]?[^\W_]+(?:['*@$!|+]+[^\W_]+)*
    |\.{2,}|[,:()/\n\u2013\u2014-]+|[.!?;]+|["\u201c\u201d\u00ab\u00bb]|%""",
    re.VERBOSE,
)
_SIGNS = {"%": "percent"}
_SOFT, _HARD, _QUOTE = "soft", "hard", "quote"
_MARKS = (
    dict.fromkeys(",:()/\n\u2013\u2014-", _SOFT)
    | dict.fromkeys(".!?;", _HARD)
    | dict.fromkeys('"\u201c\u201d\u00ab\u00bb', _QUOTE)
)
_SPACED = re.compile(r"(?<![^\W_])[^\W_](?:(?:[^\w']|_){1,3}[^\W_](?![^\W_'])){2,}")
_NO_LETTER = re.compile(r"[\W_]+")
_SYMBOL = re.compile(r"['*@$!|+]+")
_RUN = re.compile(r"(.)\1+")
_LONG_RUN = re.compile(r"(.)\1\1")
_LEET = str.maketrans("0134578@$!|+", "oleastbasiit")
_LEET_I = str.maketrans("0134578@$!|+", "oieastbasiit")
_MIXED = str.maketrans("абвгезіийкмнорстухуѕјԁԛԝαβεικνορτυχ", "abbreziiikmhopctyxysjdqwabeikvoptux")
_TAILS = {"n't": "not", "'ll": "will", "'re": "are", "'ve": "have", "'m": "am", "'d": "would", "'s": ""}
_LONGEST = 5_000
_MAX_SPACED = 400
_MAX_WORD = 24


class Spelling:
    """Reads words as a Lexicon knows them.

    `expand`: a written form to the words it stands for; `joins`: "my+self" for words written apart; `fuzzy`: long words where
    one wrong, missing, extra or swapped letter is forgiven; `swaps`: words where only two swapped letters are; `emoji`: a
    character to words.
    """

    def __init__(
        self,
        lexicon: Lexicon,
        *,
        expand: Mapping[str, str],
        joins: Collection[str],
        fuzzy: Collection[str],
        swaps: Collection[str],
        emoji: Mapping[str, str],
    ) -> None:
        self._lexicon = lexicon
        self._expand = {form: tuple(words.split()) for form, words in expand.items()}
        if lost := sorted(self._expand.keys() & lexicon.words.keys()):
            raise LexiconError(f"written forms that are also words of groups or patterns: {', '.join(lost)}; use the expansion")
        self._emoji = str.maketrans({sign: f" {words} " for sign, words in emoji.items()})
        self._has_emoji = re.compile("|".join(map(re.escape, emoji)) or "(?!)").search
        halves = "|".join(re.escape(pair).replace(r"\+", " ") for pair in joins)
        self._apart = re.compile(rf"\b(?:{halves or '(?!)'})\b")
        self._near = {form: word for word in fuzzy for form in _with_one_dropped(word)}
        self._swapped = {form: word for word in swaps for form in _with_two_swapped(word)}

    @cached_property
    def _squeezed(self) -> dict[str, str]:
        """Each word without its doubled letters; made when the first drawn-out word is read."""
        return {_RUN.sub(r"\1", word): word for word in (*self._expand, *self._lexicon.words) if len(word) > 2}

    @cached_property
    def _shapes(self) -> dict[tuple[int, str], list[str]]:
        """The words of a length and first letter; made when the first starred word is read."""
        shapes: dict[tuple[int, str], list[str]] = {}
        for word in self._lexicon.words:
            shapes.setdefault((len(word), word[0]), []).append(word)
        return shapes

    def read(self, text: str) -> Tokens:
        """The words of folded `text`: those that the lexicon knows, and where the others, sentences and quotations stand."""
        if not text.isascii() and self._has_emoji(text):
            text = _cut(text.translate(self._emoji))
        text = self._apart.sub(lambda pair: pair[0].replace(" ", ""), _SPACED.sub(self._joined, text))
        words: list[str] = []
        every: list[str] = []
        clauses: list[int] = []
        quotes: list[int] = []
        read: dict[str, str | tuple[Sequence[str], Sequence[str]]] = {}
        for token in _TOKEN.findall(text):
            known = read.get(token)
            if known is None:
                known = read[token] = _mark(token) or self._both(_SIGNS.get(token, token))
            if not isinstance(known, str):
                words += known[0]
                every += known[1]
            elif known is _SOFT:
                clauses.append(len(words))
            elif known is _QUOTE:
                quotes.append(len(words))
            elif words and words[-1] != HARD:
                words.append(HARD)
                every.append(HARD)
        return Tokens(words=words, written=every, clauses=clauses, quotes=quotes)

    def _both(self, token: str) -> tuple[Sequence[str], Sequence[str]]:
        """What a word means to the lexicon, and the same with what it does not know as it stands."""
        known = self._meant(token)
        return known, self._as_written(token) if OTHER in known else known

    def _as_written(self, token: str) -> Sequence[str]:
        """The words behind a token, whether the lexicon knows them or not."""
        bare = token.replace("'", "")
        if token in self._expand or bare in self._expand:
            return self._expand.get(token) or self._expand[bare]
        return (token.removesuffix("'s"),)

    def _meant(self, token: str) -> Sequence[str]:
        words = self._lexicon.words
        if token in words:
            return (token,)
        if token in self._expand:
            return tuple(word if word in words else OTHER for word in self._expand[token])
        return self._unusual(token)

    def _unusual(self, token: str) -> Sequence[str]:
        if "'" in token:
            return self._contraction(token)
        if not token.isalpha():
            if token.isdecimal():
                return (OTHER,)
            if (whole := self._disguised(token)) is not None:
                return self._meant(whole)
            pieces = [piece for piece in _SYMBOL.split(token) if piece]
            if pieces != [token]:
                return [word for piece in pieces for word in self._meant(piece)]
        elif not token.isascii() and (latin := token.translate(_MIXED)) != token and latin.isascii():
            return self._meant(latin)
        word = self._corrected(token)
        return (OTHER,) if word is None else self._meant(word)

    def _contraction(self, token: str) -> Sequence[str]:
        if token.count("'") > 1:
            return [word for piece in token.split("'") if piece for word in self._meant(piece)]
        bare = token.replace("'", "")
        if bare in self._expand:
            return self._meant(bare)
        for tail, word in _TAILS.items():
            if token.endswith(tail) and len(token) > len(tail):
                head = self._meant(token[: -len(tail)])
                return [*head, *self._meant(word)] if word else head
        return self._meant(bare)

    def _disguised(self, token: str) -> str | None:
        """The known word behind digits and signs ("su1c1de", "k*ll"), if there is one."""
        if len(token) > _MAX_WORD:
            return None
        for table in (_LEET, _LEET_I):
            word = token.translate(table)
            if word.isalpha() and (word in self._expand or self._corrected(word) is not None):
                return word
        if "*" in token and token[0] != "*":
            shape = re.compile(re.escape(token).replace(r"\*", "."))
            return next((w for w in self._shapes.get((len(token), token[0]), ()) if shape.fullmatch(w)), None)
        return None

    def _corrected(self, token: str) -> str | None:
        """`token` itself if known, or the known word it is a slip of; else None."""
        if token in self._expand or token in self._lexicon.words:
            return token
        if len(token) > _MAX_WORD and (short := _RUN.sub(r"\1\1", token)) != token:
            token = short
        if len(token) > _MAX_WORD:
            return None
        if _LONG_RUN.search(token) and (word := self._squeezed.get(_RUN.sub(r"\1", token))):
            return word
        if word := self._swapped.get(token):
            return word
        if len(token) >= 6:
            for form in _with_one_dropped(token):
                word = self._near.get(form)
                if word is not None and word[0] == token[0] and abs(len(word) - len(token)) <= 1:
                    return word
        return None

    def _joined(self, match: re.Match[str]) -> str:
        letters = _NO_LETTER.sub("", match[0])
        if not letters[:_MAX_SPACED].isalnum() or letters.isdecimal():
            return match[0]
        return " ".join(self._segments(letters[:_MAX_SPACED]))

    def _segments(self, letters: str) -> list[str]:
        """The words run together in `letters`: as many letters in known words as possible, in as few words as possible."""
        lexicon, expand = self._lexicon, self._expand
        best: list[tuple[int, int]] = [(0, 0)]  # the cost of the first n letters, and where their last word begins
        for end in range(1, len(letters) + 1):
            options = [(best[end - 1][0] + 12, end - 1)]
            for start in range(max(0, end - 14), end):
                word = letters[start:end]
                if word in lexicon.words or word in expand:
                    options.append((best[start][0] + 5, start))
            best.append(min(options))
        words: list[str] = []
        end = len(letters)
        while end:
            words.append(letters[best[end][1] : end])
            end = best[end][1]
        return words[::-1]


def _mark(token: str) -> str | None:
    return _SOFT if token.startswith("..") else _MARKS.get(token[0])


def _cut(text: str) -> str:
    """At most _LONGEST characters: signs that stand for words must not make a text of them endless."""
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST // 2]}\n{text[-_LONGEST // 2 :]}"


def _with_one_dropped(word: str) -> Iterator[str]:
    yield word
    for i in range(len(word)):
        yield word[:i] + word[i + 1 :]


def _with_two_swapped(word: str) -> Iterator[str]:
    for i in range(1, len(word) - 1):
        yield word[:i] + word[i + 1] + word[i] + word[i + 2 :]
