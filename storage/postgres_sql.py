"""Every statement as asyncpg takes it. Generated from statements.py: change that, then `python -m storage.generate`.

They are called as in sql.py, by which they are found. A parameter stands as $, to be numbered by `counted` (see dialect.py).

Each has its text, then the names of its parameters in the order of the text, then those whose value never changes.
"""

from __future__ import annotations

from collections.abc import Mapping

from storage.dialect import Statement, sized

GET_META = Statement.of(
    "SELECT meta.value FROM meta WHERE meta.name = $::VARCHAR",
    "called",
)
PUT_META = Statement.of(
    "INSERT INTO meta (name, value) VALUES ($::VARCHAR, $::BYTEA) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    "name value",
)
DROP_META = Statement.of(
    "DELETE FROM meta WHERE meta.name = $::VARCHAR",
    "called",
)
HOLDS_PEOPLE = Statement.of(
    "SELECT people.person FROM people LIMIT $::INTEGER",
    "param_1",
    param_1=1,
)
EVERYBODY = Statement.of(
    "SELECT people.person FROM people",
    "",
)
PERSON = Statement.of(
    "SELECT people.address, sessions.version, sessions.session, sessions.away, sessions.month "
    "FROM people JOIN sessions ON people.person = sessions.person "
    "WHERE people.person = $::BYTEA",
    "whose",
)
ADDRESSES = Statement.of(
    "SELECT people.address FROM people WHERE people.person = $::BYTEA",
    "whose",
)
PUT_PERSON = Statement.of(
    "INSERT INTO people (person, address) VALUES ($::BYTEA, $::BYTEA) ON CONFLICT (person) DO UPDATE SET address = "
    "excluded.address",
    "person address",
)
REMOVE = Statement.of(
    "DELETE FROM people WHERE people.person = $::BYTEA RETURNING people.person",
    "whose",
)
CONSENTS = Statement.of(
    "SELECT consents.purpose, consents.version, consents.at "
    "FROM consents "
    "WHERE consents.person = $::BYTEA ORDER BY consents.purpose",
    "whose",
)
PURPOSES = Statement.of(
    "SELECT consents.purpose FROM consents WHERE consents.person = $::BYTEA",
    "whose",
)
ADD_CONSENT = Statement.of(
    "INSERT INTO consents (person, purpose, version, at) VALUES ($::BYTEA, $::VARCHAR, $::INTEGER, $::VARCHAR)",
    "person purpose version at",
)
DROP_CONSENTS = Statement.of(
    "DELETE FROM consents WHERE consents.person = $::BYTEA",
    "whose",
)
VERSION = Statement.of(
    "SELECT sessions.version, sessions.away FROM sessions WHERE sessions.person = $::BYTEA",
    "whose",
)
PUT_SESSION = Statement.of(
    "INSERT INTO sessions (person, version, session, away, month) VALUES ($::BYTEA, $::BIGINT, $::BYTEA, $::BOOLEAN, "
    "$::INTEGER) ON CONFLICT (person) DO UPDATE SET version = excluded.version, session = excluded.session, away = "
    "excluded.away, month = excluded.month",
    "person version session away month",
)
SAVE_ONE = Statement.of(
    "UPDATE sessions SET version=$::BIGINT, session=CASE WHEN (EXISTS (SELECT * "
    "FROM consents "
    "WHERE consents.person = sessions.person AND consents.purpose = $::VARCHAR)) THEN $::BYTEA END, month=$::INTEGER WHERE "
    "sessions.person = $::BYTEA AND sessions.version = $::BIGINT - $::BIGINT",
    "version0 purpose_1 session0 month0 person0 version0 param_1",
    purpose_1="progress",
    param_1=1,
)
KEPT = Statement.of(
    "SELECT sessions.session "
    "FROM sessions "
    "WHERE sessions.person = $::BYTEA AND sessions.session IS NOT NULL UNION ALL SELECT owed.reply "
    "FROM owed "
    "WHERE owed.person = $::BYTEA",
    "whose whose",
)
ENTRIES = Statement.of(
    "SELECT entries.id, entries.content FROM entries WHERE entries.person = $::BYTEA",
    "whose",
)
ADD_ENTRY = Statement.of(
    "INSERT INTO entries (person, id, content) VALUES ($::BYTEA, $::BYTEA, $::BYTEA)",
    "person id content",
)
DROP_ENTRY = Statement.of(
    "DELETE FROM entries WHERE entries.person = $::BYTEA AND entries.id = $::BYTEA RETURNING entries.content",
    "whose which",
)
IDLE = Statement.of(
    "SELECT sessions.person FROM sessions WHERE sessions.month < $::INTEGER LIMIT $",
    "before most",
)
STILL_IDLE = Statement.of(
    "SELECT sessions.person FROM sessions WHERE sessions.person = $::BYTEA AND sessions.month < $::INTEGER",
    "whose before",
)
OWED_TO = Statement.of(
    "SELECT owed.person, owed.id, owed.reply FROM owed WHERE owed.person = $::BYTEA",
    "whose",
)
OWED_TO_ALL = Statement.of(
    "SELECT owed.person, owed.id, owed.reply, people.address FROM owed JOIN people ON owed.person = people.person",
    "",
)
ADD_OWED = Statement.of(
    "INSERT INTO owed (person, id, reply) VALUES ($::BYTEA, $::BYTEA, $::BYTEA)",
    "person id reply",
)
SETTLE = Statement.of(
    "DELETE FROM owed WHERE owed.person = $::BYTEA AND owed.id = $::BYTEA",
    "whose which",
)
DROP_OWED = Statement.of(
    "DELETE FROM owed WHERE owed.person = $::BYTEA",
    "whose",
)
NUDGING = Statement.of(
    "SELECT nudges.version, nudges.due_at, nudges.plan, nudges.past FROM nudges WHERE nudges.person = $::BYTEA",
    "whose",
)
NUDGING_WHOLE = Statement.of(
    "SELECT nudges.platform, nudges.version, nudges.due_at, nudges.plan, nudges.past "
    "FROM nudges "
    "WHERE nudges.person = $::BYTEA",
    "whose",
)
NUDGING_VERSION = Statement.of(
    "SELECT nudges.version FROM nudges WHERE nudges.person = $::BYTEA",
    "whose",
)
PUT_NUDGING = Statement.of(
    "INSERT INTO nudges (person, platform, due_at, version, address, plan, past) VALUES ($::BYTEA, $::VARCHAR, $::BIGINT, "
    "$::BIGINT, $::BYTEA, $::BYTEA, $::BYTEA) ON CONFLICT (person) DO UPDATE SET platform = excluded.platform, due_at = "
    "excluded.due_at, version = excluded.version, address = excluded.address, plan = excluded.plan, past = excluded.past",
    "person platform due_at version address plan past",
)
REWRITE_NUDGING = Statement.of(
    "UPDATE nudges SET due_at=$::BIGINT, version=$::BIGINT, plan=$::BYTEA, past=$::BYTEA WHERE nudges.person = $::BYTEA AND "
    "nudges.version = $::BIGINT RETURNING nudges.person",
    "new_due_at new_version new_plan new_past whose before",
)
STOP_NUDGING = Statement.of(
    "UPDATE nudges SET due_at=NULL, version=(nudges.version + $::BIGINT) WHERE nudges.person = $::BYTEA RETURNING "
    "nudges.person",
    "version_1 whose",
    version_1=1,
)
DROP_NUDGING = Statement.of(
    "DELETE FROM nudges WHERE nudges.person = $::BYTEA",
    "whose",
)
KEPT_NUDGING = Statement.of(
    "SELECT nudges.address "
    "FROM nudges "
    "WHERE nudges.person = $::BYTEA UNION ALL SELECT nudges.plan "
    "FROM nudges "
    "WHERE nudges.person = $::BYTEA UNION ALL SELECT nudges.past "
    "FROM nudges "
    "WHERE nudges.person = $::BYTEA",
    "whose whose whose",
)
GO_AWAY = Statement.of(
    "UPDATE sessions SET version=(sessions.version + $::BIGINT), away=true WHERE sessions.person = $::BYTEA",
    "version_1 whose",
    version_1=1,
)
REACH = Statement.of(
    "SELECT nudges.address, nudges.version, nudges.due_at, nudges.plan, nudges.past FROM nudges WHERE nudges.person = $::BYTEA",
    "whose",
)
DUE = Statement.of(
    "SELECT nudges.person, nudges.version, nudges.due_at, nudges.plan "
    "FROM nudges "
    "WHERE nudges.platform = $::VARCHAR AND nudges.due_at <= $::BIGINT ORDER BY nudges.due_at "
    "LIMIT $",
    "on_platform by most",
)
STANDING = Statement.of(
    "SELECT count(*) AS count_1, count(nudges.due_at) AS count_2, count(*) FILTER (WHERE nudges.due_at <= $::BIGINT) AS "
    "anon_1 "
    "FROM nudges",
    "by",
)
COUNT_AWAY = Statement.of(
    "SELECT count(*) AS count_1 "
    "FROM nudges JOIN sessions ON nudges.person = sessions.person "
    "WHERE nudges.due_at IS NULL AND sessions.away",
    "",
)
DELIVERIES = Statement.of(
    "SELECT deliveries.day, deliveries.slot, deliveries.state, deliveries.at "
    "FROM deliveries "
    "WHERE deliveries.person = $::BYTEA ORDER BY deliveries.day, deliveries.slot",
    "whose",
)
PUT_DELIVERY = Statement.of(
    "INSERT INTO deliveries (person, day, slot, state, at) VALUES ($::BYTEA, $::INTEGER, $::SMALLINT, $::VARCHAR, $::BIGINT) "
    "ON CONFLICT (person, day, slot) DO UPDATE SET state = excluded.state, at = excluded.at",
    "person day slot state at",
)
FORGET_DELIVERIES = Statement.of(
    "DELETE FROM deliveries WHERE (deliveries.person, deliveries.day, deliveries.slot) IN (SELECT deliveries.person, "
    "deliveries.day, deliveries.slot "
    "FROM deliveries "
    "WHERE deliveries.day < $::INTEGER "
    "LIMIT $) RETURNING deliveries.day",
    "before most",
)
COUNT_DELIVERIES = Statement.of(
    "SELECT deliveries.state, count(*) AS count_1 FROM deliveries WHERE deliveries.day >= $::INTEGER GROUP BY deliveries.state",
    "since",
)
TALLIES = Statement.of(
    "SELECT tallies.year, tallies.kind, tallies.category, tallies.count "
    "FROM tallies ORDER BY tallies.year, tallies.kind, tallies.category",
    "",
)
COUNT_ON = Statement.of(
    "UPDATE tallies SET count=(tallies.count + $::BIGINT) WHERE tallies.year = $::INTEGER AND tallies.kind = $::VARCHAR AND "
    "tallies.category = $::VARCHAR RETURNING tallies.year",
    "more in_year of_kind of_category",
)
ADD_TALLY = Statement.of(
    "INSERT INTO tallies (year, kind, category, count) VALUES ($::INTEGER, $::VARCHAR, $::VARCHAR, $::BIGINT)",
    "year kind category count",
)
SAVING: Mapping[int, Statement] = sized(
    (1, 2, 4, 8, 16, 32, 64),
    "WITH turns(person, version, session, month) AS (VALUES ",
    "($::BYTEA, $::BIGINT, $::BYTEA, $::INTEGER)",
    ") UPDATE sessions SET version=turns.version, session=CASE WHEN (EXISTS (SELECT * FROM consents WHERE consents.person = "
    "turns.person AND consents.purpose = $::VARCHAR)) THEN turns.session END, month=turns.month FROM turns WHERE "
    "sessions.person = turns.person AND sessions.version = turns.version - $::BIGINT RETURNING sessions.person",
    "person version session month",
    purpose_1="progress",
    version_1=1,
)
LOADING: Mapping[int, Statement] = sized(
    (1, 2, 4, 8, 16, 32, 64),
    "SELECT sessions.person, sessions.version, sessions.session, sessions.away, consents.purpose, consents.version AS "
    "version_1, consents.at FROM sessions LEFT OUTER JOIN consents ON sessions.person = consents.person WHERE sessions.person "
    "IN (",
    "$::BYTEA",
    ") ORDER BY sessions.person, consents.purpose",
    "person",
)
CLAIMING: Mapping[int, Statement] = sized(
    (1, 2, 4, 8, 16, 32, 64, 128, 256, 512),
    "WITH claims(person, seen, version, next_at) AS (VALUES ",
    "($::BYTEA, $::BIGINT, $::BIGINT, $::BIGINT)",
    ") UPDATE nudges SET due_at=claims.next_at, version=(nudges.version + $::BIGINT) FROM claims WHERE nudges.person = "
    "claims.person AND nudges.due_at = claims.seen AND nudges.version = claims.version RETURNING nudges.person",
    "person seen version next_at",
    version_1=1,
)
DELIVERING: Mapping[int, Statement] = sized(
    (1, 2, 4, 8, 16, 32, 64, 128, 256, 512),
    "WITH taken(person, day, slot, state, at) AS (VALUES ",
    "($::BYTEA, $::INTEGER, $::INTEGER, $::VARCHAR, $::BIGINT)",
    ") INSERT INTO deliveries (person, day, slot, state, at) SELECT taken.person, taken.day, taken.slot, taken.state, "
    "taken.at FROM taken WHERE taken.person IS NOT NULL AND NOT (EXISTS (SELECT * FROM deliveries WHERE deliveries.person = "
    "taken.person AND deliveries.day = taken.day AND deliveries.slot = taken.slot)) RETURNING deliveries.person",
    "person day slot state at",
)
