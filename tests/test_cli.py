"""The command line from inside: what it refuses to start with, and what it says then. Nothing is half-begun."""

from __future__ import annotations

import contextlib
import os
import sqlite3

import pytest

from bot.cli import main
from tests.talk import Desk, Told, refused

OPT_IN = ["yes", "about 5 minutes", "1", "/privacy", "remember", "yes"]


class Inside(Desk):
    """The same desk, with the program called instead of started."""

    def __init__(self, folder, monkeypatch, capsys) -> None:
        super().__init__(folder)
        self.patch, self.capsys = monkeypatch, capsys

    def run(self, *arguments: str, lines=(), more=None) -> Told:
        with self.patch.context() as patch:
            patch.chdir(self.folder)
            for name, value in {"CLOSER_KEY_FILE": str(self.key), **(more or {})}.items():
                patch.setenv(name, value)
            typed = self.folder / "typed"
            typed.write_text("".join(f"{line}\n" for line in lines), "utf-8")
            with typed.open(encoding="utf-8") as source:
                patch.setattr("sys.stdin", source)
                code = main(arguments)
        said = self.capsys.readouterr()
        return Told(code=code, out=said.out, err=said.err)

    def chat(self, lines, *options, db=None, more=None, preexec=None) -> Told:
        return self.run("chat", "--db", str(db or self.db), *map(str, options), lines=lines, more=more)


@pytest.fixture
def desk(tmp_path, monkeypatch, capsys):
    return Inside(tmp_path, monkeypatch, capsys)


def test_a_whole_conversation(desk):
    told = desk.chat([*OPT_IN, "/export", "/forget", "yes"])
    assert (told.code, told.err) == (0, "")
    assert len(told.turns) == 10
    assert "erased" in told.turns[-1]
    assert "18 or older" in desk.chat([]).turns[0]


def test_without_a_path_the_data_goes_where_this_user_keeps_data(desk, monkeypatch):
    home = desk.folder / "home"
    told = desk.run("chat", lines=OPT_IN, more={"CLOSER_KEY_FILE": ""})
    assert told.code == 0
    assert (home / "closer" / "closer.db").exists()
    assert (home / "closer" / "key").exists()


def test_a_command_is_needed(desk):
    with pytest.raises(SystemExit) as ended:
        desk.run()
    assert ended.value.code == 2
    assert "COMMAND" in desk.capsys.readouterr().err


def test_an_unknown_setting_value(desk):
    refused(desk.chat([], more={"SESSION_HOURS": "soon"}), "SESSION_HOURS", ".env")


def test_a_corrupt_database(desk):
    desk.chat(OPT_IN)
    desk.db.write_bytes(b"SQLite format 3\0" + os.urandom(8192))
    refused(desk.chat(["yes"]), str(desk.db))


def test_a_file_that_is_no_database(desk):
    desk.db.parent.mkdir()
    desk.db.write_text("a shopping list\n" * 100)
    refused(desk.chat(["yes"]), str(desk.db))
    assert desk.db.read_text() == "a shopping list\n" * 100


def test_a_folder_where_the_database_should_be(desk):
    desk.db.mkdir(parents=True)
    refused(desk.chat([]), str(desk.db), "folder")


def test_a_key_of_another_database(desk):
    desk.chat(OPT_IN)
    refused(desk.chat([], more={"CLOSER_KEY": "00" * 32}), "CLOSER_KEY", "backup")
    desk.key.unlink()
    refused(desk.chat([]), str(desk.key), "backup")
    assert not desk.key.exists()


def test_a_key_that_is_none_is_not_repeated(desk):
    told = desk.chat([], more={"CLOSER_KEY": "my-secret-but-broken-key"})
    refused(told, "CLOSER_KEY")
    assert "my-secret" not in told.err


def test_a_database_made_by_a_newer_version(desk):
    desk.chat(OPT_IN)
    with contextlib.closing(sqlite3.connect(desk.db)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    refused(desk.chat([]), "newer", "upgrade")


def test_a_database_of_another_program(desk):
    desk.db.parent.mkdir()
    with contextlib.closing(sqlite3.connect(desk.db)) as connection, connection:
        connection.execute("CREATE TABLE recipes (name TEXT)")
    refused(desk.chat([]), "another program")


def test_content_that_is_not_there(desk):
    refused(desk.chat([], more={"CONTENT_DIR": "/nowhere"}), "/nowhere", "CONTENT_DIR")
