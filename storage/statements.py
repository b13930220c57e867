"""Every statement, described once for every engine. Here is what is asked; storage/sql.py has it as the driver takes it.

Only the generator imports this: a running Closer has no use for SQLAlchemy, which takes 0.1 s and 16 MiB to load.
After a change here or in tables.py, run `python -m storage.generate`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlalchemy import (
    BigInteger,
    BindParameter,
    LargeBinary,
    Table,
    bindparam,
    case,
    column,
    delete,
    exists,
    insert,
    select,
    union_all,
    update,
    values,
)
from sqlalchemy.sql.base import Executable

from bot.conversation.facts import PROGRESS
from storage.tables import consents, entries, meta, owed, people, sessions, tallies

# Whose rows: not called `person`, which is the column's own parameter where a row is written.
WHOSE: BindParameter[bytes] = bindparam("whose")
# Which of their rows.
WHICH: BindParameter[bytes] = bindparam("which")
# What is called so in `meta`.
CALLED: BindParameter[str] = bindparam("called")
# Turns run together in batches of these sizes; a batch between two of them takes the larger.
SIZES = (1, 2, 4, 8, 16, 32, 64)


def single(upsert: Callable[[Table], Executable]) -> Mapping[str, Executable]:
    """The statements of one person or of everybody, by name. `upsert` is the dialect's own."""
    return {
        # What Closer knows about the database itself.
        "GET_META": select(meta.c.value).where(meta.c.name == CALLED),
        "PUT_META": upsert(meta),
        "DROP_META": delete(meta).where(meta.c.name == CALLED),
        # People. Removing one removes all other rows of theirs.
        "HOLDS_PEOPLE": select(people.c.person).limit(1),
        "EVERYBODY": select(people.c.person),
        "PERSON": select(people.c.address, sessions.c.version, sessions.c.session)
        .join_from(people, sessions, people.c.person == sessions.c.person)
        .where(people.c.person == WHOSE),
        "ADDRESSES": select(people.c.address).where(people.c.person == WHOSE),
        "PUT_PERSON": upsert(people),
        "REMOVE": delete(people).where(people.c.person == WHOSE).returning(people.c.person),
        # Consents.
        "CONSENTS": select(consents.c.purpose, consents.c.version, consents.c.at)
        .where(consents.c.person == WHOSE)
        .order_by(consents.c.purpose),
        "PURPOSES": select(consents.c.purpose).where(consents.c.person == WHOSE),
        "ADD_CONSENT": insert(consents),
        "DROP_CONSENTS": delete(consents).where(consents.c.person == WHOSE),
        # Sessions and entries.
        "VERSION": select(sessions.c.version).where(sessions.c.person == WHOSE),
        "PUT_SESSION": upsert(sessions),
        "KEPT": union_all(
            select(sessions.c.session).where(sessions.c.person == WHOSE, sessions.c.session.is_not(None)),
            select(entries.c.content).where(entries.c.person == WHOSE),
            select(owed.c.reply).where(owed.c.person == WHOSE),
        ),
        "ENTRIES": select(entries.c.id, entries.c.content).where(entries.c.person == WHOSE),
        "ADD_ENTRY": insert(entries),
        "DROP_ENTRIES": delete(entries).where(entries.c.person == WHOSE),
        **_owed(),
        **_tallies(),
    }


def _owed() -> Mapping[str, Executable]:
    """The statements of replies that are owed: one person's, and everybody's with where to send them."""
    return {
        "OWED_TO": select(owed.c.person, owed.c.id, owed.c.reply).where(owed.c.person == WHOSE),
        "OWED_TO_ALL": select(owed.c.person, owed.c.id, owed.c.reply, people.c.address).join_from(
            owed, people, owed.c.person == people.c.person
        ),
        "ADD_OWED": insert(owed),
        "SETTLE": delete(owed).where(owed.c.person == WHOSE, owed.c.id == WHICH),
        "DROP_OWED": delete(owed).where(owed.c.person == WHOSE),
    }


def _tallies() -> Mapping[str, Executable]:
    """The statements of the yearly counts."""
    here = (
        tallies.c.year == bindparam("in_year"),
        tallies.c.kind == bindparam("of_kind"),
        tallies.c.category == bindparam("of_category"),
    )
    return {
        "TALLIES": select(tallies.c.year, tallies.c.kind, tallies.c.category, tallies.c.count).order_by(
            tallies.c.year, tallies.c.kind, tallies.c.category
        ),
        "COUNT_ON": update(tallies).values(count=tallies.c.count + bindparam("more")).where(*here).returning(tallies.c.year),
        "ADD_TALLY": insert(tallies),
    }


def saving(rows: int) -> Executable:
    """Write `rows` sessions whose version follows the stored one, and return those persons.

    The parameters are each row's person, version and session in turn, then the fixed ones.
    A session is kept only beside a consent to keep it: elsewhere the version moves on alone.
    """
    turns = (
        values(column("person", LargeBinary), column("version", BigInteger), column("session", LargeBinary))
        .data(
            [
                (
                    bindparam(f"person{row}", type_=LargeBinary),
                    bindparam(f"version{row}", type_=BigInteger),
                    bindparam(f"session{row}", type_=LargeBinary),
                )
                for row in range(rows)
            ]
        )
        .cte("turns")
    )
    agreed = exists().where(consents.c.person == turns.c.person, consents.c.purpose == PROGRESS).correlate(turns)
    return (
        update(sessions)
        .values(version=turns.c.version, session=case((agreed, turns.c.session)))
        .where(sessions.c.person == turns.c.person, sessions.c.version == turns.c.version - 1)
        .returning(sessions.c.person)
    )


def loading(rows: int) -> Executable:
    """Read the sessions and consents of `rows` persons: one row for each consent, in the order of their purposes."""
    return (
        select(
            sessions.c.person,
            sessions.c.version,
            sessions.c.session,
            consents.c.purpose,
            consents.c.version,
            consents.c.at,
        )
        .join_from(sessions, consents, sessions.c.person == consents.c.person, isouter=True)
        .where(sessions.c.person.in_([bindparam(f"person{row}", type_=LargeBinary) for row in range(rows)]))
        .order_by(sessions.c.person, consents.c.purpose)
    )


# The statements that come in every size.
SIZED: Mapping[str, Callable[[int], Executable]] = {"SAVING": saving, "LOADING": loading}
