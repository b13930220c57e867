"""The list of helplines: what is in it, what is shown of it, what lies over it, what a release asks, and what is refused."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path

import pytest

from bot.cli import main
from bot.content.helplines import FRESH_DAYS, load, loaded, unready
from bot.content.loader import ROOT, ContentError
from bot.content.model import MOST_OF_A_KIND, HelpLine, Helplines
from tests.confirmed import READ_ON, written

SHIPPED = ROOT / "helplines.yaml"
WORLD = """\
worldwide:
  - {kind: emergency, status: unconfirmed}
  - {kind: directory, text: findahelpline.com, source_url: "https://findahelpline.com/", status: unconfirmed}
countries:
  XX:
"""
CONFIRMED = 'source_url: "https://example.org/", verified_on: 2026-01-02, status: confirmed'


def file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "helplines.yaml"
    path.write_text(text, "utf-8")
    return path


# -- what ships ------------------------------------------------------------------------------------------------------


def test_what_ships_shows_no_number_that_nobody_confirmed() -> None:
    lines = load(SHIPPED)
    for code in (None, "ZZ", *lines.countries):
        shown = lines.for_country(code)
        assert all(line.number is None or line.status == "confirmed" for line in shown)
        assert [shown[0].kind, shown[-1].kind] == ["emergency", "directory"]
    for kind in ("crisis", "violence", "sexual_violence", "youth", "eating"):
        assert lines.with_numbers((kind,)) == ()


def test_every_number_that_ships_names_its_source_and_nobody_claims_to_have_read_it() -> None:
    for country in load(SHIPPED).countries.values():
        for line in country:
            assert line.source_url is not None
            assert line.name
            assert (line.status, line.verified_on) == ("unconfirmed", None)


def test_enough_countries_each_with_an_emergency_number_and_somebody_to_talk_to() -> None:
    countries = load(SHIPPED).countries
    assert len(countries.keys() - {"EU"}) >= 28
    assert "EU" in countries
    for code, lines in countries.items():
        kinds = {line.kind for line in lines}
        assert {"emergency", "crisis"} <= kinds, code
        # Nobody could name these two so far.
        assert "violence" in kinds or code in {"CH", "PH"}, code


def test_numbers_that_were_given_up_are_not_in_it() -> None:
    digits = re.sub(r"[^\d\n]", "", SHIPPED.read_text("utf-8"))
    for old in ("18002738255", "18002214444", "18005990019"):
        assert old not in digits
    assert "kiran" not in SHIPPED.read_text("utf-8").casefold()
    assert "18007997233" in digits, "the search would find one that is there"


# -- what is shown ---------------------------------------------------------------------------------------------------


def test_a_confirmed_line_stands_before_the_worldwide_ones(tmp_path: Path) -> None:
    country = f"""\
    - {{kind: crisis, number: "116 123", {CONFIRMED}}}
    - {{kind: emergency, number: "112", {CONFIRMED}}}
    - {{kind: violence, number: "1522", source_url: "https://example.org/", status: unconfirmed}}
"""
    lines = load(file(tmp_path, WORLD + country))
    assert [line.number for line in lines.for_country("xx")] == ["112", "116 123", None]
    assert [line.kind for line in lines.for_country(None)] == ["emergency", "directory"]
    assert lines.countries["XX"][0].verified_on == date(2026, 1, 2)


def test_a_site_can_be_wrong_as_a_number_can(tmp_path: Path) -> None:
    country = '    - {kind: violence, text: example.org, source_url: "https://example.org/", status: unconfirmed}\n'
    lines = load(file(tmp_path, WORLD + country))
    assert [line.kind for line in lines.for_country("XX")] == ["emergency", "directory"]


def test_for_each_trouble_the_first_kind_that_there_is(tmp_path: Path) -> None:
    country = "".join(f'    - {{kind: {kind}, number: "1", {CONFIRMED}}}\n' for kind in ("crisis", "violence"))
    lines = load(file(tmp_path, WORLD + country))
    for kinds, found in {
        ("crisis",): "crisis",
        ("sexual_violence", "violence"): "violence",
        ("eating", "crisis"): "crisis",
    }.items():
        assert [line.kind for line in lines.of("XX", kinds)] == ["emergency", found, "directory"]
        assert lines.with_numbers(kinds) == ("XX",)
    assert [line.kind for line in lines.of("XX", ("youth",))] == ["emergency", "directory"]
    assert lines.with_numbers(("youth",)) == ()


# -- an operator's own file ------------------------------------------------------------------------------------------


def test_an_operators_countries_replace_ours_and_the_rest_stays(tmp_path: Path) -> None:
    own = file(tmp_path, f'countries:\n  DE:\n    - {{kind: crisis, number: "1", {CONFIRMED}}}\n  FR: []\n')
    ours, both = load(SHIPPED), loaded(ROOT, own)
    assert [line.number for line in both.countries["DE"]] == ["1"]
    assert both.countries["FR"] == ()
    assert both.countries["GB"] == ours.countries["GB"]
    assert both.worldwide == ours.worldwide
    assert both.with_numbers(("crisis",)) == ("DE",)
    assert list(both.countries) == list(ours.countries)


def test_an_operators_worldwide_lines_replace_ours(tmp_path: Path) -> None:
    directory = f"{{kind: directory, name: Ours, text: example.org, {CONFIRMED}}}"
    own = file(tmp_path, f"worldwide:\n  - {{kind: emergency, status: unconfirmed}}\n  - {directory}\n")
    assert [line.name for line in loaded(ROOT, own).worldwide] == ["", "Ours"]
    with pytest.raises(ContentError, match=r"helplines\.yaml:1: .*directory"):
        loaded(ROOT, file(tmp_path, "worldwide: []\n"))


def test_norway_out_of_quotes_is_named_with_its_line(tmp_path: Path) -> None:
    own = file(tmp_path, "countries:\n  DE: []\n  NO: []\n")
    with pytest.raises(ContentError, match=r'helplines\.yaml:3: .*put its code in quotes, as "NO"'):
        loaded(ROOT, own)


def test_check_reads_the_operators_file_too(tmp_path: Path, monkeypatch, capsys) -> None:
    own = file(tmp_path, 'countries:\n  DE:\n    - {kind: crisis, number: "1", status: confirmed}\n')
    monkeypatch.setenv("HELPLINES_FILE", str(own))
    assert main(["check"]) == 2
    assert f"{own}:3: countries.DE.0: " in capsys.readouterr().err


# -- a release -------------------------------------------------------------------------------------------------------


def test_a_release_names_every_line_that_nobody_confirmed() -> None:
    said = list(unready(ROOT, None, READ_ON))
    known = load(SHIPPED)
    assert len(said) == 1 + sum(len(lines) for lines in known.countries.values())
    rows = SHIPPED.read_text("utf-8").splitlines()
    for problem in said:
        path, number, what = problem.split(":", 2)
        assert path == str(SHIPPED)
        assert rows[int(number) - 1].lstrip().startswith("- kind: ")
        assert "nobody confirmed it; open https://" in what


@pytest.mark.parametrize(
    ("days", "says"), [(0, ""), (FRESH_DAYS, ""), (FRESH_DAYS + 1, "181 days ago, and 180 are the most"), (-1, "in the future")]
)
def test_what_was_confirmed_is_ready_for_a_release_for_180_days(tmp_path: Path, days: int, says: str) -> None:
    own = written(tmp_path)
    said = list(unready(ROOT, own, READ_ON + timedelta(days=days)))
    assert bool(said) == bool(says)
    assert all(says in problem and problem.startswith(f"{own}:") for problem in said)


def test_a_release_looks_at_the_lines_in_use(tmp_path: Path) -> None:
    line = '{kind: crisis, number: "1", source_url: "https://a.b/", status: unconfirmed}'
    own = file(tmp_path, f"countries:\n  DE:\n    - {line}\n")
    said = list(unready(ROOT, own, READ_ON))
    (mine,) = (problem for problem in said if problem.startswith(str(own)))
    assert mine.startswith(f"{own}:3: countries.DE: crisis: nobody confirmed it; open https://a.b/, compare, then ")
    ours = [problem for problem in said if problem.startswith(str(SHIPPED))]
    assert any("countries.GB" in problem for problem in ours)
    assert any("worldwide" in problem for problem in ours)
    assert not any("countries.DE" in problem for problem in ours)


# -- what is refused -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ('{kind: crisis, number: "1", source_url: "https://a.b/", status: confirmed}', "verified_on"),
        ('{kind: crisis, number: "1", status: unconfirmed}', "source_url"),
        ('{kind: crisis, number: "call me", source_url: "https://a.b/", status: unconfirmed}', "pattern"),
        ('{kind: crisis, number: 112, source_url: "https://a.b/", status: unconfirmed}', "string"),
        ('{kind: crisis, name: "**loud**", status: unconfirmed}', "pattern"),
        ("{kind: cat, status: unconfirmed}", "emergency"),
        ("{kind: crisis, status: maybe}", "confirmed"),
        ("{kind: crisis, status: unconfirmed, color: red}", "color"),
    ],
)
def test_a_wrong_line_is_named_with_its_place(tmp_path: Path, row: str, says: str) -> None:
    path = file(tmp_path, WORLD + f"    - {row}\n")
    with pytest.raises(ContentError, match=says) as caught:
        load(path)
    assert "helplines.yaml:6: " in str(caught.value)


def test_too_many_lines_of_a_kind_are_too_many_to_read(tmp_path: Path) -> None:
    rows = f'    - {{kind: crisis, number: "1", {CONFIRMED}}}\n'
    load(file(tmp_path, WORLD + rows * MOST_OF_A_KIND))
    with pytest.raises(ContentError, match=r"helplines\.yaml:5: countries\.XX: more than 4 lines"):
        load(file(tmp_path, WORLD + rows * (MOST_OF_A_KIND + 1)))


def test_a_list_without_the_worldwide_lines_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match="directory"):
        load(file(tmp_path, "worldwide: []\n"))
    with pytest.raises(ContentError, match="worldwide"):
        load(file(tmp_path, "countries: {}\n"))


@pytest.mark.parametrize("text", ["", "- 1\n", "worldwide: 3\n"])
def test_a_file_of_another_shape_is_refused(tmp_path: Path, text: str) -> None:
    for over in (None, load(SHIPPED)):
        with pytest.raises(ContentError, match=r"helplines\.yaml:1: "):
            load(file(tmp_path, text), over)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match=r"gone\.yaml"):
        load(tmp_path / "gone.yaml")


def test_values_are_frozen() -> None:
    line = HelpLine(kind="emergency", status="unconfirmed")
    with pytest.raises(ValueError, match="frozen"):
        line.kind = "crisis"  # type: ignore[misc]
    assert Helplines(worldwide=(line, HelpLine(kind="directory", status="unconfirmed"))).for_country("DE")[0] == line
