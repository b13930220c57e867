"""The house's own laws, read off the code: no sentence in it, a kernel of nothing but itself, short files, no drift."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.cli import main
from bot.settings import Settings
from tests.kernel import book, parts

ROOT = Path(__file__).parent.parent
CODE = sorted(path for folder in ("bot", "storage") for path in (ROOT / folder).rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def short(path: Path) -> str:
    return str(path.relative_to(ROOT))


# -- size and imports ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [*CODE, *TESTS], ids=short)
def test_no_file_is_over_400_lines_and_no_function_over_40(path):
    assert len(path.read_text("utf-8").splitlines()) <= 400
    if path in CODE:
        long = [
            f"{node.name}: {node.end_lineno - node.lineno + 1} lines"
            for node in ast.walk(tree(path))
            if isinstance(node, FUNCTIONS) and (node.end_lineno or 0) - node.lineno >= 40
        ]
        assert not long


@pytest.mark.parametrize("path", CODE, ids=short)
def test_every_file_begins_with_its_law(path):
    assert ast.get_docstring(tree(path)), f"{short(path)}: say on top what may and may not live here"


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "imports are absolute"
            yield node.module or ""


@pytest.mark.parametrize("path", sorted((ROOT / "bot" / "conversation").rglob("*.py")), ids=short)
def test_the_kernel_imports_nothing_but_itself_and_the_standard_library(path):
    impure = {"asyncio", "random", "time", "secrets", "os", "socket", "sqlite3", "subprocess", "threading", "io"}
    for name in imported(path):
        top = name.partition(".")[0]
        assert name.startswith("bot.conversation.") or top in sys.stdlib_module_names, name
        assert top not in impure, name


def test_the_kernel_reads_no_clock():
    for path in (ROOT / "bot" / "conversation").rglob("*.py"):
        read = [ast.unparse(node) for node in ast.walk(tree(path)) if isinstance(node, ast.Attribute)]
        assert not {"datetime.now", "datetime.utcnow", "datetime.today", "date.today"} & set(read), short(path)


# -- words -----------------------------------------------------------------------------------------------------------


def sentences(path: Path) -> list[str]:
    """String literals of more than six words, but for docstrings, types and the messages of errors."""
    module = tree(path)
    exempt: set[int] = set()
    for node in ast.walk(module):
        if isinstance(node, (ast.Module, ast.ClassDef, *FUNCTIONS)) and node.body and isinstance(node.body[0], ast.Expr):
            exempt |= {id(part) for part in ast.walk(node.body[0])}
        if isinstance(node, ast.Raise) or (isinstance(node, ast.AnnAssign) and "TypeAlias" in ast.unparse(node.annotation)):
            exempt |= {id(part) for part in ast.walk(node)}
        # What an operator is told is no part of a conversation.
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("Error"):
            exempt |= {id(part) for part in ast.walk(node)}
        if isinstance(node, ast.keyword) and node.arg == "remedy":
            exempt |= {id(part) for part in ast.walk(node)}
    return [
        node.value
        for node in ast.walk(module)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in exempt
        and len(re.findall(r"[A-Za-z’']{2,}", node.value)) > 6
    ]


@pytest.mark.parametrize(
    "path",
    sorted(p for folder in ("handlers", "conversation", "platforms") for p in (ROOT / "bot" / folder).rglob("*.py")),
    ids=short,
)
def test_no_sentence_stands_in_code(path):
    assert not sentences(path)


def test_the_search_for_sentences_finds_one(tmp_path):
    file = tmp_path / "x.py"
    file.write_text('"""A docstring with more than six words in it."""\nx = "this one here is a whole sentence in code"\n')
    assert len(sentences(file)) == 1


def test_every_command_has_words_and_a_place():
    wanted = {"start", "why", "needs", "nudge", "nudges", "checkin", "progress", "therapy", "sos", "help"}
    wanted |= {"about", "privacy", "export", "forget", "stop"}
    assert set(book().commands) == wanted
    for name in wanted | {"language"}:
        assert parts().library.text("en", f"commands.{name}").strip()


def test_with_two_languages_there_is_one_more_command(two_languages):
    from bot.app import content

    assert set(content(two_languages).book.commands) - set(book().commands) == {"language"}


# -- what could drift ------------------------------------------------------------------------------------------------


def test_the_drawings_in_the_docs_are_those_of_the_dialogs(capsys):
    assert main(["draw"]) == 0
    drawn = capsys.readouterr().out
    assert (ROOT / "docs" / "dialogs.md").read_text("utf-8") == drawn, "run: make drawings"
    for dialog in book().dialogs.values():
        assert f"\n## {dialog.name}\n" in drawn
        assert all(f'"{step.name}"' in drawn for step in dialog.table)


def test_the_example_settings_are_the_settings():
    lines = (ROOT / ".env.example").read_text("utf-8").splitlines()
    named = [line.lstrip("#").partition("=")[0] for line in lines if re.match(r"#?[A-Z_]+=", line)]
    assert sorted(named) == sorted(name.upper() for name in Settings.model_fields)
    for number, line in enumerate(lines):
        if re.match(r"#?[A-Z_]+=", line):
            assert lines[number - 1].startswith("# "), f"say above {line} what it is"


def test_the_example_shows_the_defaults(monkeypatch, tmp_path):
    text = (ROOT / ".env.example").read_text("utf-8")
    for name, field in Settings.model_fields.items():
        shown = re.search(rf"^#?{name.upper()}=(.*)$", text, re.MULTILINE)
        if shown and isinstance(field.default, int | float | str) and field.default is not None:
            expected = str(field.default)
            assert shown[1] == (expected.lower() if isinstance(field.default, bool) else expected), name


def test_the_pinned_versions_name_no_index():
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    pinned = [line for line in lines if line and not line.startswith("#")]
    assert pinned
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.+!_-]+( *;.*)?", line) for line in pinned)
    for path in (ROOT / "constraints.txt", ROOT / "pyproject.toml", ROOT / "Makefile"):
        assert not re.search(r"index-url|--find-links|https?://[^\s\"]*(simple|pypi)", path.read_text("utf-8")), path.name


def test_settings_cannot_be_changed_and_do_not_show_the_key():
    settings = Settings(_env_file=None, closer_key="a-secret-key")
    assert "a-secret-key" not in repr(settings)
    with pytest.raises(ValueError, match="frozen"):
        settings.session_hours = 1


# -- security --------------------------------------------------------------------------------------------------------

RUNS = {"execute", "executemany", "executescript", "execute_fetchall", "exec_driver_sql", "fetch", "fetchrow", "fetchval"}


def built(node: ast.AST) -> bool:
    """Whether this makes a text out of parts."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Mod):
        return any(isinstance(side, ast.Constant | ast.JoinedStr) and not _number(side) for side in (node.left, node.right))
    makes = {"format", "format_map", "join", "replace"}
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Attribute) and node.attr in makes)


def _number(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, int | float)


def assembled(module: ast.Module) -> list[int]:
    """The lines on which a database is given a text that was put together there, and not a constant with parameters."""
    return [
        node.lineno
        for node in ast.walk(module)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in RUNS and node.args
        if any(built(part) for part in ast.walk(node.args[0]))
    ]


@pytest.mark.parametrize("path", CODE, ids=short)
def test_a_database_is_asked_by_bound_parameters_only(path):
    assert not assembled(tree(path))


@pytest.mark.parametrize("asked", ['f"SELECT {x}"', '"SELECT " + x', '"SELECT %s" % x', '"SELECT {}".format(x)'])
def test_the_search_for_assembled_questions_finds_one(asked):
    assert assembled(ast.parse(f"await here.execute({asked})")) == [1]
    assert not assembled(ast.parse('here.execute("SELECT ?", (x + 1,))'))


def test_no_security_rule_is_silent_in_the_product_and_each_exception_says_why():
    import tomllib

    lint = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["ruff"]["lint"]
    assert "S" in lint["select"]
    assert not [rule for rule in lint["ignore"] if re.fullmatch(r"S\d*", rule)]
    apart = lint["per-file-ignores"]
    assert {place for place, rules in apart.items() if "S" in rules} == {"tests/**", "bench/**"}
    exceptions = [
        line for path in CODE for line in path.read_text("utf-8").splitlines() if re.search(r"noqa:.*\bS\d{3}\b", line)
    ]
    assert exceptions
    for line in exceptions:
        assert re.search(r"noqa: [A-Z0-9, ]+(  #| -) \S+", line), line


def test_a_webhook_s_secret_is_compared_in_constant_time():
    text = (ROOT / "bot" / "platforms" / "telegram" / "service.py").read_text("utf-8")
    secrets = [
        line for line in text.splitlines() if "self._secret" in line and ("==" in line or "!=" in line or " in " in line)
    ]
    assert secrets == []
    assert text.count("hmac.compare_digest(") == 1
