"""The operator's commands on the schema, on moving, and for written requests. Nothing is half done, and nobody is named."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sqlite3
from contextlib import closing

import pytest

from bot.ports import Address
from storage import schema
from storage.keys import KeySource
from storage.store import open_store
from tests.office import WHO, Office
from tests.talk import refused


@pytest.fixture
def office(tmp_path, monkeypatch, capsys):
    return Office(tmp_path, monkeypatch, capsys)


# -- schema and moving -------------------------------------------------------------------------------------------------


def test_the_schema_is_told_before_and_after(office):
    assert office.does("migrate").out == f"schema none -> {schema.HEAD}\n"
    assert office.does("migrate").out == f"schema {schema.HEAD}, as it was\n"


@pytest.mark.parametrize("older", schema.OLDER)
def test_an_older_schema_is_brought_up_to_date(office, monkeypatch, older):
    with monkeypatch.context() as patch:
        patch.setattr(schema, "HEAD", older)
        office.does("migrate")
    assert office.does("migrate").out == f"schema {older} -> {schema.HEAD}\n"


def test_a_newer_schema_is_left_alone(office):
    office.people("ana")
    with closing(sqlite3.connect(office.db)) as link, link:
        link.execute("UPDATE alembic_version SET version_num = '9999'")
    refused(office.does("migrate"), "newer", "upgrade")


def test_everything_moves_and_is_counted(office):
    office.people("ana", "bo")
    there = f"sqlite:///{office.folder / 'there.db'}"
    told = office.does("migrate", "--from", office.url, "--to", there)
    assert told.code == 0
    rows = dict(line.split()[:2] for line in told.out.splitlines()[1:])
    assert (rows["people"], rows["sessions"], rows["entries"], rows["meta"]) == ("2", "2", "0", "1")
    assert "DATABASE_URL" in told.err
    assert office.does("export", *WHO, "ana", more={"DATABASE_URL": there}).code == 0
    refused(office.does("migrate", "--from", office.url, "--to", there), "not empty")


def test_a_move_that_cannot_be(office):
    office.people("ana")
    there = f"sqlite:///{office.folder / 'there.db'}"
    refused(office.does("migrate", "--to", there), "--from and --to")
    refused(office.does("migrate", "--from", office.url, "--to", office.url), "same")
    refused(office.does("migrate", "--from", f"sqlite:///{office.folder}/typo.db", "--to", there), "typo.db", "no database")
    refused(office.does("migrate", "--from", "mysql://nowhere", "--to", there), "not understood")
    with closing(sqlite3.connect(office.db)) as other:
        other.execute("SELECT * FROM people").fetchall()
        refused(office.does("migrate", "--from", office.url, "--to", there), "another program")
    assert not (office.folder / "there.db").exists()


# -- written requests --------------------------------------------------------------------------------------------------


def test_a_copy_for_a_written_request(office):
    office.people("ana")
    told = office.does("export", *WHO, "ana")
    assert (told.code, told.err) == (0, "")
    stored = json.loads(told.out)
    assert stored["address"] == {"platform": "terminal", "user": "ana"}
    answered = stored["session"]["conversations"]["why"]["answers"]
    assert any(one.get("question") and one["answer"] for one in answered)


def test_an_erasure_for_a_written_request(office):
    office.people("ana", "bo")
    told = office.does("forget", *WHO, "ana", "--yes")
    assert (told.code, told.out) == (0, "Erased.\n")
    assert office.known("ana", "bo") == ["bo"]
    told = office.does("forget", *WHO, "ana", "--yes")
    assert (told.code, told.out) == (0, "Nothing is stored under that id.\n")


async def test_a_written_request_is_answered_while_somebody_serves(office):
    await asyncio.to_thread(office.people, "ana", "bo")
    store = await open_store(office.url, KeySource(file=office.key))
    try:
        ana, bo = (store.person(Address(platform="terminal", user=name)) for name in ("ana", "bo"))
        assert await store.load(ana) is not None
        assert (await asyncio.to_thread(office.does, "export", *WHO, "ana")).code == 0
        assert (await asyncio.to_thread(office.does, "forget", *WHO, "ana", "--yes")).out == "Erased.\n"
        assert (await asyncio.to_thread(office.does, "backup", office.copy)).code == 0
        # Who serves meanwhile sees it, and goes on with the others.
        assert await store.load(ana) is None
        assert await store.load(bo) is not None
    finally:
        await store.close()
    assert not [file for file, content in office.all_files().items() if ana in content]


def test_the_id_can_come_as_a_line(office):
    office.people("ana")
    assert json.loads(office.does("export", *WHO, "-", lines=["ana"]).out)["address"]["user"] == "ana"
    assert office.does("forget", *WHO, "-", "--yes", lines=["ana"]).out == "Erased.\n"


def test_it_asks_before_it_erases(office, monkeypatch):
    office.people("ana")
    refused(office.does("forget", *WHO, "ana"), "--yes")
    with monkeypatch.context() as patch:
        patch.setattr("bot.operating._by_hand", lambda: True)
        told = office.does("forget", *WHO, "ana", lines=["no"])
        assert (told.code, told.out) == (2, "")
        assert "nothing was erased" in told.err
        assert office.known("ana") == ["ana"]
        assert office.does("forget", *WHO, "ana", lines=["yes"]).out == "Erased.\n"
    assert office.known("ana") == []


def test_nobody_is_told_as_such(office):
    office.people("ana")
    told = office.does("export", *WHO, "nobody")
    assert (told.code, told.out) == (1, "")
    for words in (("export", "--platform", "telegram", "--user", "ana"), ("forget", "--platform", "discord", "--user", "a b")):
        refused(office.does(*words), "number")
    refused(office.does("export", *WHO, " "), "empty")
    refused(office.does("export", *WHO, "-", lines=[]), "empty")


def test_no_id_is_repeated(office):
    office.people("ana")
    for words in (
        ("forget", "--platform", "telegram", "--user", "123454321", "--yes"),
        ("forget", "--platform", "telegram", "--user", "x-123454321", "--yes"),
        ("export", "--platform", "discord", "--user", "123454321"),
    ):
        told = office.does(*words, more={"LOG_LEVEL": "DEBUG"})
        assert "123454321" not in told.out + told.err


@pytest.mark.parametrize("command", ["forget", "export"])
def test_a_database_that_is_not_there_says_nothing_about_anybody(office, command):
    told = office.does(command, *WHO, "ana", *(["--yes"] if command == "forget" else []))
    refused(told, str(office.db), "no database")
    assert not office.db.exists()


def test_words_that_are_missing(office):
    for words in (("backup",), ("restore",), ("forget", "--user", "ana"), ("export", "--platform", "terminal")):
        with pytest.raises(SystemExit) as ended, contextlib.redirect_stderr(None):
            office.does(*words)
        assert ended.value.code == 2
