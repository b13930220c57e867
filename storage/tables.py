"""The tables, and nothing else: one description for every engine, for the statements and for the migrations' test.

Readable without the key are only: that somebody is stored, which purposes they agreed to and when, how many turns they
took, how many entries they keep and how many replies they are owed; and how often help was shown in a year, which belongs
to nobody. Whatever says who they are or what was said is ciphertext (see vault.py).
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, LargeBinary, MetaData, Table, Text

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
    }
)


def _whose() -> Column[bytes]:
    return Column("person", LargeBinary(16), ForeignKey("people.person", ondelete="CASCADE"), primary_key=True)


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
sessions = Table(
    "sessions",
    metadata,
    _whose(),
    Column("version", BigInteger, nullable=False),
    Column("session", LargeBinary),
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

# How often help was shown: no person, and no time but the year (UTC).
tallies = Table(
    "tallies",
    metadata,
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("kind", Text, primary_key=True),
    Column("category", Text, primary_key=True),
    Column("count", BigInteger, nullable=False),
)
