"""`closer check` on content that is broken in every way it knows: file, line and remedy; and none of it in what is shipped."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from bot.app import content
from bot.cli import main
from bot.content.check import check
from bot.content.crawl import crawl
from bot.content.loader import ROOT
from tests.kernel import parts

CORE, WORDS, PACK = "core/en.yaml", "packs/intimacy/en.yaml", "packs/intimacy/pack.yaml"
HARD = "Notwithstanding considerable interpersonal complications, individuals habitually underestimate appreciation. " * 8
LONG = "Some words. " * 80


def copied(folder: Path) -> Path:
    return Path(shutil.copytree(ROOT, folder / "content", ignore=shutil.ignore_patterns("*.py", "__pycache__")))


def edit(root: Path, file: str, old: str, new: str) -> None:
    """Replace the first `old` (a line's beginning, or a regular expression) in this file."""
    path = root / file
    text = path.read_text("utf-8")
    changed, count = re.subn(old, lambda match: new, text, count=1, flags=re.MULTILINE)
    assert count == 1, f"{old} is not in {file}"
    path.write_text(changed, "utf-8")


def checked(root: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, list[str]]:
    """The exit code, and all lines said."""
    code = main(["check", "--content", str(root)])
    said = capsys.readouterr()
    return code, [*said.out.splitlines(), *said.err.splitlines()]


def line_with(root: Path, file: str, needle: str) -> int:
    lines = (root / file).read_text("utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if needle in line)


def named(said: list[str], root: Path, file: str, needle: str, *words: str) -> None:
    """One of the lines said names this file, the line on which `needle` stands, and these words."""
    place = f"{root / file}:{line_with(root, file, needle)}:"
    fitting = [line for line in said if place in line]
    assert fitting, f"nothing names {place}\n" + "\n".join(said)[:2000]
    assert any(all(word in line for word in words) for line in fitting), fitting


@pytest.fixture(scope="module")
def seen():
    """The shipped dialogs, walked through once: words may change below them, they do not."""
    return crawl(parts().book)


@pytest.fixture
def walked_before(seen, monkeypatch):
    monkeypatch.setattr("bot.content.check.crawl", lambda book: seen)


# -- what is shipped -------------------------------------------------------------------------------------------------


def test_what_is_shipped_is_in_order(capsys, walked_before):
    assert main(["check"]) == 0
    assert capsys.readouterr().out == "everything is in order\n"


# -- words: found all at once ----------------------------------------------------------------------------------------

# (file, what is replaced, by what, a word on the line to be named, words of the message)
FAULTY_WORDS = {
    "words never said": (CORE, r"^home:\n", "home:\n  nobody: Never said.\n", "nobody:", ("is never said", "remove it")),
    "an unknown value": (CORE, r"up to \{most\} characters here", "up to {moist} characters", "  long:", ("{moist}",)),
    "a value left out": (CORE, r"\{most\} characters is the most\.", "It is.", "  long:", ("leaves out {most}", "put it in")),
    "an unpaired brace": (CORE, r"An older button\.", "An older { button.", "  stale:", ("brace", "double it")),
    "two wordings only": (CORE, r"^  media:\n    -.*\n", "  media:\n", "  media:", ("at least 3",)),
    "the same wording twice": (
        CORE,
        r"^  empty:\n    - (.*)\n    - .*\n",
        '  empty:\n    - "Same."\n    - "Same."\n',
        "  empty:",
        ("at least 3 different",),
    ),
    "too long": (WORDS, r'text: "Tonight, write three lines', f'text: "{LONG}', "Some words. Some", ("900 is the most",)),
    "a label too long": (CORE, r"Back to privacy", "Back to privacy " * 8, "Back to privacy Back", ("80 is the most",)),
    "a fact that is not in the pack": (WORDS, r"\[F1\.3\]", "[F1.3, F9.9]", "[F1.3, F9.9]", ("F9.9", "pack.yaml")),
}


@pytest.fixture(scope="module")
def faulty(tmp_path_factory):
    """A content folder with all these faults, and what is said about it."""
    root = copied(tmp_path_factory.mktemp("faulty"))
    for file, old, new, _, _ in FAULTY_WORDS.values():
        edit(root, file, old, new)
    edit(root, CORE, r"Thank you for telling this\. What was done", f"{HARD} What was done")
    edit(root, WORDS, r"^    facts: \[F8\.2\]\n", "")
    edit(root, CORE, r'^      privacy: "Privacy, and what is kept"\n', "")
    return root


@pytest.fixture(scope="module")
def said(faulty, seen):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bot.content.check.crawl", lambda book: seen)
        found = content(faulty)
        return check(faulty, found.book, found.library, found.pack)


@pytest.mark.parametrize("name", FAULTY_WORDS)
def test_faulty_words_are_named_with_file_line_and_remedy(name, faulty, said):
    file, _, _, needle, words = FAULTY_WORDS[name]
    named(said, faulty, file, needle, *words)


def test_a_screen_that_is_hard_to_read_is_named(faulty, said):
    named(said, faulty, CORE, HARD[:40], "safety/assault", "grade", "shorten")


def test_a_choice_without_words_is_named(faulty, said):
    # The nearest line above: that of the choices, below the text and the step.
    place = line_with(faulty, CORE, "What would you like to look at?") + 2
    assert f"{faulty / CORE}:{place}: no words for 'home.menu.options.privacy'; write them here" in said


def test_a_fact_beside_no_words_is_named(said):
    assert any(
        "packs/intimacy/en.yaml" in line and "fact F8.2 stands beside no words" in line and "say it" in line for line in said
    )


def test_problems_come_ordered_and_once(said):
    assert said == sorted(set(said))


# -- words without which nothing can be shown ------------------------------------------------------------------------

BROKEN_SCREENS = {
    "a screen without words": (CORE, r'^    text: "What would you like to look at\?"\n', "", "home.menu.text"),
    "an unknown value on a screen": (CORE, r"more than one may be yours\.\\n\\n\{rows\}|\{rows\}", "{lows}", "{lows}"),
    "an unpaired brace on a screen": (CORE, r"What would you like to look at\?", "What { now?", "brace"),
}


@pytest.mark.parametrize("name", BROKEN_SCREENS)
def test_a_broken_screen_is_a_problem_and_no_accident(name, tmp_path, capsys, walked_before):
    file, old, new, word = BROKEN_SCREENS[name]
    root = copied(tmp_path)
    edit(root, file, old, new)
    code, lines = checked(root, capsys)
    assert code == 1
    assert any(re.search(rf"{re.escape(str(root / file))}:\d+: ", line) and word in line for line in lines), lines


# -- files that cannot be read at all --------------------------------------------------------------------------------

# (file, what is replaced, by what, a word on the line to be named, words of the message)
UNREADABLE = {
    "broken YAML": (CORE, r"^home:\n  menu:\n", "home:\n  menu: [\n", "", ("YAML",)),
    "a tab": (CORE, r"^home:\n  menu:", "home:\n\tmenu:", "\tmenu:", ("YAML",)),
    "yes read as true": (CORE, r'^      "yes": "Yes"$', '      yes: "Yes"', '      yes: "Yes"', ("quotes",)),
    "no read as false": (CORE, r'^      "no": \[nope', "      no: [nope", "      no: [nope", ("quotes",)),
    "yes among phrases": (CORE, r'\["yes", yep', "[yes, yep", "[yes, yep", ()),
    "a key without words": (CORE, r'^    text: "Help from people, right away\."$', "    text:", "", ("write its words",)),
    "a number for words": (
        CORE,
        r'^    text: "Help from people, right away\."$',
        "    text: 42",
        "text: 42",
        ("write its words",),
    ),
    "plural forms without a count": (
        CORE,
        r'^    text: "Help from people, right away\."$',
        "    text: {one: a, other: b}",
        "text: {one",
        ("count:",),
    ),
    "an unknown source": (PACK, r"^  F2\.1: betterhelp$", "  F2.1: nowhere", "F2.1: nowhere", ("nowhere", "define it")),
    "an unknown source of a step": (PACK, r"source: cruwys\}", "source: nobody}", "source: nobody}", ("nobody", "define it")),
    "an unknown need in a weight": (
        PACK,
        r"weights: \{belonging: 1\}",
        "weights: {belongin: 1}",
        "belongin: 1",
        ("belongin", "define it"),
    ),
    "a weight out of bounds": (PACK, r"weights: \{belonging: 1\}", "weights: {belonging: 9}", "belonging: 9", ("4",)),
    "an id twice": (PACK, r"id: warmup, effort: 1", "id: lines, effort: 1", "lines, effort: 1, toward: any", ("another id",)),
    "an unknown key": (PACK, r"\{id: lines, effort: 1", "{id: lines, colour: red, effort: 1", "colour: red", ("colour",)),
    "an unknown direction": (PACK, r"toward: partner", "toward: boss", "toward: boss", ("partner",)),
    "a page near nobody": (PACK, r"near: true, apart: what_apart", "near: true", "near: true", ("apart:",)),
    "a missing part": (PACK, r"^  alive_from: 0\.45\n", "", "scoring:", ("required",)),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_file_that_cannot_be_read_is_named_with_its_line(name, tmp_path, capsys):
    file, old, new, needle, words = UNREADABLE[name]
    root = copied(tmp_path)
    edit(root, file, old, new)
    code, lines = checked(root, capsys)
    assert code == 2, lines
    assert lines[0].startswith("closer: ")
    if needle:
        named(lines, root, file, needle, *words)
    else:
        assert any(re.search(rf"{re.escape(str(root / file))}:\d+: ", line) for line in lines), lines
        assert all(word in "\n".join(lines) for word in words), lines


def test_words_defined_in_two_files(tmp_path, capsys):
    root = copied(tmp_path)
    edit(root, CORE, r"\Z", "\nintimacy:\n  intro:\n    what:\n      text: Twice.\n")
    code, lines = checked(root, capsys)
    assert code == 2
    assert "'intimacy.intro.what.text' is defined in another file too; keep it in one of them" in lines[0]
    assert re.search(r"en\.yaml:\d+: ", lines[0]), lines


def test_words_defined_twice_in_one_file(tmp_path, capsys, walked_before):
    root = copied(tmp_path)
    edit(root, CORE, r"^home:\n", "home:\n  menu:\n    text: Twice.\n")
    code, lines = checked(root, capsys)
    assert code != 0, lines
    assert re.search(r"en\.yaml:\d+: ", lines[0]), lines


def test_a_language_without_a_file_is_told_so_once(tmp_path, capsys, walked_before):
    root = copied(tmp_path)
    for folder in ("core", "packs/intimacy", "packs/intimacy/therapy", "times"):
        shutil.copy(root / folder / "en.yaml", root / folder / "de.yaml")
    _, lines = checked(root, capsys)
    missing = root / "packs/intimacy/nudges/de.yaml"
    told = [line for line in lines if "nudges" in line]
    assert told == [f"{missing}:1: this file is missing; copy {missing.with_stem('en')} to it, and translate it"]


def test_a_file_that_is_not_utf8(tmp_path, capsys):
    root = copied(tmp_path)
    (root / CORE).write_bytes("home: café".encode("latin-1"))
    code, lines = checked(root, capsys)
    assert (code, "save it as UTF-8" in lines[0]) == (2, True)


def test_files_that_are_not_there(tmp_path, capsys):
    code, lines = checked(tmp_path / "nowhere", capsys)
    assert (code, "CONTENT_DIR" in lines[0]) == (2, True)
    root = copied(tmp_path)
    (root / PACK).unlink()
    code, lines = checked(root, capsys)
    assert (code, str(root / PACK) in lines[0]) == (2, True)
    (root / CORE).unlink()
    code, lines = checked(root, capsys)
    assert (code, "en.yaml" in lines[0]) == (2, True)


def test_a_language_with_core_words_only(tmp_path, capsys, walked_before):
    root = copied(tmp_path)
    shutil.copy(root / CORE, root / "core" / "de.yaml")
    code, lines = checked(root, capsys)
    assert code == 1
    wanted = root / "packs" / "intimacy" / "de.yaml"
    assert f"{wanted}:1: this file is missing; copy {root / WORDS} to it, and translate it" in lines
    assert re.fullmatch(r"\d+ problems?", lines[-1])


def test_a_language_with_words_of_the_pack_only(tmp_path, capsys):
    root = copied(tmp_path)
    shutil.copy(root / WORDS, root / "packs" / "intimacy" / "de.yaml")
    code, lines = checked(root, capsys)
    assert code == 2
    assert "there is no core/de.yaml; a language needs both" in lines[0]


def test_a_second_language_is_files_only(two_languages, capsys):
    code, lines = checked(two_languages, capsys)
    assert (code, lines) == (0, ["everything is in order"])
