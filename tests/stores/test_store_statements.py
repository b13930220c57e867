"""Statements are described once, generated from that, and run without SQLAlchemy."""

from __future__ import annotations

import re
import runpy
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import LargeBinary, bindparam, literal, select

from storage import generate, postgres_sql, sql, sqlite
from storage.dialect import Statement, counted
from storage.generate import TARGETS, Target
from storage.keys import encode
from storage.sessions import MOST, loading, saving
from storage.statements import SIZED, SIZES, single
from tests.stores.conftest import only

if TYPE_CHECKING:
    from sqlalchemy.sql.base import Executable

    from tests.stores.conftest import World

COMMAND = "python -m storage.generate"

# Everything that a running Closer does with its store; then which of the heavy packages came along.
LIFE = """
import asyncio, sys
from datetime import UTC, datetime
from pathlib import Path
from bot.conversation.facts import NUDGES, PROGRESS, Consent
from bot.ports import Address, Change, Claim, Entry, Nudging
from storage.keys import KeySource
from storage.store import open_store

NOW = datetime(2026, 3, 1, tzinfo=UTC)
url, old, both = sys.argv[1:]


def yes(*purposes):
    return tuple(Consent(purpose=purpose, version=1, at=NOW) for purpose in purposes)


async def agree(store, address):
    person = store.person(address)
    entry = Entry(kind="result", at=NOW, content={})
    await store.commit(person, address, Change(session=b"1", version=1, consents=yes(PROGRESS, NUDGES), entries=(entry,)))
    await store.commit(person, address, Change(session=b"2", version=2))
    assert (await store.load(person)).version == 2
    assert (await store.export(person))["turns"] == 2
    await store.settle(person, await store.owe(person, b"delivered"))
    await store.owe(person, b"reply")
    assert [each.reply for each in await store.owed("terminal")] == [b"reply"]
    nudging = Nudging(plan=b"{}", past=b"[]", due=NOW, version=1)
    await store.commit(person, address, Change(session=b"3", version=3, nudging=nudging))
    (due,) = await store.due("terminal", NOW, 9)
    claim = Claim(person=person, seen=NOW, version=1, next=None, day=1, slot=0, state="claimed")
    assert await store.claim([claim]) == [True]
    await store.record(person, Nudging(plan=b"{}", past=b"[]", due=NOW, version=3), day=1, slot=0, state="sent")
    await store.away(person, day=1, slot=0)
    assert (await store.counts(NOW, NOW.date())).subscribers["away"] == 1
    await store.commit(person, address, Change(session=b"3", version=5, consents=yes(NUDGES)))
    assert (await store.load(person)).session is None


async def leave(store, address):
    assert await store.holds_people()
    assert await store.erase(store.person(address))


async def live(name):
    # The second key makes the second opening a rotation. A store left open would keep the process from ending.
    for keys, part in ((old, agree), (both, leave)):
        store = await open_store(url, KeySource(value=keys))
        try:
            await part(store, Address(platform="terminal", user=name))
        finally:
            await store.close()


asyncio.run(live("ana"))
print(*sorted({"aiosqlite", "alembic", "sqlalchemy"} & sys.modules.keys()))
"""


# Each engine's, and its file as it is loaded.
EACH = pytest.mark.parametrize(
    ("target", "module"), list(zip(TARGETS, (sql, postgres_sql), strict=True)), ids=["sqlite", "postgres"]
)


def described(target: Target) -> dict[str, Statement]:
    """All statements by name and size, compiled now."""
    compiled = target.engine.compiled
    found = {name: compiled(each) for name, each in single(target.engine.upsert).items()}
    return found | {f"{name}{size}": compiled(each(size)) for name, (each, sizes) in SIZED.items() for size in sizes}


def written(module: dict[str, Any]) -> dict[str, Statement]:
    """All statements by name and size, as a generated module has them."""
    found = {name: each for name, each in module.items() if isinstance(each, Statement)}
    return found | {f"{name}{size}": each for name in SIZED for size, each in module[name].items()}


@EACH
def test_the_file_is_what_the_descriptions_give(target: Target, module: ModuleType) -> None:
    same = target.file.read_text("utf-8") == generate.generated(target)
    assert same, f"{target.file.name} is not what the tables and statements say: run {COMMAND}"
    assert Path(str(module.__file__)) == target.file
    assert COMMAND in generate.HEADER


@EACH
def test_what_is_generated_says_what_was_compiled(target: Target, module: ModuleType, tmp_path: Path) -> None:
    target = replace(target, file=tmp_path / "sql.py")
    assert generate.main([target]) == 0
    made, wanted = written(runpy.run_path(str(target.file))), described(target)
    assert made.keys() == wanted.keys()
    for name, statement in wanted.items():
        # Only the spaces between words may differ.
        assert made[name].sql.split() == counted(statement.sql).split()
        assert (made[name].names, made[name].fixed) == (statement.names, statement.fixed)
        assert len(re.findall(r"\?|\$\d+", made[name].sql)) == len(statement.names)


def test_a_change_of_a_statement_changes_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generate, "SIZED", {"SAVING": SIZED["SAVING"]})
    before = [generate.generated(target) for target in TARGETS]
    monkeypatch.setattr(generate, "SIZED", {"SAVING": (SIZED["SAVING"][0], (*SIZES, 2 * MOST))})
    after = [generate.generated(target) for target in TARGETS]
    assert all(one != other for one, other in zip(before, after, strict=True))


def test_no_statement_is_described_for_nobody() -> None:
    folder = Path(str(sql.__file__)).parent
    given = {"sql.py", "postgres_sql.py", "statements.py"}
    users = "".join(file.read_text("utf-8") for file in folder.glob("*.py") if file.name not in given)
    assert {name for name in (*single(sqlite.upsert), *SIZED) if not re.search(rf"\b{name}\b", users)} == set()


def test_every_batch_has_a_size_that_holds_it() -> None:
    assert set(sql.SAVING) == set(sql.LOADING) == set(SIZES)
    assert set(sql.CLAIMING) == set(sql.DELIVERING) == {2**power for power in range(10)}
    assert max(SIZES) == MOST
    for rows in range(1, MOST + 1):
        assert rows <= len(loading(rows).names) < 2 * rows
        assert 4 * rows <= len(saving(rows).names) - len(saving(rows).fixed) < 8 * rows


def test_fixed_values_come_last_in_a_batch() -> None:
    for statement in (*sql.SAVING.values(), *sql.CLAIMING.values()):
        assert statement.names[-len(statement.fixed) :] == tuple(statement.fixed)
    assert not any(statement.fixed for statement in (*sql.LOADING.values(), *sql.DELIVERING.values()))


def test_a_statement_that_does_not_only_grow_by_its_rows_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def odd(rows: int) -> Executable:
        return select(*(bindparam(f"{name}{row}") for name in "ab" for row in range(rows)))

    monkeypatch.setattr(generate, "SIZED", {"ODD": (odd, SIZES)})
    with pytest.raises(ValueError, match="does not only grow by its rows"):
        generate.generated(TARGETS[0])


def test_a_forgotten_value_is_an_error_and_not_a_null() -> None:
    values = {"person": b"p", "id": b"i", "content": b"c"}
    for made in (sql.ADD_ENTRY, postgres_sql.ADD_ENTRY, sqlite.compiled(single(sqlite.upsert)["ADD_ENTRY"])):
        assert made.args(values) == [b"p", b"i", b"c"]
        for name in values:
            with pytest.raises(KeyError, match=name):
                made.args({other: value for other, value in values.items() if other != name})


@pytest.mark.parametrize("value", ['a"b', "a\\b", "a\nb", b"bytes", 1.5])
def test_a_value_that_cannot_be_written_plainly_is_refused(value: object, monkeypatch: pytest.MonkeyPatch) -> None:
    kind = LargeBinary() if isinstance(value, bytes) else None
    monkeypatch.setattr(generate, "single", lambda _: {"ODD": select(literal(value, kind))})
    with pytest.raises(ValueError, match=r"make it a parameter in statements\.py"):
        generate.generated(TARGETS[0])


def test_both_engines_have_the_same_statements_and_sizes() -> None:
    one, two = (written(vars(module)) for module in (sql, postgres_sql))
    assert one.keys() == two.keys()
    for name, statement in one.items():
        assert set(statement.names) - statement.fixed.keys() == set(two[name].names) - two[name].fixed.keys()


def test_places_are_counted_in_the_order_of_the_text() -> None:
    assert counted("a = $::BYTEA AND b < $ AND c = $::TEXT") == "a = $1::BYTEA AND b < $2 AND c = $3::TEXT"
    assert counted("a = ?") == "a = ?"
    assert postgres_sql.SAVING[2].sql.count("$") == len(postgres_sql.SAVING[2].names) == 10


def python(*words: str) -> str:
    done = subprocess.run([sys.executable, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_spoilt_file_can_be_written_anew() -> None:
    told = python("-c", "import sys, storage.generate\nprint('storage.sql' in sys.modules, 'storage.dialect' in sys.modules)")
    assert told == "False True\n"


@only("sqlite")
async def test_a_running_closer_needs_neither_sqlalchemy_nor_alembic(world: World) -> None:
    old, new = encode(b"1" * 32), encode(b"2" * 32)
    life = ("-c", LIFE, world.url, old, f"{new},{old}")
    # The first time, the schema is made: that this shows both proves that the second look can see them.
    assert python(*life) == "aiosqlite alembic sqlalchemy\n"
    world.path.unlink()
    await (await world.open()).close()
    assert python(*life) == "aiosqlite\n"
