"""The list of helplines: what is in it, what is shown of it, and what is refused."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bot.content.helplines import Helplines, Line, load
from bot.content.loader import ContentError

SHIPPED = Path(__file__).parents[2] / "bot" / "content" / "helplines.yaml"
WORLD = """\
worldwide:
  - {kind: emergency, status: unconfirmed}
  - {kind: directory, text: findahelpline.com, source_url: "https://findahelpline.com/", status: unconfirmed}
countries:
  XX:
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "helplines.yaml"
    path.write_text(text, "utf-8")
    return path


def test_what_ships_shows_no_number_that_nobody_confirmed() -> None:
    lines = load(SHIPPED)
    assert {"US", "CA", "IN", "DE", "FR", "ES", "PT", "EU"} <= lines.countries.keys()
    for code in (None, "ZZ", *lines.countries):
        shown = lines.for_country(code)
        assert all(line.number is None or line.status == "confirmed" for line in shown)
        assert [shown[0].kind, shown[-1].kind] == ["emergency", "directory"]


def test_every_number_that_ships_names_its_source() -> None:
    for country in load(SHIPPED).countries.values():
        for line in country:
            assert line.source_url is not None
            assert (line.status == "confirmed") == (line.verified_on is not None)


def test_a_confirmed_line_stands_before_the_worldwide_ones(tmp_path: Path) -> None:
    country = """\
    - {kind: crisis, number: "116 123", source_url: "https://example.org/", verified_on: 2026-01-02, status: confirmed}
    - {kind: emergency, number: "112", source_url: "https://example.org/", verified_on: 2026-01-02, status: confirmed}
    - {kind: violence, number: "1522", source_url: "https://example.org/", status: unconfirmed}
"""
    lines = load(written(tmp_path, WORLD + country))
    assert [line.number for line in lines.for_country("xx")] == ["112", "116 123", None]
    assert [line.kind for line in lines.for_country(None)] == ["emergency", "directory"]
    assert lines.countries["XX"][0].verified_on == date(2026, 1, 2)


@pytest.mark.parametrize(
    ("row", "line", "says"),
    [
        ('{kind: crisis, number: "1", source_url: "https://a.b/", status: confirmed}', 5, "verified_on"),
        ('{kind: crisis, number: "1", status: unconfirmed}', 5, "source_url"),
        ('{kind: crisis, number: "call me", source_url: "https://a.b/", status: unconfirmed}', 5, "pattern"),
        ('{kind: crisis, number: 112, source_url: "https://a.b/", status: unconfirmed}', 5, "string"),
        ("{kind: cat, status: unconfirmed}", 5, "emergency"),
        ("{kind: crisis, status: maybe}", 5, "confirmed"),
        ("{kind: crisis, status: unconfirmed, color: red}", 5, "color"),
    ],
)
def test_a_wrong_line_is_named_with_its_place(tmp_path: Path, row: str, line: int, says: str) -> None:
    path = written(tmp_path, WORLD + f"    - {row}\n")
    with pytest.raises(ContentError, match=says) as caught:
        load(path)
    assert f"helplines.yaml:{line + 1}: " in str(caught.value)


def test_a_list_without_the_worldwide_lines_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match="directory"):
        load(written(tmp_path, "worldwide: []\n"))
    with pytest.raises(ContentError, match="worldwide"):
        load(written(tmp_path, "countries: {}\n"))


@pytest.mark.parametrize("text", ["", "- 1\n", "worldwide: 3\n"])
def test_a_file_of_another_shape_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ContentError, match=r"helplines\.yaml:1: "):
        load(written(tmp_path, text))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match=r"gone\.yaml"):
        load(tmp_path / "gone.yaml")


def test_values_are_frozen() -> None:
    line = Line(kind="emergency", status="unconfirmed")
    with pytest.raises(ValueError, match="frozen"):
        line.kind = "crisis"  # type: ignore[misc]
    assert Helplines(worldwide=(line, Line(kind="directory", status="unconfirmed"))).for_country("DE")[0] == line
