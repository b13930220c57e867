"""Where people say they are: cities, countries, zones, offsets and clocks; and what is asked where that is not clear."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.content.loader import ContentError
from bot.content.places import atlas, time_words
from bot.nudges.schedule import zone
from bot.understanding.atlas import Place, offset, rules
from bot.understanding.places import MOST, OFFSETS, by_clock, place
from bot.understanding.times import Heard

WORDS = time_words("en").places
WINTER, SUMMER = datetime(2026, 11, 23, 0, 20, tzinfo=UTC), datetime(2026, 7, 1, 12, 0, tzinfo=UTC)


def read(text: str, now: datetime = WINTER) -> Heard[Place]:
    return place(text, atlas(), WORDS, now)


def called(places: tuple[Place, ...]) -> list[str]:
    return [f"{each.name} {each.region or each.country}".strip() or each.zone for each in places]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("berlin", "Europe/Berlin"),
        ("i live in Paris", "Europe/Paris"),
        ("berlin time", "Europe/Berlin"),
        ("London", "Europe/London"),
        ("london, ontario", "America/Toronto"),
        ("london canada", "America/Toronto"),
        ("springfield il", "America/Chicago"),
        ("Springfield, Oregon", "America/Los_Angeles"),
        ("saint petersburg florida", "America/New_York"),
        ("Portland", "America/Los_Angeles"),
        ("Mexico City", "America/Mexico_City"),
        ("NYC", "America/New_York"),
        ("L.A.", "America/Los_Angeles"),
        ("dc", "America/New_York"),
        ("munchen", "Europe/Berlin"),
        ("MÜNCHEN", "Europe/Berlin"),
        ("Wien", "Europe/Vienna"),
        ("kiev", "Europe/Kyiv"),
        ("bombay", "Asia/Kolkata"),
        ("saigon", "Asia/Ho_Chi_Minh"),
        ("東京", "Asia/Tokyo"),
        ("москва", "Europe/Moscow"),
        ("Germany", "Europe/Berlin"),
        ("uk", "Europe/London"),
        ("California", "America/Los_Angeles"),
        ("Argentina", "America/Argentina/Buenos_Aires"),
        ("nepal", "Asia/Kathmandu"),
        ("Lord Howe", "Australia/Lord_Howe"),
        ("europe/berlin", "Europe/Berlin"),
        ("America/New York", "America/New_York"),
        ("Asia/Calcutta", "Asia/Calcutta"),
        ("EST", "America/New_York"),
        ("pacific time", "America/Los_Angeles"),
        ("GMT+2", "UTC+02:00"),
        ("utc", "UTC+00:00"),
        ("+0530", "UTC+05:30"),
        ("+5.5", "UTC+05:30"),
        ("UTC −3:30", "UTC-03:30"),
        ("utc+14", "UTC+14:00"),
        ("gmt plus two", "UTC+02:00"),
        ("GMT+12:45", "UTC+12:45"),
    ],
)
def test_a_clear_place_is_found(text: str, found: str) -> None:
    heard = read(text)
    assert heard.value is not None
    assert (heard.value.zone, heard.trouble) == (found, "")


@pytest.mark.parametrize(
    ("text", "choices"),
    [
        ("Springfield", ["Springfield MO", "Springfield MA", "Springfield IL", "Springfield OR", "Springfield OH"]),
        ("Birmingham", ["Birmingham GB", "Birmingham AL"]),
        ("Hyderabad", ["Hyderabad IN", "Hyderabad PK"]),
        ("st louis", ["St. Louis MO", "Saint-Louis SN", "Saint-Louis RE"]),
        ("Richmond, CA", ["Richmond BC", "Richmond CA"]),
        ("Texas", ["Houston TX", "El Paso TX"]),
        ("Georgia", ["Tbilisi GE", "Atlanta GA", "Sokhumi GE"]),
        ("Spain", ["Madrid ES", "Las Palmas de Gran Canaria ES"]),
        ("IST", ["Mumbai IN", "Dublin IE", "Jerusalem IL"]),
        ("CET", ["Berlin DE", "Algiers DZ"]),
    ],
)
def test_a_name_of_several_places_is_asked_about_if_their_clocks_differ(text: str, choices: list[str]) -> None:
    heard = read(text)
    assert (heard.value, heard.trouble) == (None, "ambiguous")
    assert called(heard.choices) == choices


@pytest.mark.parametrize(
    ("text", "among"),
    [
        ("berln", ["Berlin DE"]),
        ("Amsterdm", ["Amsterdam NL"]),
        ("germny", ["Berlin DE"]),
        ("buenos", ["Buenos Aires AR"]),
        ("Paris, Texas", ["Houston TX", "El Paso TX"]),
        ("Dublin, Ohio", ["Columbus OH"]),
        ("I moved to Berlin last year", ["Berlin DE"]),
        ("Xyzzyville", []),
        ("!!", []),
        ("5", []),
    ],
)
def test_an_unknown_place_gets_the_closest(text: str, among: list[str]) -> None:
    heard = read(text)
    assert (heard.value, heard.trouble) == (None, "none")
    assert set(among) <= set(called(heard.choices))
    assert bool(among) is bool(heard.choices)


@pytest.mark.parametrize(
    ("text", "now", "choices"),
    [
        ("GMT+13:45", WINTER, ["Waitangi NZ", "UTC+14:00", "UTC+13:00"]),  # summer time there
        ("GMT+13:45", SUMMER, ["UTC+14:00", "UTC+13:00"]),
        ("UTC-5:30", WINTER, ["UTC-06:00", "UTC-05:00", "UTC+05:30"]),
        ("UTC+15", WINTER, ["UTC+14:00", "UTC+13:00"]),
        ("gmt+2:75", WINTER, ["UTC+03:00", "UTC+03:30"]),
    ],
)
def test_an_offset_that_no_standard_time_has_gets_the_closest(text: str, now: datetime, choices: list[str]) -> None:
    heard = read(text, now)
    assert (heard.value, heard.trouble) == (None, "range")
    assert called(heard.choices) == choices


def test_an_offset_comes_with_the_places_that_have_it_now_as_their_clocks_may_change() -> None:
    assert "Berlin DE" not in called(read("GMT+2", WINTER).choices)
    assert "Berlin DE" in called(read("GMT+2", SUMMER).choices)


def test_the_known_offsets_are_those_of_standard_time_in_the_time_zone_database() -> None:
    standard = set()
    for name in atlas().zones:
        for now in (WINTER, SUMMER):
            at = now.astimezone(ZoneInfo(name))
            ahead = at.utcoffset()
            assert ahead is not None
            standard.add((ahead - (at.dst() or timedelta())) // timedelta(minutes=1))
    assert standard | {-720} == set(OFFSETS)  # -720: on the open sea, west of the date line


# -- what time is it for you? ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shown", "found"),
    [("06:05", "Asia/Kathmandu"), ("06:09", "Asia/Kathmandu"), ("03:47", "Asia/Tehran"), ("11:20", "Australia/Lord_Howe")],
)
def test_a_clock_that_few_share_is_found(shown: str, found: str) -> None:
    heard = by_clock((time.fromisoformat(shown),), atlas(), WINTER)
    if heard.value is None:
        assert found in {each.zone for each in heard.choices}
    else:
        assert heard.value.zone == found


def test_a_clock_that_many_share_is_asked_about() -> None:
    heard = by_clock((time(1, 20),), atlas(), WINTER)
    assert (heard.value, heard.trouble) == (None, "ambiguous")
    assert "Berlin DE" in called(heard.choices)
    assert called(heard.choices)[-1] == "UTC+01:00"


def test_a_rounded_hour_means_the_hour_that_is_closest() -> None:
    assert called(by_clock((time(20),), atlas(), WINTER).choices)[-1] == "UTC-04:00"  # 20:20 there


@given(st.lists(st.times(), max_size=3), st.sampled_from((WINTER, SUMMER)))
def test_whatever_the_clock_shows_there_is_an_answer(shown: list[time], now: datetime) -> None:
    heard = by_clock(shown, atlas(), now)
    assert (heard.value is None) is bool(heard.trouble)
    assert heard.value or heard.choices or not shown


@given(st.sampled_from(atlas().zones), st.sampled_from((WINTER, SUMMER)), st.integers(-5, 5))
def test_the_clock_of_every_zone_leads_to_its_offset(name: str, now: datetime, slow: int) -> None:
    there = now.astimezone(ZoneInfo(name))
    heard = by_clock(((there + timedelta(minutes=slow)).time(),), atlas(), now)
    candidates = [heard.value] if heard.value else list(heard.choices)
    assert offset(name, now) in {offset(each.zone, now) for each in candidates}


# -- whatever is typed -------------------------------------------------------------------------------------------------


@given(
    st.text(max_size=200) | st.text("utcgm+-:.0123456789 h,", max_size=14) | st.text("aeinorstlbmd ,", min_size=2, max_size=20)
)
@example("America/../../etc/passwd")
@example("+" + "9" * 100)
@example("a " * 60)
@example("DTON")  # two towns in China are called Datong
def test_any_text_gets_an_answer_with_zones_that_exist(text: str) -> None:
    heard = read(text)
    assert (heard.value is None) is bool(heard.trouble)
    assert len(heard.choices) == len(set(heard.choices)) <= MOST
    for each in (*heard.choices, *([heard.value] if heard.value else [])):
        zone(each.zone)


def test_every_place_is_found_or_offered_by_its_name_and_country() -> None:
    missed = []
    for rank in range(12_000):
        there = atlas().place(rank)
        heard = read(f"{there.name}, {there.region or there.country}")
        offered = [heard.value] if heard.value else heard.choices
        if rules(there.zone, WINTER) not in {rules(each.zone, WINTER) for each in offered}:
            missed.append(there.name)
    assert missed == ["Campo Grande", "Matamoros"], "each in one country with a namesake many times its size"


# -- the data -----------------------------------------------------------------------------------------------------------


def test_every_zone_in_the_data_exists() -> None:
    for name in (*atlas().zones, *(each for names in WORDS.zones.values() for each in names)):
        zone(name)
    unknown = [short for short, long in WORDS.nicknames.items() if read(long).value is None]
    assert not unknown


def test_a_language_without_words_of_its_own_has_the_english_ones() -> None:
    assert time_words("xx").hours == time_words("en").hours


def test_a_spoilt_file_says_how_to_make_it_anew(tmp_path) -> None:
    (tmp_path / "times").mkdir()
    (tmp_path / "times" / "cities.tsv").write_text("Europe/Berlin\nBerlin\t7\tDE\n", "utf-8")
    with pytest.raises(ContentError, match=r"python -m bot\.nudges\.cities"):
        atlas(tmp_path)
