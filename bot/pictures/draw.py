"""From a chart's values to the bytes of a PNG. One pure function; matplotlib is loaded with the first picture, not before.

A card with a ground of its own, which is read on a light screen as on a dark one. Length and height carry the meaning,
colour never alone. Everything stands in pixels, 1080 across: what a phone shows whole, with letters no smaller than its own.
"""

from __future__ import annotations

import io
import math
import textwrap
from collections.abc import Callable
from datetime import date
from functools import lru_cache
from typing import Any, TypeAlias

from bot.conversation.charts import Bars, Course, Courses, Figure, Ring
from bot.pictures.axis import CROWDED, calmed

WIDE = 1080
DOTS = 100  # an inch; only to turn pixels into the points that matplotlib counts in
LEFT, RIGHT = 84, WIDE - 84
GROUND, INK, QUIET, TRACK, FILL = "#F5F0E8", "#2B3033", "#5B6064", "#DACFC0", "#2F6570"
TITLE, NAME, SMALL = 46, 40, 32
THICK, LINE, DOT = 38, 7, 20
BAND = 120
# The boxes of a ring: how wide, the room between them and inside of them, how round, and how long the tips of arrows are.
BOX, APART, PAD, ROUND, TIP = 402, 108, 30, 30, 18
# What may touch what, and in how many steps one goes over into the other at the edges.
EDGES, STEPS = ((GROUND, INK), (GROUND, QUIET), (GROUND, TRACK), (GROUND, FILL), (TRACK, FILL)), 24

# Days to stand below a chart, each as it is written.
Dates: TypeAlias = tuple[tuple[date, str], ...]


class Unwritable(Exception):
    """The words have letters that the font does not have: better no picture than one with holes."""


def draw(figure: Figure, dates: Dates = ()) -> bytes:
    """The picture as PNG. Raises Unwritable."""
    page = _Page(_lettered(figure.title, TITLE))
    if isinstance(figure, Bars):
        _bars(page, figure)
    elif isinstance(figure, Ring):
        page.ring(figure.links)
    else:
        _courses(page, figure, dates)
    page.gap(14)
    page.words(figure.note, SMALL, colour=QUIET)
    return page.png()


def _bars(page: _Page, bars: Bars[str]) -> None:
    for row in bars.rows:
        page.words(row.name, NAME)
        page.bar(min(1.0, max(0.0, row.share)))


def _courses(page: _Page, courses: Courses[str], dates: Dates) -> None:
    across = _across(courses.days[0], courses.days[-1])
    for row in courses.rows:
        page.words(row.name, NAME)
        if row.up:
            page.words(row.up, SMALL, colour=QUIET)
        page.course(row, across)
    page.dates([(across(day), written) for day, written in dates])


def _across(first: date, last: date) -> Callable[[date], float]:
    """Where a day stands from left to right; in the middle where there is but one."""
    span = (last - first).days
    left, right = LEFT + 70, RIGHT - 70
    return lambda day: left + (right - left) * (day - first).days / span if span else (left + right) / 2


class _Page:
    """Shapes and words from the top down. The height is known only at the end."""

    def __init__(self, title: list[str]) -> None:
        self.shapes: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = []
        self.at = 64.0
        self._lines(title, TITLE, INK)
        self.gap(26)

    def gap(self, pixels: float) -> None:
        """Leave room."""
        self.at += pixels

    def words(self, text: str, size: int, colour: str = INK) -> None:
        """A few lines of text."""
        self._lines(_lettered(text, size), size, colour)

    def _lines(self, lines: list[str], size: int, colour: str) -> None:
        for line in lines:
            self.shapes.append(("text", (LEFT, self.at, line), {"size": size, "color": colour}))
            self.at += size * 1.3

    def bar(self, share: float) -> None:
        """A rounded bar, filled so far."""
        self.at += THICK * 0.5 + 14
        # Round ends stand out by half the thickness.
        left, right = LEFT + THICK / 2, RIGHT - THICK / 2
        self._line((left, right), (self.at, self.at), THICK, TRACK)
        if share:
            self._line((left, left + (right - left) * share), (self.at, self.at), THICK, FILL)
        self.at += THICK * 0.5 + 36

    def course(self, row: Course[str], across: Callable[[date], float]) -> None:
        """A line through the points, in a band from the least to the most."""
        top = self.at + 30
        for edge in (top, top + BAND):
            self._line((LEFT, RIGHT), (edge, edge), 2, TRACK)
        crowded = len(row.points) > CROWDED
        points = calmed(row.points) if crowded else row.points
        xs = tuple(across(day) for day, _ in points)
        ys = tuple(top + BAND * (1 - min(1.0, max(0.0, value))) for _, value in points)
        self._line(xs, ys, LINE, FILL)
        # Where they stand too close for a mark each, the last one has it.
        marked = slice(-1, None) if crowded else slice(None)
        self.shapes.append(("dots", (xs[marked], ys[marked]), {"size": DOT}))
        self.at = top + BAND + 44

    def ring(self, links: tuple[str, str, str, str]) -> None:
        """Four boxes, two above two, and arrows from each to the next, clockwise."""
        written = [_boxed(link, (BOX - 2 * PAD) / SMALL) for link in links]
        left, right = LEFT + BOX / 2, RIGHT - BOX / 2
        upper = self._boxes((left, written[0]), (right, written[1]))
        self.gap(APART)
        lower = self._boxes((left, written[3]), (right, written[2]))
        ends = (LEFT + BOX + TIP, RIGHT - BOX - TIP)
        self._arrow((ends[0], upper[1]), (ends[1], upper[1]))
        self._arrow((right, upper[2] + TIP), (right, lower[0] - TIP))
        self._arrow((ends[1], lower[1]), (ends[0], lower[1]))
        self._arrow((left, lower[0] - TIP), (left, upper[2] + TIP))
        self.gap(30)

    def _boxes(self, *boxes: tuple[float, list[str]]) -> tuple[float, float, float]:
        """Boxes of one height beside each other, each around its middle; where they begin, have their middle and end."""
        line = SMALL * 1.3
        top, high = self.at, 2 * PAD + line * max(len(lines) for _, lines in boxes)
        for middle, lines in boxes:
            self._line(*_rounded(middle - BOX / 2, top, BOX, high), LINE - 2, FILL)
            begin = top + (high - line * len(lines)) / 2
            for place, words in enumerate(lines):
                how = {"size": SMALL, "color": INK, "ha": "center"}
                self.shapes.append(("text", (middle, begin + line * place, words), how))
        self.at += high
        return top, top + high / 2, top + high

    def _arrow(self, begin: tuple[float, float], end: tuple[float, float]) -> None:
        """A line with a tip at its end; straight across or straight down, or the other way."""
        along = tuple((b > a) - (b < a) for a, b in zip(begin, end, strict=True))
        sides = [(end[0] - TIP * (along[0] + side * along[1]), end[1] - TIP * (along[1] + side * along[0])) for side in (1, -1)]
        self._line((begin[0], end[0]), (begin[1], end[1]), LINE, QUIET)
        self._line((sides[0][0], end[0], sides[1][0]), (sides[0][1], end[1], sides[1][1]), LINE, QUIET)

    def dates(self, days: list[tuple[float, str]]) -> None:
        """Days below what went before."""
        for x, written in days:
            _covered(written)
            self.shapes.append(("text", (x, self.at, written), {"size": SMALL, "color": QUIET, "ha": "center"}))
        self.at += SMALL * 1.6 if days else 0

    def _line(self, xs: tuple[float, ...], ys: tuple[float, ...], width: float, colour: str) -> None:
        self.shapes.append(("line", (xs, ys), {"width": width, "color": colour}))

    def png(self) -> bytes:
        """The picture."""
        from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415  # half a second, for those who want it
        from matplotlib.figure import Figure as Canvas  # noqa: PLC0415
        from matplotlib.lines import Line2D  # noqa: PLC0415
        from PIL import Image  # noqa: PLC0415

        high = round(self.at + 40)
        canvas = Canvas(figsize=(WIDE / DOTS, high / DOTS), dpi=DOTS, facecolor=GROUND)
        points = 72 / DOTS
        for kind, (x, y, *text), how in self.shapes:
            if kind == "text":
                look = {"fontproperties": _font(how["size"] * points), "color": how["color"], "ha": how.get("ha", "left")}
                canvas.text(x / WIDE, 1 - y / high, *text, va="top", parse_math=False, **look)
                continue
            place = [each / WIDE for each in x], [1 - each / high for each in y]
            look = (
                {"linewidth": how["width"] * points, "color": how["color"]}
                if kind == "line"
                else {"linestyle": "", "marker": "o", "markersize": how["size"] * points, "color": FILL}
            )
            canvas.add_artist(Line2D(*place, solid_capstyle="round", solid_joinstyle="round", **look))
        drawn = FigureCanvasAgg(canvas)
        drawn.draw()  # type: ignore[no-untyped-call]  # matplotlib's own
        whole = Image.frombuffer("RGBA", drawn.get_width_height(), _pixels(drawn), "raw", "RGBA", 0, 1)
        data = io.BytesIO()
        # A few dozen colours are all there is: a third of the size on its way, and where a reply waits.
        palette = Image.new("P", (1, 1))
        palette.putpalette(_colours())
        whole.convert("RGB").quantize(palette=palette, dither=Image.Dither.NONE).save(data, "PNG")
        return data.getvalue()


@lru_cache(maxsize=1)
def _colours() -> bytes:
    """The palette: a fixed one, as one that is guessed from a picture may lose the ground that hardly anything stands on."""
    ramps = ((_parts(one), _parts(other), step / (STEPS - 1)) for one, other in EDGES for step in range(STEPS))
    return bytes(round(a + (b - a) * share) for one, other, share in ramps for a, b in zip(one, other, strict=True))


def _parts(colour: str) -> bytes:
    return bytes.fromhex(colour[1:])


def _pixels(drawn: Any) -> Any:
    return drawn.buffer_rgba()


def _rounded(left: float, top: float, wide: float, high: float) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """The outline of a box with round corners, as the xs and ys of its points."""
    right, low = left + wide - ROUND, top + high - ROUND
    corners = ((right, top + ROUND, 270), (right, low, 0), (left + ROUND, low, 90), (left + ROUND, top + ROUND, 180))
    points = [
        (x + ROUND * math.cos(math.radians(begin + turn)), y + ROUND * math.sin(math.radians(begin + turn)))
        for x, y, begin in corners
        for turn in range(0, 91, 10)
    ]
    # It begins and ends on a straight side, where no seam shows.
    seam = (left + wide / 2, top)
    xs, ys = zip(seam, *points, seam, strict=True)
    return xs, ys


def _lettered(text: str, size: int) -> list[str]:
    """The text in lines that fit the card. Raises Unwritable."""
    _covered(text)
    return textwrap.wrap(text, int((RIGHT - LEFT) / (size * 0.56)), break_on_hyphens=False) or [""]


def _boxed(text: str, wide: float) -> list[str]:
    """The text in lines no wider than so many times its size, by the widths of its letters. Raises Unwritable."""
    _covered(text)
    lines = [""]
    for word in text.split():
        if lines[-1] and sum(map(_wide, f"{lines[-1]} {word}")) > wide:
            lines.append("")
        lines[-1] += f" {word}" if lines[-1] else word
        # What is wider than the box by itself goes on below.
        while sum(map(_wide, lines[-1])) > wide:
            whole = lines.pop()
            most = next(count for count in range(len(whole), 0, -1) if count == 1 or sum(map(_wide, whole[:count])) <= wide)
            lines += [whole[:most], whole[most:]]
    return lines


def _covered(text: str) -> None:
    if missing := {ord(letter) for letter in text} - _letters():
        raise Unwritable(f"{len(missing)} letters are not in the font")


def _file() -> str:
    from matplotlib import get_data_path  # noqa: PLC0415  # see _Page.png

    return f"{get_data_path()}/fonts/ttf/DejaVuSans.ttf"


@lru_cache(maxsize=1)
def _letters() -> frozenset[int]:
    """The letters that the font has."""
    from matplotlib.ft2font import FT2Font  # noqa: PLC0415  # see _Page.png

    return frozenset(FT2Font(_file()).get_charmap())


@lru_cache(maxsize=2048)
def _wide(letter: str) -> float:
    """How wide a letter is, as a part of its size."""
    from matplotlib.ft2font import FT2Font  # noqa: PLC0415  # see _Page.png

    font = FT2Font(_file())
    font.set_size(100, 72)
    return float(font.load_char(ord(letter)).linearHoriAdvance) / 65536 / 100


@lru_cache(maxsize=8)
def _font(points: float) -> Any:
    from matplotlib.font_manager import FontProperties  # noqa: PLC0415  # see _Page.png

    return FontProperties(fname=_file(), size=points)
