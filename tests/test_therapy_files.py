"""The files of the therapy guide: what is refused with file and line, what `closer check` finds, what a release still wants."""

from __future__ import annotations

import re
import shutil
from datetime import date
from pathlib import Path

import pytest

from bot.content.loader import ROOT, ContentError
from bot.content.therapy import STRUCTURE, Guide, load
from bot.content.therapy_check import check, unready
from tests.kernel import parts

FOLDER = Path("packs", "intimacy", "therapy")
GUIDE = parts().guide


def edited(tmp_path: Path, old: str, new: str, file: str = STRUCTURE) -> tuple[Path, int]:
    """A copy of the guide with one line changed, and the number of that line."""
    folder = Path(shutil.copytree(ROOT / FOLDER, tmp_path / "therapy"))
    path = folder / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    return folder, text[: text.index(old)].count("\n") + 1


# What is replaced, by what, and words of the message that names the line.
BROKEN = {
    "an unknown outcome": ("me, weights: {individual: 3}", "me, weights: {nobody: 3}", "neither an outcome nor a format"),
    "a weight too big": ("me, weights: {individual: 3}", "me, weights: {individual: 9}", "less than or equal to 4"),
    "an outcome that is no kind": ("outcomes: [individual,", "outcomes: [hypnosis,", "is no kind of therapy"),
    "nothing instead": ("instead: steps", "instead: tea", "is no outcome"),
    "an unknown field": ("suggest_from: 0.3", "suggest_form: 0.3", "correct it as the notes"),
    "an address without https": ("https://findtreatment.gov/", "http://findtreatment.gov/", "should match pattern"),
    "confirmed on no day": ('nt.gov/", status: unconfirmed', 'nt.gov/", status: confirmed', "verified_on"),
    "markup in a name": ("name: PsyReg", "name: '**PsyReg**'", "should match pattern"),
    "a country that reads as no": ('"NO":', "NO:", "put its code in quotes"),
    "near as a whole and apart": ("true\n    pages: [{id: what}", "true\n    pages: [{id: x, near: true, apart: y}", "whole"),
    "a kind that stands twice": ("  - id: family\n    near: true\n    p", "  - id: couples\n    near: true\n    p", "is taken"),
    "too few questions": ("- id: tried\n", "- id: tried\n      ask: open\n", "everybody 5 questions"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_structure_is_refused_with_file_and_line(name, tmp_path):
    old, new, words = BROKEN[name]
    folder, line = edited(tmp_path, old, new)
    with pytest.raises(ContentError, match=re.escape(words)) as error:
        load(folder / STRUCTURE)
    near = [int(number) for number in re.findall(rf"{STRUCTURE}:(\d+):", str(error.value))]
    assert near
    assert name in ("too few questions", "an unknown field") or min(abs(number - line) for number in near) <= 2


# What is replaced in the English words or the structure, by what, and words of the problem.
WRONG = {
    "a source unknown": (STRUCTURE, "reading: [betterhelp,", "reading: [nowhere,", "'nowhere' is not in pack.yaml"),
    "a need unknown": (
        STRUCTURE,
        "    emotional: {individual: 1}",
        "    hunger: {individual: 1}",
        "'hunger' is not in pack.yaml",
    ),
    "pointing to a partner": ("en.yaml", "Which is the first?", "Which would your partner like?", "says 'partner'"),
    "pushing": ("en.yaml", "What would you like to do with it?", "You should do it.", "says 'should'"),
    "two sides too long": ("en.yaml", "One fee for one person.", "One fee. " * 60, "900 is the most"),
}


@pytest.mark.parametrize("name", WRONG)
def test_the_check_finds_what_no_structure_shows(name, tmp_path):
    file, old, new, words = WRONG[name]
    folder, line = edited(tmp_path, old, new, file)
    found = check(folder, parts().pack)
    fitting = [problem for problem in found if words in problem]
    assert fitting
    assert name == "two sides too long" or f"{file}:{line}:" in fitting[0]


def test_what_is_shipped_has_no_such_problem():
    assert check(ROOT / FOLDER, parts().pack) == []


def test_a_guide_without_its_words_says_so(tmp_path):
    folder = Path(shutil.copytree(ROOT / FOLDER, tmp_path / "therapy"))
    (folder / "en.yaml").unlink()
    assert any("has no words in 'en'" in problem for problem in check(folder, parts().pack))


def test_the_guide_is_a_value():
    assert load(ROOT / FOLDER / STRUCTURE) == GUIDE
    assert isinstance(GUIDE, Guide)


def test_a_release_wants_every_list_confirmed(tmp_path):
    folder = Path(shutil.copytree(ROOT / FOLDER, tmp_path / "therapy"))
    assert len(list(unready(folder, date(2026, 12, 1)))) == sum(map(len, GUIDE.directories.values()))
    path = folder / STRUCTURE
    path.write_text(
        path.read_text("utf-8").replace("status: unconfirmed", "status: confirmed, verified_on: 2026-11-20"), "utf-8"
    )
    assert list(unready(folder, date(2026, 12, 1))) == []
    late = list(unready(folder, date(2027, 12, 1)))
    assert all("180 are the most" in line for line in late)
    assert late
    assert all("in the future" in line for line in unready(folder, date(2026, 11, 1)))
