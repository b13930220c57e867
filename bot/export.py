"""A person's copy of all that is held about them, as two files: JSON, and CSV with one value a row. Pure."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from bot.content.library import Library
from bot.content.render import File
from bot.conversation.book import Book
from bot.conversation.dialog import Write
from bot.conversation.session import Answer, Session


def copies(stored: Mapping[str, Any] | None, remembered: Mapping[str, Any] | None, now: datetime) -> tuple[File, File]:
    """The two files. `stored` is what the store holds, decrypted; `remembered` what only the running program holds."""
    everything = {"exported_at": now.isoformat(timespec="seconds"), "stored": stored, "in_memory": remembered}
    table = io.StringIO(newline="")
    writer = csv.writer(table)
    writer.writerow(("where", "value"))
    writer.writerows((where, _unformula(value)) for where, value in _rows(everything, ""))
    name = f"closer-export-{now:%Y%m%d-%H%M%S}"
    return (
        File(f"{name}.json", json.dumps(everything, ensure_ascii=False, indent=2).encode("utf-8", "replace")),
        # The byte-order mark lets spreadsheets know that this is UTF-8.
        File(f"{name}.csv", table.getvalue().encode("utf-8-sig", "replace")),
    )


def described(session: Session, book: Book, library: Library, language: str) -> dict[str, Any]:
    """A session as its person can read it: every answer beside its question, in their language."""
    return {
        "conversations": {
            frame.dialog: {
                "at": frame.step,
                "answers": [_answered(book, frame.dialog, step, answer, library, language) for step, answer in frame.trail],
                "ticked": list(frame.picked),
            }
            for frame in session.frames.values()
        },
        "open": list(session.open),
        "notes": dict(session.marks),
        "last_message_at": datetime.fromtimestamp(session.seen_at, UTC).isoformat(),
        "seconds_of_use_since_last_reminder": session.used,
        "lines_said_so_often": dict(session.said),
        "recent_message_ids": list(session.recent),
    }


def _answered(book: Book, dialog: str, name: str, answer: Answer, library: Library, language: str) -> dict[str, Any]:
    step = book.dialogs[dialog].steps.get(name)
    if step is None or not step.question:
        return {"step": name, "answer": answer}
    question = library.text(language, f"{step.words}.text")
    if isinstance(step, Write):
        return {"step": name, "question": question, "answer": answer}
    keys = [answer] if isinstance(answer, str) else list(answer)
    known = {shown.key: library.text(language, shown.label.key) for shown in book.dialogs[dialog].shown[name]}
    return {"step": name, "question": question, "answer": [known.get(key, key) for key in keys if key]}


def _rows(value: Any, where: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping) and value:
        for key, item in value.items():
            yield from _rows(item, f"{where}.{key}" if where else str(key))
    elif isinstance(value, list | tuple) and value:
        for place, item in enumerate(value):
            yield from _rows(item, f"{where}[{place}]")
    else:
        yield where, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _unformula(value: str) -> str:
    """A spreadsheet would run a cell that begins like this (OWASP: CSV injection); a quote before it makes it text."""
    return f"'{value}" if value.startswith(("=", "+", "-", "@", "\t", "\r")) else value
