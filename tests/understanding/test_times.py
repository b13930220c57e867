"""Hours and days as people type them: read where they are clear, and otherwise a reason and the closest choices."""

from __future__ import annotations

from datetime import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.content.places import time_words
from bot.understanding.days import COUNTS, days
from bot.understanding.times import AWAKE, hour

WORDS = time_words("en")


def at(text: str) -> time:
    return time.fromisoformat(text)


# -- hours -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("8pm", "20:00"),
        ("8 p.m.", "20:00"),
        ("8.30pm", "20:30"),
        ("20:15", "20:15"),
        ("20.15", "20:15"),
        ("20h15", "20:15"),
        ("2015", "20:15"),
        ("0800", "08:00"),
        ("08:00", "08:00"),
        ("08:00 PM", "20:00"),
        ("20:15:00", "20:15"),
        ("12", "12:00"),
        ("12am", "00:00"),
        ("12 pm", "12:00"),
        ("24:00", "00:00"),
        ("noon", "12:00"),
        ("midnight", "00:00"),
        ("half past noon", "12:30"),
        ("at 9 in the evening", "21:00"),
        ("evening at 8", "20:00"),
        ("8 in the morning", "08:00"),
        ("12:30 at night", "00:30"),
        ("3 at night", "03:00"),
        ("9 at night", "21:00"),
        ("quarter past seven in the evening", "19:15"),
        ("a quarter to nine pm", "20:45"),
        ("twenty to nine pm", "20:40"),
        ("twenty five past eight in the evening", "20:25"),
        ("half eight in the evening", "20:30"),
        ("twenty fifteen", "20:15"),
        ("eight thirty pm please", "20:30"),
        ("around 8ish pm", "20:00"),
        ("Every day at 8 PM", "20:00"),
        ("9 o’clock in the evening", "21:00"),
        ("quater past sevn in the evning", "19:15"),
        ("２０：１５", "20:15"),
    ],
)
def test_a_clear_hour_is_read(text: str, meant: str) -> None:
    assert hour(text, WORDS.hours).value == at(meant)


@pytest.mark.parametrize(
    ("text", "choices"),
    [
        ("8", "20:00 08:00"),
        ("9", "09:00 21:00"),
        ("8:15", "20:15 08:15"),
        ("quarter past seven", "19:15 07:15"),
        ("half past eight", "20:30 08:30"),
        ("eight thirty", "20:30 08:30"),
        ("noon or midnight", "12:00 00:00"),
        ("9 o'clock", "09:00 21:00"),
    ],
)
def test_an_hour_that_can_be_two_is_asked_about_the_waking_one_first(text: str, choices: str) -> None:
    heard = hour(text, WORDS.hours)
    assert (heard.value, heard.trouble) == (None, "ambiguous")
    assert heard.choices == tuple(map(at, choices.split()))


@pytest.mark.parametrize(
    ("text", "trouble", "among"),
    [
        ("25:00", "range", "15:00 20:00"),
        ("24:30", "range", "00:30 20:30"),
        ("8:75", "range", "08:15 08:45"),
        ("8:5", "range", "08:05 08:50"),
        ("ten past 25", "range", "15:10 20:10"),
        ("half past", "hour", "09:30 18:30"),
        ("quarter to", "hour", "09:45 20:45"),
        ("in the evening", "hour", "18:00 20:00"),
        ("not at 8", "none", "20:00 08:00"),
        ("13 in the morning", "none", "13:00"),
        ("8 pm in the morning", "none", "20:00"),
        ("20:15 am", "none", "20:15"),
        ("hello", "none", ""),
        ("", "empty", ""),
    ],
)
def test_what_is_no_hour_is_said_to_be_none_with_the_closest(text: str, trouble: str, among: str) -> None:
    heard = hour(text, WORDS.hours)
    assert (heard.value, heard.trouble) == (None, trouble)
    assert set(map(at, among.split())) <= set(heard.choices)
    assert bool(heard.choices) is bool(among)


@given(st.times())
def test_every_time_of_a_24_hour_clock_is_read_as_it_is_written(when: time) -> None:
    assert hour(f"{when:%H:%M}", WORDS.hours).value in (when.replace(second=0, microsecond=0), None)
    assert hour(f"{when:%H:%M}", WORDS.hours).value is not None or 1 <= when.hour <= 12
    assert hour(f"{when:%I:%M %p}", WORDS.hours).value == when.replace(second=0, microsecond=0)


@given(st.text(max_size=200) | st.text("0123456789:. pamhlfquterso'", max_size=30))
@example("9" * 5000)
@example("twenty " * 40)
def test_any_text_gets_an_answer(text: str) -> None:
    heard = hour(text, WORDS.hours)
    assert (heard.value is None) is bool(heard.trouble)
    assert len(heard.choices) == len(set(heard.choices)) <= 6
    awake = [AWAKE[0] <= choice < AWAKE[1] for choice in heard.choices]
    assert awake == sorted(awake, reverse=True), "the waking hours first"


# -- days --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("weekdays", "01234"),
        ("mon wed fri", "024"),
        ("M W F", "024"),
        ("Mon/Wed/Fri", "024"),
        ("every day", "0123456"),
        ("everyday please", "0123456"),
        ("weekends", "56"),
        ("tuesdays and thursdays", "13"),
        ("every weekday", "01234"),
        ("weekend and wed", "256"),
        ("mon-fri", "01234"),
        ("Monday to Friday", "01234"),
        ("sundays – tuesdays", "016"),
        ("fri to mon", "0456"),
        ("every day but sunday", "012345"),
        ("weekdays except wednesday", "0134"),
        ("not on sundays", "012345"),
        ("no weekends", "01234"),
        ("3 times a week", "024"),
        ("three a week", "024"),
        ("3x a week", "024"),
        ("every other day", "024"),
        ("I'd like weekdays", "01234"),
        ("wensday and tusday", "12"),
        ("thrusday", "3"),
        ("weekdyas", "01234"),
    ],
)
def test_clear_days_are_read(text: str, meant: str) -> None:
    assert days(text, WORDS.days).value == tuple(map(int, meant))


@pytest.mark.parametrize(
    ("text", "trouble", "choices"),
    [
        ("twice a week", "ambiguous", COUNTS[2]),
        ("once a week", "ambiguous", COUNTS[1]),
        ("munday", "none", ((6,), (0,))),
        ("5", "none", COUNTS[5]),
        ("mon to", "none", ((0,),)),
        ("mon if it rains", "none", ((0,),)),
        ("8 days a week", "none", ()),
        ("no days", "none", ()),
        ("hello", "none", ()),
        ("  ", "empty", ()),
    ],
)
def test_unclear_days_are_asked_about(text: str, trouble: str, choices: tuple[tuple[int, ...], ...]) -> None:
    heard = days(text, WORDS.days)
    assert (heard.value, heard.trouble) == (None, trouble)
    assert set(heard.choices) == set(choices)


@given(st.sets(st.integers(0, 6), min_size=1), st.sampled_from((" ", ", ", " and ", "/")), st.randoms(use_true_random=False))
def test_any_days_in_any_order_are_read(chosen: set[int], between: str, random: object) -> None:
    names = ["monday", "tuesdays", "wed", "thurs", "fri", "Saturday", "SUN"]
    order = sorted(chosen)
    random.shuffle(order)  # type: ignore[attr-defined]
    assert days(between.join(names[day] for day in order), WORDS.days).value == tuple(sorted(chosen))


@given(
    st.text(max_size=200)
    | st.lists(st.sampled_from(["mon", "tue", "to", "-", "except", "not", "3", "a week", "all", "weekend", "munday"])).map(
        " ".join
    )
)
def test_any_text_gets_days_or_a_reason(text: str) -> None:
    heard = days(text, WORDS.days)
    assert (heard.value is None) is bool(heard.trouble)
    for each in (*heard.choices, *([heard.value] if heard.value else [])):
        assert each
        assert list(each) == sorted(set(each) & set(range(7)))


def test_words_of_the_wrong_shape_name_the_file_and_the_part(tmp_path) -> None:
    from bot.content.loader import ROOT, ContentError

    (tmp_path / "times").mkdir()
    text = (ROOT / "times" / "en.yaml").read_text("utf-8")
    (tmp_path / "times" / "xx.yaml").write_text(text.replace("- [sunday", "# [sunday"), "utf-8")
    with pytest.raises(ContentError, match=r"xx\.yaml: days: ValueError: names: give seven"):
        time_words("xx", tmp_path)
    (tmp_path / "times" / "yy.yaml").write_text(text.replace("  twelve: true", "  two: true"), "utf-8")
    with pytest.raises(ContentError, match=r"yy\.yaml: hours: KeyError: 'twelve'"):
        time_words("yy", tmp_path)
