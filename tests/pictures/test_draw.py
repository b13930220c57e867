"""Every picture there is, drawn: any values, any words, one point and thousands; and what it may not hold."""

from __future__ import annotations

import io
import subprocess
import sys
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from bot.conversation.charts import Bars, Course, Courses, Ring, Share
from bot.pictures.axis import CROWDED, DAYS, MONTHS, MOST, YEARS, calmed, ticks
from bot.pictures.draw import BOX, FILL, GROUND, INK, LEFT, QUIET, TIP, TRACK, WIDE, Unwritable, draw
from bot.pictures.studio import dated

FIRST = date(2026, 1, 5)
SHARES = st.floats(0, 1)
NAMES = st.text("abc äßЖ-", max_size=60)


def opened(data: bytes) -> Image.Image:
    assert data.startswith(b"\x89PNG")
    return Image.open(io.BytesIO(data)).convert("RGB")


def bars(*shares: float, name: str = "A need") -> Bars[str]:
    return Bars(title="Title", note="Note", rows=tuple(Share(name=name, share=share) for share in shares))


def courses(*values: float, apart: int = 7) -> Courses[str]:
    points = tuple((FIRST + timedelta(days=apart * place), value) for place, value in enumerate(values))
    return Courses(title="Title", note="Note", rows=(Course(name="A need", up="Up", points=points),))


def filled(picture: Image.Image) -> int:
    """How many pixels have the colour of what is filled."""
    wanted = tuple(int(FILL[at : at + 2], 16) for at in (1, 3, 5))
    return sum(count for count, colour in picture.getcolors(1 << 20) or () if _near(colour, wanted))


def _near(one: object, other: tuple[int, ...]) -> bool:
    return all(abs(a - b) < 12 for a, b in zip(one, other, strict=True))  # type: ignore[call-overload]


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(NAMES, SHARES), min_size=1, max_size=6), NAMES)
def test_any_bars_can_be_drawn(rows, title):
    figure = Bars(title=title, note=title, rows=tuple(Share(name=name, share=share) for name, share in rows))
    assert opened(draw(figure)).width == WIDE


@settings(max_examples=15, deadline=None)
@given(st.dictionaries(st.dates(date(1990, 1, 1), date(2060, 1, 1)), SHARES, min_size=1, max_size=60))
def test_any_course_can_be_drawn(points):
    row = Course(name="A need", points=tuple(sorted(points.items())))
    figure = Courses(title="Title", note="Note", rows=(row,))
    assert opened(draw(figure, dated(figure.days, "en"))).width == WIDE


@settings(max_examples=15, deadline=None)
@given(st.tuples(NAMES, NAMES, NAMES, NAMES), NAMES)
def test_any_ring_can_be_drawn(links, title):
    picture = opened(draw(Ring(title=title, note=title, links=links)))
    assert picture.width == WIDE
    # Nothing reaches the edge of the card.
    ground = tuple(int(GROUND[at : at + 2], 16) for at in (1, 3, 5))
    edges = (picture.crop((0, 0, 40, picture.height)), picture.crop((WIDE - 40, 0, WIDE, picture.height)))
    assert all(_near(colour, ground) for edge in edges for _, colour in edge.getcolors(1 << 20) or ())


def test_words_of_a_ring_stay_inside_their_box():
    """Between the boxes, beside the arrows, the ground is bare, however much stands in them."""
    picture = opened(draw(Ring(title="T", note="N", links=("W" * 70, "many words " * 9, "m", "WWWW MMMM " * 7))))
    ground = tuple(int(GROUND[at : at + 2], 16) for at in (1, 3, 5))
    between = picture.crop((LEFT + BOX + 6, 140, LEFT + BOX + TIP - 6, picture.height - 120))
    assert all(_near(colour, ground) for _, colour in between.getcolors(1 << 20) or ())


def test_a_longer_bar_is_longer():
    none, some, more, all_of_it = (filled(opened(draw(bars(share)))) for share in (0, 0.3, 0.6, 1))
    assert none == 0 < some < more < all_of_it


def test_one_point_is_a_dot_and_two_make_a_line():
    one, two = filled(opened(draw(courses(0.5)))), filled(opened(draw(courses(0.5, 0.5))))
    assert 0 < one < two


def test_five_years_of_points_fit():
    picture = opened(draw(courses(*(n % 10 / 10 for n in range(261))), dated(courses(0, 1, apart=1_820).days, "en")))
    assert picture.height < 2 * WIDE


@pytest.mark.parametrize("rows", range(1, 7))
def test_the_ground_is_always_the_same(rows):
    row = courses(0.2, 0.9, 0.1, 0.4).rows[0]
    for figure in (bars(*[0.01] * rows), bars(*[1.0] * rows), Courses(title="T", note="N", rows=(row,) * rows)):
        picture = opened(draw(figure))
        corners = {picture.getpixel((x, y)) for x in (0, picture.width - 1) for y in (0, picture.height - 1)}
        assert corners == {tuple(bytes.fromhex(GROUND[1:]))}


@given(st.dictionaries(st.dates(date(1990, 1, 1), date(2060, 1, 1)), SHARES, min_size=2, max_size=300))
def test_a_crowd_of_points_is_calmed(points):
    given_ = sorted(points.items())
    found = calmed(given_)
    assert 2 <= len(found) <= CROWDED
    assert found[-1] == given_[-1]
    assert list(found) == sorted(found)
    assert min(points.values()) - 1e-9 <= min(value for _, value in found)
    assert max(value for _, value in found) <= max(points.values()) + 1e-9


def test_the_same_values_give_the_same_picture():
    assert draw(bars(0.4, 0.2)) == draw(bars(0.4, 0.2))


def test_nothing_goes_along_with_it():
    data = draw(bars(0.4))
    assert not [part for part in (b"tEXt", b"iTXt", b"zTXt", b"eXIf", b"tIME") if part in data]


def test_letters_that_the_font_lacks_are_no_holes():
    for figure in (bars(0.4, name="親密"), Courses(title="親密", note="", rows=courses(0.5).rows)):
        with pytest.raises(Unwritable, match="not in the font"):
            draw(figure)
    with pytest.raises(Unwritable):
        draw(courses(0.5), ((FIRST, "1月"),))


def test_long_names_go_on_below():
    long = "a rather long name for a need that goes on and on and does not end on the first line of it"
    assert opened(draw(bars(0.4, name=long))).height > opened(draw(bars(0.4))).height


# WCAG 2.2: 4.5 to 1 for text, 3 to 1 for what else carries meaning.
@pytest.mark.parametrize(
    ("one", "other", "least"), [(INK, GROUND, 7), (QUIET, GROUND, 4.5), (FILL, GROUND, 3), (FILL, TRACK, 3)]
)
def test_it_can_be_told_apart_by_light_alone(one: str, other: str, least: float):
    light, dark = sorted((_light(one), _light(other)), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= least


def _light(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@settings(deadline=None)
@given(st.dates(date(1990, 1, 1), date(2060, 1, 1)), st.integers(0, 20_000))
def test_a_few_days_stand_below_in_order_and_between_both_ends(first, days):
    last = first + timedelta(days=days)
    form, some = ticks(first, last)
    assert form in {DAYS, MONTHS, YEARS}
    assert 1 <= len(some) <= MOST
    assert list(some) == sorted(set(some))
    assert first <= some[0]
    assert some[-1] <= last


def test_days_are_written_as_each_language_has_it():
    days = (FIRST, FIRST + timedelta(days=400))
    assert [written for _, written in dated(days, "en")] != [written for _, written in dated(days, "de")]
    assert dated((FIRST,), "de") == ((FIRST, "5. Jan."),)
    assert dated((FIRST,), "qps") == ((FIRST, "Jan 5"),)


def test_the_program_starts_without_it():
    code = "import sys, bot.app, bot.cli, bot.runtime; sys.exit('matplotlib' in sys.modules or 'PIL' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
