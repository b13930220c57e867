"""What the docs say holds: links lead somewhere, pages made from code are current, the site builds, the walk-through works."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pytest
import yaml

from bot.app import build
from bot.cli import main
from bot.content.loader import ROOT as CONTENT
from bot.settings import Settings
from bot.settings_page import EXAMPLE, meanings, page
from tests.person import Person

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
READ = [*PAGES, *sorted(ROOT.glob("*.md"))]
FENCE = re.compile(r"^( *)```.*?^\1```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")
WRITING = (DOCS / "writing.md").read_text("utf-8")
SITE = pytest.mark.skipif(importlib.util.find_spec("material") is None, reason="mkdocs-material is of the extra docs")
# A piece of YAML that names its file.
SNIPPET = re.compile(r"^```yaml\n# (\S+\.yaml)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def short(path: Path) -> str:
    return str(path.relative_to(ROOT))


# -- links -----------------------------------------------------------------------------------------------------------


@cache
def anchors(path: Path) -> frozenset[str]:
    """The anchors of a page's headings, as repositories make them."""
    heads = re.findall(r"^#+ (.+)$", FENCE.sub("", path.read_text("utf-8")), re.MULTILINE)
    bare = (re.sub(r"\]\([^)]*\)", "", head) for head in heads)
    return frozenset(re.sub(r"[^\w\- ]", "", head).strip().lower().replace(" ", "-") for head in bare)


def dead(path: Path, text: str) -> list[str]:
    """The links of a page that lead nowhere in the repository."""
    found = []
    for target in LINK.findall(FENCE.sub("", text)):
        file, _, anchor = target.partition("#")
        if re.match(r"[a-z]+:", target):
            continue
        there = (path.parent / file).resolve() if file else path
        if not there.is_file() or (anchor and anchor not in anchors(there)):
            found.append(target)
    return found


@pytest.mark.parametrize("path", READ, ids=short)
def test_every_link_leads_somewhere(path):
    assert dead(path, path.read_text("utf-8")) == []


def test_a_link_that_leads_nowhere_is_found():
    text = "[a](nowhere.md) [b](safety.md#nowhere) [c](safety.md#under-18) [d](../.env.example) [e](https://example.org)"
    assert dead(DOCS / "index.md", text) == ["nowhere.md", "safety.md#nowhere"]


def test_every_page_is_in_the_navigation_once():
    def pages(nav: object) -> list[str]:
        if isinstance(nav, str):
            return [nav]
        parts = nav.values() if isinstance(nav, dict) else nav
        return [page for part in parts for page in pages(part)]  # type: ignore[attr-defined]

    nav = pages(yaml.safe_load((ROOT / "mkdocs.yml").read_text("utf-8"))["nav"])
    assert len(nav) == len(set(nav))
    assert set(nav) == {path.relative_to(DOCS).as_posix() for path in PAGES}


# -- pages that are made ---------------------------------------------------------------------------------------------


def test_the_page_of_settings_is_that_of_the_settings():
    made = page(EXAMPLE.read_text("utf-8"))
    assert (DOCS / "settings.md").read_text("utf-8") == made, "run: make settings"
    assert re.findall(r"^## `(\w+)`$", made, re.MULTILINE) == [name.upper() for name in Settings.model_fields]


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("WEB_PORT", "Default: `8080`. Values: a whole number, from 1 to 65,535."),
        ("PICTURES", "Default: `true`. Values: `true` or `false`."),
        ("LOG_LEVEL", "Default: `WARNING`. Values: `DEBUG`, `INFO`, `WARNING`, `ERROR`."),
        ("CLOSER_KEY_FILE", "Default: none. Values: a path."),
        ("DISCORD_SHARD_IDS", "Default: none. Values: whole numbers, with commas between them."),
        ("TELEGRAM_WEBHOOK_URL", "Default: none. Values: an address that begins with `http://` or `https://`."),
        ("TELEGRAM_WEBHOOK_SECRET", "Default: none. Values: a secret, 1 to 256 letters, digits, `_` and `-`."),
        ("TELEGRAM_MESSAGES_PER_SECOND", "Default: `30`. Values: a number, from 1 to 10,000."),
    ],
)
def test_a_setting_says_its_default_and_its_values(name, line):
    part = page(EXAMPLE.read_text("utf-8")).partition(f"\n## `{name}`\n")[2].partition("\n## ")[0]
    assert part.splitlines()[-1] == line


def test_a_setting_without_a_text_is_refused():
    with pytest.raises(KeyError, match="WEB_PORT"):
        page(EXAMPLE.read_text("utf-8").replace("#WEB_PORT=", "#WEB_DOOR="))
    example = "# One thing, see C_D\n# or sqlite:///x.db\n# Left out: two.\n#A=1\n\n#B=2\n"
    assert dict(meanings(example)) == {"A": "One thing, see `C_D` or `sqlite:///x.db`. Left out: two.", "B": ""}


# -- the site --------------------------------------------------------------------------------------------------------


def built(config: Path, site: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--config-file", config, "--site-dir", site],
        env={"PATH": os.environ["PATH"], "HOME": str(site), "NO_MKDOCS_2_WARNING": "1"},
        text=True,
        capture_output=True,
        check=False,
        timeout=120,
    )


class Fetched(HTMLParser):
    """What a browser fetches by itself on opening a page, and the headings and cells that it shows."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag != "a":
            self.addresses += [value or "" for name, value in attrs if name in {"src", "href", "srcset", "data"}]


@SITE
def test_the_site_builds_and_fetches_nothing_from_elsewhere(tmp_path):
    told = built(ROOT / "mkdocs.yml", tmp_path / "site")
    assert told.returncode == 0, told.stderr
    pages = sorted((tmp_path / "site").rglob("*.html"))
    assert len(pages) == len(PAGES) + 1, "and one for what is not found"
    for path in pages:
        fetched = Fetched()
        fetched.feed(path.read_text("utf-8"))
        assert fetched.addresses
        assert not [each for each in fetched.addresses if re.match(r"(https?:)?//", each)], path.name
    drawn = (tmp_path / "site" / "dialogs.html").read_text("utf-8")
    assert "mermaid" not in drawn.lower()
    steps = re.findall(r'^ +\w+\W+"([^"/]+)"\W+$', (DOCS / "dialogs.md").read_text("utf-8"), re.MULTILINE)
    assert len(steps) > 100
    assert all(f"<td><code>{step}</code></td>" in drawn for step in steps)


@SITE
def test_what_is_outside_of_the_docs_is_taken_along(tmp_path):
    assert built(ROOT / "mkdocs.yml", tmp_path / "site").returncode == 0
    assert (tmp_path / "site/files/env.example.txt").read_text("utf-8") == EXAMPLE.read_text("utf-8")
    assert 'href="files/env.example.txt"' in (tmp_path / "site/settings.html").read_text("utf-8")
    assert 'href="../safety.html#' in (tmp_path / "site/templates/dpia.html").read_text("utf-8")


@SITE
@pytest.mark.parametrize("fault", ["[x](nowhere.md)", "[x](safety.md#nowhere)", "[x](../nowhere.yaml)"])
def test_a_fault_in_a_page_ends_the_build(tmp_path, fault):
    for name in ("docs", "deploy"):
        shutil.copytree(ROOT / name, tmp_path / name)
    for path in (*ROOT.glob("*.*"), ROOT / "Dockerfile", EXAMPLE):
        if path.is_file():
            shutil.copy(path, tmp_path)
    with (tmp_path / "docs" / "index.md").open("a", encoding="utf-8") as index:
        index.write(f"\n{fault}\n")
    told = built(tmp_path / "mkdocs.yml", tmp_path / "site")
    assert told.returncode != 0
    assert "nowhere" in told.stderr


# -- the walk-through ------------------------------------------------------------------------------------------------


def snippets() -> dict[str, str]:
    """The pieces of YAML of the walk-through, by their files, in its order."""
    return dict(SNIPPET.findall(WRITING))


def put_in(root: Path, file: str, after: str = "laugh") -> None:
    """Do to a file what the walk-through says: new keys are added, old ones replaced, a question goes below another."""
    path = root / file
    values = yaml.safe_load(path.read_text("utf-8"))
    _merge(values, yaml.safe_load(snippets()[file]), after)
    path.write_text(yaml.safe_dump(values, allow_unicode=True, sort_keys=False, width=10_000), "utf-8")


def _merge(old: dict, new: dict, after: str) -> None:
    for key, value in new.items():
        if isinstance(value, dict) and isinstance(old.get(key), dict):
            _merge(old[key], value, after)
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            place = [each["id"] for each in old[key]].index(after) + 1
            old[key][place:place] = value
        else:
            old[key] = value


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    root = tmp_path / "closer-words"
    shutil.copytree(CONTENT, root, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    return root


@pytest.fixture
def walked(copied: Path) -> Path:
    """The copy, after all that the walk-through does."""
    for file in snippets():
        if file.endswith("/de.yaml") and not (copied / file).exists():
            for path in sorted(copied.rglob("en.yaml")):
                if path.parent.name != "crisis":
                    shutil.copy(path, path.with_name("de.yaml"))
        put_in(copied, file)
    return copied


def test_the_walk_through_names_every_file_of_words():
    (named,) = re.findall(r"for folder in (.+); do cp \$folder/en\.yaml \$folder/de\.yaml", WRITING)
    assert set(named.split()) == {path.parent.relative_to(CONTENT).as_posix() for path in CONTENT.rglob("en.yaml")} - {"crisis"}
    assert "below the one with `id: laugh`" in WRITING


def test_a_question_without_words_is_told_as_the_walk_through_shows(copied, capsys):
    put_in(copied, "packs/intimacy/pack.yaml")
    assert main(["check", "--content", str(copied)]) == 1
    told = capsys.readouterr().out.splitlines()
    shown = re.search(r"^(\.\.\./packs.*?\n)(\d+ problems)$", WRITING, re.MULTILINE | re.DOTALL)
    assert shown
    assert [line.rpartition("packs/")[2] for line in told] == [
        *(line.rpartition("packs/")[2] for line in shown[1].splitlines()),
        shown[2],
    ]


async def test_the_question_is_asked_in_both_languages(walked, tmp_path):
    settings = Settings(_env_file=None, content_dir=walked, database_url=f"sqlite:///{tmp_path / 'x.db'}")
    runtime = await build(settings.model_copy(update={"closer_key_file": tmp_path / "key"}))
    try:
        for language, hello, asked, said in (
            ("en", "Hello, this is", "the kettle", "no kitchen where you belong"),
            ("de", "Hallo, hier ist", "Teewasser", "dass dir keine Küche einfällt"),
        ):
            person = Person(runtime, name=language, language=language)
            assert hello in await person.open()
            await person.tap("adult")
            await person.tap("full")
            while asked not in person.text:
                await person.tap(":skip")
            await person.tap("nobody")
            assert asked not in person.text
            while ":skip" in person.keys:
                await person.tap(":skip")
            assert said in person.text
    finally:
        await runtime.close()


def test_in_the_end_everything_is_in_order(walked, capsys):
    assert (main(["check", "--content", str(walked)]), capsys.readouterr().out) == (0, "everything is in order\n")
