"""The content's small Markdown as a platform writes it: always well nested, and agreeing with the plain text."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.content.markup import written
from bot.content.render import escape, plain
from bot.platforms.telegram.outbound import HTML
from bot.platforms.terminal import _styled


class _Nesting(HTMLParser):
    """Fails where a tag is closed that was not the last one opened."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in {"b", "i", "a"}
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def _read(markup: str) -> str:
    reader = _Nesting()
    reader.feed(markup)
    reader.close()
    assert not reader.open
    return reader.text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("**a** _b_", "<b>a</b> <i>b</i>"),
        ("**a _b_ c**", "<b>a <i>b</i> c</b>"),
        ("**a _b** c_", "<b>a _b</b> c_"),
        ("snake_case_name", "snake_case_name"),
        (r"\*\*a\*\* \_b\_", "**a** _b_"),
        ("[l **b**](https://x.example/?a=1&b=2)", '<a href="https://x.example/?a=1&amp;b=2">l <b>b</b></a>'),
        ("1 < 2 & 3 > 2", "1 &lt; 2 &amp; 3 &gt; 2"),
        ("a\nb", "a\nb"),
    ],
)
def test_markup_is_written_as_html(text: str, expected: str) -> None:
    assert written(text, HTML) == expected


def test_a_link_below_bold_words_leaves_their_colour_whole() -> None:
    assert _styled("**In danger?** [a](https://x.example)") == "\x1b[1mIn danger?\x1b[22m a (https://x.example)"


@given(st.text(st.sampled_from("ab _*[]()\\<>&`~\n"), max_size=60))
def test_any_text_becomes_well_nested_html(text: str) -> None:
    _read(written(text, HTML))


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=80))
def test_somebodys_own_words_come_out_as_they_were_typed(words: str) -> None:
    assert html.unescape(re.sub(r"<[^>]*>", "", written(escape(words), HTML))) == words
    assert plain(escape(words)) == words
