"""`closer chat` as people start it: piped, at a terminal, and with everything that can be wrong around it."""

from __future__ import annotations

import contextlib
import io
import json
import os
import pty
import signal
import stat
import subprocess
import sys

import pytest

from bot.content.render import Bubble, File
from bot.platforms.terminal import Terminal
from bot.ports import Address
from tests.talk import LAST, Desk, read_until, refused, without_rights_of_root

OPT_IN = ["yes", "about 5 minutes", "1", "/privacy", "remember", "yes"]


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


# -- piped -----------------------------------------------------------------------------------------------------------


def test_one_line_in_one_turn_out(desk):
    lines = ["yes", "about 5 minutes", "1", "", "/about", "done", "blorp", "3"]
    told = desk.chat(lines)
    assert told.code == 0
    assert not told.err
    assert len(told.turns) == 1 + len(lines)
    assert "18 or older" in told.turns[0]
    assert told.turns[3].startswith("2 of about")
    assert told.turns[8].startswith("3 of about")


def test_piped_text_is_plain(desk):
    told = desk.chat([*OPT_IN, "/help", "/about", "/sos"])
    for mark in ("\x1b", "**", "_1 of", "> ", "\x00"):
        assert mark not in told.out


def test_no_line_at_all_still_opens(desk):
    told = desk.chat([], "--lang", "en")
    assert (told.code, len(told.turns)) == (0, 1)


def test_a_last_line_without_an_end_counts(desk):
    assert len(desk.chat(b"yes\nabout 5 minutes").turns) == 3


ODD = [b"\xff\xfe", b"\x00\x1b[31m", "\u202e🙂 שלום".encode(), b"x" * 6000, b"\r", b"*_[](`", b"/", b"/ x", b"\x1b]0;title\x07"]


def test_no_line_breaks_it(desk):
    told = desk.chat(b"yes\nabout 5 minutes\n" + b"\n".join(ODD) + b"\n1\n" + b"skip\n" * 20 + b"\x1b[31mred\n")
    assert told.code == 0
    assert not told.err
    assert not {"\x1b", "\x07", "\x00"} & set(told.out)
    assert len(told.turns) == 3 + len(ODD) + 1 + 20 + 1
    assert all(turn.endswith("5) Not these days\n\nSkip · Back · Stop · Help ·") for turn in told.turns[2 : 3 + len(ODD)])
    assert told.turns[3 + len(ODD)].startswith("2 of about")


def test_a_terminal_that_knows_no_unicode(desk):
    told = desk.chat(["yes"], more={"PYTHONIOENCODING": "ascii", "LC_ALL": "C"})
    assert told.code == 0
    assert len(told.turns) == 2


def test_two_people_are_apart_and_the_kept_one_is_found_again(desk):
    assert "encrypted" in desk.chat(OPT_IN, "--user", "ada").turns[-1]
    other = desk.chat([], "--user", "bo")
    assert "18 or older" in other.turns[0]
    again = desk.chat(["go on"], "--user", "ada")
    assert "We were at question 2 of about" in again.turns[0]
    assert again.turns[1].startswith("2 of about")


def test_the_clock_can_be_held_still(desk):
    desk.chat(OPT_IN, "--now", "2027-02-03T04:05")
    told = desk.chat(["/privacy", "done"], "--now", "2027-02-03T04:06+00:00")
    assert "since February 3, 2027" in told.turns[1]
    assert "program" not in told.turns[0]
    later = desk.chat([], "--now", "2027-02-04T04:05")
    assert "We were at" in later.turns[0]
    assert "a program" in later.turns[0] or "a script" in later.turns[0]


AT = ("--now", "2027-02-03T04:05:06")
COPY = "closer-export-20270203-040506.json"


def test_copies_are_for_the_owner_alone(desk):
    told = desk.chat([*OPT_IN, "/export"], *AT)
    for name in (COPY, COPY.replace("json", "csv")):
        file = desk.folder / name
        assert f"→ {file}" in told.out
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    kept = json.loads((desk.folder / COPY).read_text("utf-8"))
    assert kept["stored"]["consents"][0]["purpose"] == "progress"


def test_what_has_the_name_of_a_copy_stays_and_the_copy_stands_beside_it(desk):
    file, beside = desk.folder / COPY, desk.folder / COPY.replace(".json", "-2.json")
    file.write_text("mine")
    told = desk.chat(["/export"], *AT)
    assert file.read_text("utf-8") == "mine"
    assert f"→ {beside}" in told.out
    assert stat.S_IMODE(beside.stat().st_mode) == 0o600


async def test_a_copy_that_cannot_be_written_is_said(tmp_path):
    sink, gone = io.StringIO(), tmp_path / "gone"
    terminal = Terminal(io.StringIO(), sink, folder=gone)
    bubble = Bubble(text="Here it is.", files=(File(name="copy.json", data=b"{}"),))
    await terminal.deliver(Address(platform="terminal", user="you"), (bubble,))
    assert f"! {gone / 'copy.json'}: No such file" in sink.getvalue()


RESULT = ("yes", "2", "4", "4", "3", "2", "skip")


def test_a_result_leaves_no_picture_on_the_disk_unless_one_was_asked_for(desk):
    before = set(desk.folder.iterdir())
    desk.chat(RESULT)
    assert {file.name for file in set(desk.folder.iterdir()) - before if file.suffix == ".png"} == set()
    told = desk.chat(RESULT, "--pictures", "--user", "another")
    assert f"→ {desk.folder / 'chart.png'}" in told.out
    assert (desk.folder / "chart.png").read_bytes().startswith(b"\x89PNG")


def test_data_and_key_are_for_the_owner_alone(desk):
    desk.chat(OPT_IN)
    assert stat.S_IMODE(desk.db.stat().st_mode) == 0o600
    assert stat.S_IMODE(desk.key.stat().st_mode) == 0o600
    assert not (desk.folder / "home").exists()


# -- what can be wrong around it -------------------------------------------------------------------------------------


def test_a_language_that_is_not_spoken(desk):
    refused(desk.chat(["yes"], "--lang", "xx"), "--lang xx", "en")


def test_a_time_that_is_none(desk):
    told = desk.chat([], "--now", "yesterday")
    assert told.code == 2
    assert "'yesterday' is no time like 2026-11-22T20:00" in told.err
    assert "Traceback" not in told.err


@pytest.mark.skipif(sys.platform != "linux", reason="giving up the rights of root is Linux's own")
def test_a_folder_that_cannot_be_written(desk):
    locked = desk.folder / "locked"
    locked.mkdir(mode=0o555)
    refused(desk.chat([], db=locked / "closer.db", preexec=without_rights_of_root), "locked", "DATABASE_URL")
    refused(desk.chat([], db=locked / "deeper" / "closer.db", preexec=without_rights_of_root), "locked", "DATABASE_URL")


@pytest.mark.skipif(sys.platform != "linux", reason="giving up the rights of root is Linux's own")
def test_a_database_that_can_only_be_read(desk):
    desk.chat(OPT_IN)
    desk.db.chmod(0o400)
    desk.db.parent.chmod(0o500)
    try:
        refused(desk.chat(["yes"], preexec=without_rights_of_root), str(desk.db.parent), "writ", "DATABASE_URL")
    finally:
        desk.db.parent.chmod(0o700)


def test_whoever_stops_listening_gets_no_traceback(desk):
    program = desk.start()
    assert program.stdin
    assert program.stdout
    assert program.stderr
    read_until(program.stdout.fileno(), LAST.encode())
    program.stdout.close()
    with contextlib.suppress(BrokenPipeError):
        program.stdin.write(b"yes\n1\n" * 50)
        program.stdin.close()
    code = program.wait(30)
    errors = program.stderr.read()
    program.stderr.close()
    assert b"Traceback" not in errors
    assert code == 0


# -- at a terminal ---------------------------------------------------------------------------------------------------


def at_terminal(desk: Desk, *lines: str, **more: str) -> tuple[str, int]:
    """A conversation at a pseudo-terminal, ended with Ctrl+D."""
    ours, theirs = pty.openpty()
    streams = {"stdin": theirs, "stdout": theirs, "stderr": theirs}
    program = subprocess.Popen(desk.command(), cwd=desk.folder, env=desk.environment(**more), **streams)
    os.close(theirs)
    heard = read_until(ours, b"> ")
    for line in lines:
        os.write(ours, f"{line}\n".encode())
        heard += read_until(ours, b"> ")
    os.write(ours, b"\x04")
    code = program.wait(30)
    heard = read_until(ours, b"never said", heard)
    os.close(ours)
    return heard.decode(), code


def test_a_terminal_has_a_prompt_and_colours(desk):
    text, code = at_terminal(desk, "yes", "1")
    assert code == 0
    assert "\x1b[1mCloser\x1b[22m" in text
    assert "\x1b[3m1 of about" in text
    assert "\x1b[2mStop" in text
    assert text.count("> ") == 3
    assert "Traceback" not in text


def test_colours_can_be_turned_off(desk):
    text, code = at_terminal(desk, "yes", NO_COLOR="1")
    assert code == 0
    assert "\x1b" not in text
    assert "Hello, this is Closer" in text
    assert text.count("> ") == 2


def test_ctrl_c_leaves_quietly(desk):
    ours, theirs = pty.openpty()
    streams = {"stdin": theirs, "stdout": theirs, "stderr": theirs}
    program = subprocess.Popen(desk.command(), cwd=desk.folder, env=desk.environment(), **streams)
    os.close(theirs)
    heard = read_until(ours, b"> ")
    program.send_signal(signal.SIGINT)
    code = program.wait(30)
    heard = read_until(ours, b"never said", heard)
    os.close(ours)
    assert code == 0
    assert b"Traceback" not in heard
