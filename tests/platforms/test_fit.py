"""Texts in pieces, labels shortened, buttons in rows: nothing lost, nothing too long."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.platforms.fit import label, pieces, rows, shares, utf16

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=400)


@given(texts, st.integers(2, 60))
def test_pieces_fit_and_lose_nothing_but_space(text: str, most: int) -> None:
    parts = pieces(text, most)
    assert all(part and utf16(part) <= most for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


def test_a_text_is_cut_between_paragraphs_where_it_can_be() -> None:
    first, second = "One thing. " * 5, "Another thing. " * 4
    assert pieces(f"{first.strip()}\n\n{second.strip()}", 80) == [first.strip(), second.strip()]


def test_emoji_count_twice() -> None:
    assert utf16("a🙂") == 3
    assert pieces("🙂🙂🙂", 4) == ["🙂🙂", "🙂"]


@given(texts, st.integers(1, 100))
def test_a_label_fits(text: str, most: int) -> None:
    short = label(text, most)
    assert utf16(short) <= most
    assert (short == text) == (utf16(text) <= most)


@given(st.lists(st.integers(1, 40)), st.integers(1, 60), st.integers(1, 5))
def test_rows_hold_everything_in_order(widths: list[int], room: int, most: int) -> None:
    found = rows(widths, lambda width: width, room=room, most=most)
    assert [width for row in found for width in row] == widths
    assert all(len(row) == 1 or (sum(row) <= room and len(row) <= most) for row in found)


@given(st.lists(st.integers()), st.integers(1, 5))
def test_shares_hold_everything_in_order(items: list[int], most: int) -> None:
    found = shares(items, most)
    assert [item for share in found for item in share] == items
    assert all(1 <= len(share) <= most for share in found)
