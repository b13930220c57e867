"""Every statement, described once for every engine. Here is what is asked; storage/sql.py has it as the driver takes it.

Only the generator imports this: a running Closer has no use for SQLAlchemy, which takes 0.1 s and 16 MiB to load.
After a change here or in tables.py, run `python -m storage.generate`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    BindParameter,
    Integer,
    LargeBinary,
    Table,
    Text,
    bindparam,
    case,
    column,
    delete,
    exists,
    func,
    insert,
    null,
    select,
    true,
    tuple_,
    union_all,
    update,
    values,
)
from sqlalchemy.sql.base import Executable
from sqlalchemy.types import TypeEngine

from bot.conversation.facts import PROGRESS
from storage.tables import consents, deliveries, entries, meta, nudges, owed, people, sessions, tallies

# Whose rows: not called `person`, which is the column's own parameter where a row is written.
WHOSE: BindParameter[bytes] = bindparam("whose")
# Which of their rows.
WHICH: BindParameter[bytes] = bindparam("which")
# What is called so in `meta`.
CALLED: BindParameter[str] = bindparam("called")
# Turns run together in batches of these sizes; a batch between two of them takes the larger.
SIZES = (1, 2, 4, 8, 16, 32, 64)
# Nudges that are due together: each statement is a hop to the driver's thread, which on a busy machine is what costs.
MORE_SIZES = (*SIZES, 128, 256, 512)


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
        "PERSON": select(people.c.address, sessions.c.version, sessions.c.session, sessions.c.away, sessions.c.month)
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
        "VERSION": select(sessions.c.version, sessions.c.away).where(sessions.c.person == WHOSE),
        "PUT_SESSION": upsert(sessions),
        "SAVE_ONE": _saving_one(),
        "KEPT": union_all(
            select(sessions.c.session).where(sessions.c.person == WHOSE, sessions.c.session.is_not(None)),
            select(owed.c.reply).where(owed.c.person == WHOSE),
        ),
        "ENTRIES": select(entries.c.id, entries.c.content).where(entries.c.person == WHOSE),
        "ADD_ENTRY": insert(entries),
        "DROP_ENTRY": delete(entries).where(entries.c.person == WHOSE, entries.c.id == WHICH).returning(entries.c.content),
        **_idle(),
        **_owed(),
        **_nudges(upsert),
        **_deliveries(upsert),
        **_tallies(),
    }


def _idle() -> Mapping[str, Executable]:
    """The statements of those from whom nothing came since a month: some of them, and whether somebody still is one."""
    return {
        "IDLE": select(sessions.c.person).where(sessions.c.month < bindparam("before")).limit(bindparam("most")),
        "STILL_IDLE": select(sessions.c.person).where(sessions.c.person == WHOSE, sessions.c.month < bindparam("before")),
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


def _nudges(upsert: Callable[[Table], Executable]) -> Mapping[str, Executable]:
    """The statements of nudges: one person's, those that are due, and how they stand."""
    stored = (nudges.c.version, nudges.c.due_at, nudges.c.plan, nudges.c.past)
    whose = nudges.c.person == WHOSE
    return {
        "NUDGING": select(*stored).where(whose),
        "NUDGING_WHOLE": select(nudges.c.platform, *stored).where(whose),
        "NUDGING_VERSION": select(nudges.c.version).where(whose),
        "PUT_NUDGING": upsert(nudges),
        "REWRITE_NUDGING": update(nudges)
        .values({one: bindparam(f"new_{one.name}") for one in stored})
        .where(whose, nudges.c.version == bindparam("before"))
        .returning(nudges.c.person),
        # Nothing more is to come.
        "STOP_NUDGING": update(nudges)
        .values(due_at=null(), version=nudges.c.version + 1)
        .where(whose)
        .returning(nudges.c.person),
        # The deliveries go with them.
        "DROP_NUDGING": delete(nudges).where(whose),
        "KEPT_NUDGING": union_all(
            *(select(sealed).where(whose) for sealed in (nudges.c.address, nudges.c.plan, nudges.c.past))
        ),
        # The next turn has to see it: whoever has the session in memory must load it again.
        "GO_AWAY": update(sessions).values(away=true(), version=sessions.c.version + 1).where(sessions.c.person == WHOSE),
        "REACH": select(nudges.c.address, *stored).where(whose),
        "DUE": select(nudges.c.person, nudges.c.version, nudges.c.due_at, nudges.c.plan)
        .where(nudges.c.platform == bindparam("on_platform"), nudges.c.due_at <= bindparam("by"))
        .order_by(nudges.c.due_at)
        .limit(bindparam("most")),
        # All; those with something to come; of these, those whose moment has come.
        "STANDING": select(
            func.count(), func.count(nudges.c.due_at), func.count().filter(nudges.c.due_at <= bindparam("by"))
        ).select_from(nudges),
        "COUNT_AWAY": select(func.count())
        .join_from(nudges, sessions, nudges.c.person == sessions.c.person)
        .where(nudges.c.due_at.is_(None), sessions.c.away),
    }


def _deliveries(upsert: Callable[[Table], Executable]) -> Mapping[str, Executable]:
    """The statements of what became of nudges."""
    old = deliveries.c.day < bindparam("before")
    each = (deliveries.c.person, deliveries.c.day, deliveries.c.slot)
    return {
        "DELIVERIES": select(deliveries.c.day, deliveries.c.slot, deliveries.c.state, deliveries.c.at)
        .where(deliveries.c.person == WHOSE)
        .order_by(deliveries.c.day, deliveries.c.slot),
        "PUT_DELIVERY": upsert(deliveries),
        "FORGET_DELIVERIES": delete(deliveries)
        .where(tuple_(*each).in_(select(*each).where(old).limit(bindparam("most"))))
        .returning(deliveries.c.day),
        "COUNT_DELIVERIES": select(deliveries.c.state, func.count())
        .where(deliveries.c.day >= bindparam("since"))
        .group_by(deliveries.c.state),
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


def _rows(name: str, rows: int, **columns: TypeEngine[Any]) -> CTE:
    """So many rows of parameters, as a table of this name with these columns."""
    data = [tuple(bindparam(f"{each}{row}", type_=kind) for each, kind in columns.items()) for row in range(rows)]
    return values(*(column(each, kind) for each, kind in columns.items())).data(data).cte(name)


def saving(rows: int) -> Executable:
    """Write `rows` sessions whose version follows the stored one, and return those persons.

    The parameters are each row's person, version, session and month in turn, then the fixed ones.
    A session is kept only beside a consent to keep it: elsewhere the version moves on alone.
    """
    turns = _rows("turns", rows, person=LargeBinary(), version=BigInteger(), session=LargeBinary(), month=Integer())
    agreed = exists().where(consents.c.person == turns.c.person, consents.c.purpose == PROGRESS).correlate(turns)
    return (
        update(sessions)
        .values(version=turns.c.version, session=case((agreed, turns.c.session)), month=turns.c.month)
        .where(sessions.c.person == turns.c.person, sessions.c.version == turns.c.version - 1)
        .returning(sessions.c.person)
    )


def _saving_one() -> Executable:
    """What `saving` does, for a single row, where the driver tells how many were changed.

    Without the temporary tables for what is given and for what comes back: 3 us each, measured without the disk.
    """
    version = bindparam("version0", type_=BigInteger)
    agreed = exists().where(consents.c.person == sessions.c.person, consents.c.purpose == PROGRESS).correlate(sessions)
    return (
        update(sessions)
        .values(
            version=version,
            session=case((agreed, bindparam("session0", type_=LargeBinary))),
            month=bindparam("month0", type_=Integer),
        )
        .where(sessions.c.person == bindparam("person0", type_=LargeBinary), sessions.c.version == version - 1)
    )


def loading(rows: int) -> Executable:
    """Read the sessions and consents of `rows` persons: one row for each consent, in the order of their purposes."""
    return (
        select(
            sessions.c.person,
            sessions.c.version,
            sessions.c.session,
            sessions.c.away,
            consents.c.purpose,
            consents.c.version,
            consents.c.at,
        )
        .join_from(sessions, consents, sessions.c.person == consents.c.person, isouter=True)
        .where(sessions.c.person.in_([bindparam(f"person{row}", type_=LargeBinary) for row in range(rows)]))
        .order_by(sessions.c.person, consents.c.purpose)
    )


def claiming(rows: int) -> Executable:
    """Set the next moment of `rows` persons where theirs is still the one seen, in that version, and return those persons."""
    claims = _rows("claims", rows, person=LargeBinary(), seen=BigInteger(), version=BigInteger(), next_at=BigInteger())
    return (
        update(nudges)
        .values(due_at=claims.c.next_at, version=nudges.c.version + 1)
        .where(nudges.c.person == claims.c.person, nudges.c.due_at == claims.c.seen, nudges.c.version == claims.c.version)
        .returning(nudges.c.person)
    )


def delivering(rows: int) -> Executable:
    """Note `rows` deliveries, but for the person, day and slot that has one, and return the persons of those noted.

    Whoever runs this has changed the same persons' nudges in the same transaction: no other can note one meanwhile.
    """
    taken = _rows("taken", rows, person=LargeBinary(), day=Integer(), slot=Integer(), state=Text(), at=BigInteger())
    same = (deliveries.c[name] == taken.c[name] for name in ("person", "day", "slot"))
    fresh = ~exists().where(*same).correlate(taken)
    chosen = select(taken).where(taken.c.person.is_not(None), fresh)
    return insert(deliveries).from_select(list(taken.c.keys()), chosen).returning(deliveries.c.person)


# The statements that come in several sizes, and which.
SIZED: Mapping[str, tuple[Callable[[int], Executable], tuple[int, ...]]] = {
    "SAVING": (saving, SIZES),
    "LOADING": (loading, SIZES),
    "CLAIMING": (claiming, MORE_SIZES),
    "DELIVERING": (delivering, MORE_SIZES),
}
