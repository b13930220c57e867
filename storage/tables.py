"""The tables, and nothing else: one description for every engine, for the statements and for the migrations' test.

Readable without the key are only: that somebody is stored, which purposes they agreed to and when, how many turns they
took and in which month the last, how many entries they keep and how many replies they are owed; of those who asked for
nudges, reminders or looks back, on which platform the next message is due and when, how often that was changed, on which of
their days one was due, at which second and how that went, and whether they could no longer be reached; and how often help was
shown in a year, which belongs to nobody. Whatever says who they are, what they chose, what was sent or what was said is
ciphertext (see vault.py).
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    false,
    text,
)

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
    }
)


def _whose(of: str = "people") -> Column[bytes]:
    return Column("person", LargeBinary(16), ForeignKey(f"{of}.person", ondelete="CASCADE"), primary_key=True)


meta = Table(
    "meta",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", LargeBinary, nullable=False),
)

people = Table(
    "people",
    metadata,
    Column("person", LargeBinary(16), primary_key=True),
    Column("address", LargeBinary, nullable=False),
)

# `at` is ISO 8601 in UTC: text, which every engine keeps and compares alike.
consents = Table(
    "consents",
    metadata,
    _whose(),
    Column("purpose", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("at", Text, nullable=False),
)

# One row for each person from the first consent to the last: the version counts turns even where no session is kept.
# `away` stands here, because every turn reads this row, and none reads that of the nudges. `month` (see moments.month_of) is
# that of the last turn, coarse on purpose: by it those are found from whom nothing came for long. It has no index, which every
# turn would pay for: it is looked through once a month.
sessions = Table(
    "sessions",
    metadata,
    _whose(),
    Column("version", BigInteger, nullable=False),
    Column("session", LargeBinary),
    Column("away", Boolean, nullable=False, server_default=false()),
    Column("month", Integer, nullable=False, server_default=text("0")),
)

# The id is random: it is part of what the ciphertext is bound to, so it must be known before the row is written.
entries = Table(
    "entries",
    metadata,
    _whose(),
    Column("id", LargeBinary(16), primary_key=True),
    Column("content", LargeBinary, nullable=False),
)

# Replies that are not delivered yet. Since when is inside the ciphertext, and the ids are random.
owed = Table(
    "owed",
    metadata,
    _whose(),
    Column("id", LargeBinary(16), primary_key=True),
    Column("reply", LargeBinary, nullable=False),
)

# Of those who asked for anything that is sent by itself, be it nudges or not. `due_at` is in microseconds since 1970 (UTC), to
# come back as it was given; NULL where nothing is to come. What comes then (a nudge, a look-in after a bad day, a reminder) is
# inside the ciphertexts only. The address is here once more (it never changes): of a million people, those that are due are on
# a page each, and beside them on none.
nudges = Table(
    "nudges",
    metadata,
    _whose(),
    Column("platform", Text, nullable=False),
    Column("due_at", BigInteger),
    Column("version", BigInteger, nullable=False),
    Column("address", LargeBinary, nullable=False),
    Column("plan", LargeBinary, nullable=False, quote=False),  # a key word, but of none that stands in the way
    Column("past", LargeBinary, nullable=False),
    # What a poll reads.
    Index("ix_nudges_platform_due_at", "platform", "due_at"),
)

# How it went with each message that was due, on the person's own day (an ordinal); at most one for each day and slot. `at` is
# in seconds since 1970 (UTC). They hang on the nudges, whose page is at hand when one is noted.
deliveries = Table(
    "deliveries",
    metadata,
    _whose("nudges"),
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("slot", SmallInteger, primary_key=True, autoincrement=False),
    Column("state", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    # By which the old ones are forgotten.
    Index("ix_deliveries_day", "day"),
)

# How often help was shown: no person, and no time but the year (UTC).
tallies = Table(
    "tallies",
    metadata,
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("kind", Text, primary_key=True),
    Column("category", Text, primary_key=True),
    Column("count", BigInteger, nullable=False),
)
