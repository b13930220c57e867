"""The operator's commands on copies and keys: what each does, and how each refuses. Nothing is half done."""

from __future__ import annotations

import os
import sqlite3
import stat
from contextlib import closing

import pytest

from bot.ports import StoreError
from storage import operations, renewal
from tests.office import WHO, Office
from tests.talk import refused


@pytest.fixture
def office(tmp_path, monkeypatch, capsys):
    return Office(tmp_path, monkeypatch, capsys)


# -- copies ------------------------------------------------------------------------------------------------------------


def test_a_copy_is_private_whole_and_without_the_key(office):
    office.people("ana")
    told = office.does("backup", office.copy)
    assert (told.code, told.out) == (0, "")
    assert "key is NOT in it" in told.err
    assert stat.S_IMODE(office.copy.stat().st_mode) == 0o600
    assert office.keys()[0].encode() not in office.copy.read_bytes()
    office.does("forget", *WHO, "ana", "--yes")
    assert office.known("ana") == []
    # The database is still there, but holds nobody: it goes aside all the same.
    told = office.does("restore", office.copy)
    assert told.code == 0
    assert "People put back: 1" in told.err
    assert office.known("ana") == ["ana"]


def test_a_copy_comes_back_where_nothing_is(office):
    office.people("ana")
    office.does("backup", office.copy)
    office.db.unlink()
    assert office.does("restore", office.copy).code == 0
    assert office.known("ana") == ["ana"]
    assert stat.S_IMODE(office.db.stat().st_mode) == 0o600


def test_people_are_replaced_only_when_asked_and_never_deleted(office):
    office.people("ana")
    office.does("backup", office.copy)
    office.people("bo")
    before = office.all_files()
    refused(office.does("restore", office.copy), "holds people", "--replace")
    assert office.all_files() == before
    told = office.does("restore", office.copy, "--replace")
    assert told.code == 0
    assert office.known("ana", "bo") == ["ana"]
    (aside,) = office.db.parent.glob("closer.db.old-*")
    assert str(aside) in told.err
    assert stat.S_IMODE(aside.stat().st_mode) == 0o600
    with office.patch.context():
        assert office.does("export", *WHO, "bo", more={"DATABASE_URL": f"sqlite:///{aside}"}).code == 0
    assert office.does("restore", office.copy, "--replace").code == 0
    assert len(list(office.db.parent.glob("closer.db.old-*"))) == 2


def test_a_name_that_is_taken_is_not_written_to(office):
    office.people("ana")
    office.copy.write_text("a letter")
    refused(office.does("backup", office.copy), str(office.copy), "another name")
    assert office.copy.read_text() == "a letter"
    assert [file.name for file in office.folder.glob("copy.db*")] == ["copy.db"]


def test_a_folder_that_is_not_there(office):
    office.people("ana")
    refused(office.does("backup", office.folder / "nowhere" / "copy.db"), "folder")


def test_a_database_that_is_not_there_is_not_copied(office):
    refused(office.does("backup", office.copy), str(office.db), "DATABASE_URL")
    assert office.all_files() == {}


def test_a_database_of_another_program_is_not_copied(office):
    office.db.parent.mkdir()
    with closing(sqlite3.connect(office.db)) as link, link:
        link.execute("CREATE TABLE recipes (name TEXT)")
    refused(office.does("backup", office.copy), "no database of Closer")
    assert not office.copy.exists()


def gone(office):
    office.copy.unlink()


def a_folder(office):
    office.copy.unlink()
    office.copy.mkdir()


def a_letter(office):
    office.copy.write_text("a letter\n" * 200)


def cut_short(office):
    os.truncate(office.copy, 5 * 4096)


def one_page_spoilt(office):
    with office.copy.open("r+b") as file:
        file.seek(3 * 4096)
        file.write(os.urandom(4096))


def empty(office):
    office.copy.write_bytes(b"")


def of_another_program(office):
    office.copy.unlink()
    with closing(sqlite3.connect(office.copy)) as link, link:
        link.execute("CREATE TABLE recipes (name TEXT)")


def newer(office):
    with closing(sqlite3.connect(office.copy)) as link, link:
        link.execute("UPDATE alembic_version SET version_num = '9999'")


def in_use(office):
    office.copy.with_name("copy.db-wal").write_bytes(b"half of it")


def under_another_key(office):
    office.key.write_text("00" * 32)


def without_a_key(office):
    office.key.unlink()


def changed(office):
    with closing(sqlite3.connect(office.copy)) as link, link:
        for person, address in link.execute("SELECT person, address FROM people").fetchall():
            link.execute("UPDATE people SET address = ? WHERE person = ?", (address[:-1] + bytes([address[-1] ^ 1]), person))


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (gone, ["no file"]),
        (a_folder, ["no file"]),
        (a_letter, ["damaged"]),
        (cut_short, ["damaged"]),
        (one_page_spoilt, ["damaged"]),
        (empty, ["no database of Closer"]),
        (of_another_program, ["no database of Closer"]),
        (newer, ["newer", "upgrade"]),
        (in_use, ["closer backup"]),
        (under_another_key, ["CLOSER_KEY_FILE", "key"]),
        (without_a_key, ["CLOSER_KEY_FILE", "key"]),
        (changed, ["was changed", "another copy"]),
    ],
)
def test_a_copy_that_is_not_good_changes_nothing(office, spoil, words):
    office.people("ana", "bo")
    office.does("backup", office.copy)
    spoil(office)
    before = office.all_files()
    refused(office.does("restore", office.copy, "--replace"), *words)
    assert office.all_files() == before


def test_a_database_that_somebody_uses_is_not_replaced(office):
    office.people("ana")
    office.does("backup", office.copy)
    with closing(sqlite3.connect(office.db)) as other:
        other.execute("SELECT * FROM people").fetchall()
        refused(office.does("restore", office.copy, "--replace"), "another program")
    assert office.known("ana") == ["ana"]
    assert list(office.db.parent.glob("*.old-*")) == list(office.db.parent.glob("*.new")) == []


# -- keys --------------------------------------------------------------------------------------------------------------


def test_a_new_key_stands_first_and_the_old_one_below_it(office):
    office.people("ana")
    (old,) = office.keys()
    told = office.does("rotate-key")
    assert (told.code, told.out) == (0, "")
    new, below = office.keys()
    assert below == old != new
    assert new not in told.err
    assert stat.S_IMODE(office.key.stat().st_mode) == 0o600
    assert office.key.read_text().startswith("#")
    office.key.write_text(new)
    assert office.known("ana") == ["ana"]


def test_old_keys_go_only_when_asked(office):
    office.people("ana")
    office.does("rotate-key")
    told = office.does("rotate-key", "--drop-old")
    assert told.code == 0
    assert "2 old removed" in told.err
    assert len(office.keys()) == 1
    assert office.key.read_text().startswith("#")
    assert office.known("ana") == ["ana"]


def test_a_key_from_the_environment_is_changed_there(office):
    office.people("ana")
    before = office.all_files()
    refused(office.does("rotate-key", more={"CLOSER_KEY": office.keys()[0]}), "CLOSER_KEY", "comma")
    assert office.all_files() == before


def test_a_key_that_is_handed_over_is_changed_where_it_comes_from(office):
    office.people("ana")
    before = office.all_files()
    refused(office.does("rotate-key", more={"SECRETS_DIR": str(office.key.parent)}), "handed over", "CLOSER_KEY_FILE")
    assert office.all_files() == before


def test_no_key_no_database_no_change(office):
    refused(office.does("rotate-key"), "no key")
    office.people("ana")
    office.db.unlink()
    before = office.keys()
    refused(office.does("rotate-key"), str(office.db), "no database")
    assert office.keys() == before


def test_no_key_is_changed_while_somebody_uses_the_database(office):
    office.people("ana")
    before = office.keys()
    with closing(sqlite3.connect(office.db)) as other:
        other.execute("SELECT * FROM people").fetchall()
        refused(office.does("rotate-key", "--drop-old"), "another program")
    assert office.keys() == before


def test_a_change_of_keys_that_fails_loses_no_key(office, monkeypatch):
    office.people("ana")
    (old,) = office.keys()
    with monkeypatch.context() as patch:

        async def full(*_):
            raise StoreError("The disk is full.")

        patch.setattr(operations, "open_database", full)
        refused(office.does("rotate-key", "--drop-old"), "full", "leave both")
    assert office.keys()[1:] == [old]
    assert office.known("ana") == ["ana"]


def test_a_key_file_that_cannot_be_written_stays_as_it_is(office, monkeypatch):
    office.people("ana")
    before = office.all_files()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("storage.files.os.fsync", full)
    refused(office.does("rotate-key"), str(office.key), "No space")
    assert office.all_files() == before


def test_lines_around_the_keys_stay(tmp_path):
    file = tmp_path / "key"
    file.write_text("# ours\n\n" + "11" * 32 + "\n# the one before\n" + "22" * 32 + "\n")
    file.chmod(0o600)
    renewal.begin(file)
    lines = file.read_text().splitlines()
    assert (lines[:2], lines[3:]) == (["# ours", ""], ["11" * 32, "# the one before", "22" * 32])
    assert renewal.finish(file) == 2
    assert file.read_text().splitlines() == [*lines[:3], "# the one before"]
