"""Every statement as the driver takes it. Generated from statements.py: change that, then `python -m storage.generate`.

Each has its text, then the names of its parameters in the order of the text, then those whose value never changes.
"""

from __future__ import annotations

from collections.abc import Mapping

from storage.dialect import Statement

GET_META = Statement.of(
    "SELECT meta.value FROM meta WHERE meta.name = ?",
    "called",
)
PUT_META = Statement.of(
    "INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    "name value",
)
DROP_META = Statement.of(
    "DELETE FROM meta WHERE meta.name = ?",
    "called",
)
HOLDS_PEOPLE = Statement.of(
    "SELECT people.person FROM people LIMIT ? OFFSET ?",
    "param_1 param_2",
    param_1=1,
    param_2=0,
)
EVERYBODY = Statement.of(
    "SELECT people.person FROM people",
    "",
)
PERSON = Statement.of(
    "SELECT people.address, sessions.version, sessions.session "
    "FROM people JOIN sessions ON people.person = sessions.person "
    "WHERE people.person = ?",
    "whose",
)
ADDRESSES = Statement.of(
    "SELECT people.address FROM people WHERE people.person = ?",
    "whose",
)
PUT_PERSON = Statement.of(
    "INSERT INTO people (person, address) VALUES (?, ?) ON CONFLICT (person) DO UPDATE SET address = excluded.address",
    "person address",
)
REMOVE = Statement.of(
    "DELETE FROM people WHERE people.person = ? RETURNING person",
    "whose",
)
CONSENTS = Statement.of(
    "SELECT consents.purpose, consents.version, consents.at FROM consents WHERE consents.person = ? ORDER BY consents.purpose",
    "whose",
)
PURPOSES = Statement.of(
    "SELECT consents.purpose FROM consents WHERE consents.person = ?",
    "whose",
)
ADD_CONSENT = Statement.of(
    "INSERT INTO consents (person, purpose, version, at) VALUES (?, ?, ?, ?)",
    "person purpose version at",
)
DROP_CONSENTS = Statement.of(
    "DELETE FROM consents WHERE consents.person = ?",
    "whose",
)
VERSION = Statement.of(
    "SELECT sessions.version FROM sessions WHERE sessions.person = ?",
    "whose",
)
PUT_SESSION = Statement.of(
    "INSERT INTO sessions (person, version, session) VALUES (?, ?, ?) ON CONFLICT (person) DO UPDATE SET version = "
    "excluded.version, session = excluded.session",
    "person version session",
)
KEPT = Statement.of(
    "SELECT sessions.session "
    "FROM sessions "
    "WHERE sessions.person = ? AND sessions.session IS NOT NULL UNION ALL SELECT entries.content "
    "FROM entries "
    "WHERE entries.person = ? UNION ALL SELECT owed.reply "
    "FROM owed "
    "WHERE owed.person = ?",
    "whose whose whose",
)
ENTRIES = Statement.of(
    "SELECT entries.id, entries.content FROM entries WHERE entries.person = ?",
    "whose",
)
ADD_ENTRY = Statement.of(
    "INSERT INTO entries (person, id, content) VALUES (?, ?, ?)",
    "person id content",
)
DROP_ENTRIES = Statement.of(
    "DELETE FROM entries WHERE entries.person = ?",
    "whose",
)
OWED_TO = Statement.of(
    "SELECT owed.person, owed.id, owed.reply FROM owed WHERE owed.person = ?",
    "whose",
)
OWED_TO_ALL = Statement.of(
    "SELECT owed.person, owed.id, owed.reply, people.address FROM owed JOIN people ON owed.person = people.person",
    "",
)
ADD_OWED = Statement.of(
    "INSERT INTO owed (person, id, reply) VALUES (?, ?, ?)",
    "person id reply",
)
SETTLE = Statement.of(
    "DELETE FROM owed WHERE owed.person = ? AND owed.id = ?",
    "whose which",
)
DROP_OWED = Statement.of(
    "DELETE FROM owed WHERE owed.person = ?",
    "whose",
)
TALLIES = Statement.of(
    "SELECT tallies.year, tallies.kind, tallies.category, tallies.count "
    "FROM tallies ORDER BY tallies.year, tallies.kind, tallies.category",
    "",
)
COUNT_ON = Statement.of(
    "UPDATE tallies SET count=(tallies.count + ?) WHERE tallies.year = ? AND tallies.kind = ? AND tallies.category = ? "
    "RETURNING year",
    "more in_year of_kind of_category",
)
ADD_TALLY = Statement.of(
    "INSERT INTO tallies (year, kind, category, count) VALUES (?, ?, ?, ?)",
    "year kind category count",
)
SAVING: Mapping[int, Statement] = {
    1: Statement.of(
        "WITH turns(person, version, session) AS "
        "(VALUES (?, ?, ?)) "
        "UPDATE sessions SET version=turns.version, session=CASE WHEN (EXISTS (SELECT * "
        "FROM consents "
        "WHERE consents.person = turns.person AND consents.purpose = ?)) THEN turns.session END FROM turns WHERE "
        "sessions.person = turns.person AND sessions.version = turns.version - ? RETURNING person",
        "person0 version0 session0 purpose_1 version_1",
        purpose_1="progress",
        version_1=1,
    ),
    2: Statement.of(
        "WITH turns(person, version, session) AS "
        "(VALUES (?, ?, ?), (?, ?, ?)) "
        "UPDATE sessions SET version=turns.version, session=CASE WHEN (EXISTS (SELECT * "
        "FROM consents "
        "WHERE consents.person = turns.person AND consents.purpose = ?)) THEN turns.session END FROM turns WHERE "
        "sessions.person = turns.person AND sessions.version = turns.version - ? RETURNING person",
        "person0 version0 session0 person1 version1 session1 purpose_1 version_1",
        purpose_1="progress",
        version_1=1,
    ),
    4: Statement.of(
        "WITH turns(person, version, session) AS "
        "(VALUES (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?)) "
        "UPDATE sessions SET version=turns.version, session=CASE WHEN (EXISTS (SELECT * "
        "FROM consents "
        "WHERE consents.person = turns.person AND consents.purpose = ?)) THEN turns.session END FROM turns WHERE "
        "sessions.person = turns.person AND sessions.version = turns.version - ? RETURNING person",
        "person0 version0 session0 person1 version1 session1 person2 version2 session2 person3 version3 session3 purpose_1 "
        "version_1",
        purpose_1="progress",
        version_1=1,
    ),
    8: Statement.of(
        "WITH turns(person, version, session) AS "
        "(VALUES (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?)) "
        "UPDATE sessions SET version=turns.version, session=CASE WHEN (EXISTS (SELECT * "
        "FROM consents "
        "WHERE consents.person = turns.person AND consents.purpose = ?)) THEN turns.session END FROM turns WHERE "
        "sessions.person = turns.person AND sessions.version = turns.version - ? RETURNING person",
        "person0 version0 session0 person1 version1 session1 person2 version2 session2 person3 version3 session3 person4 "
        "version4 session4 person5 version5 session5 person6 version6 session6 person7 version7 session7 purpose_1 version_1",
        purpose_1="progress",
        version_1=1,
    ),
    16: Statement.of(
        "WITH turns(person, version, session) AS "
        "(VALUES (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, "
        "?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?)) "
        "UPDATE sessions SET version=turns.version, session=CASE WHEN (EXISTS (SELECT * "
        "FROM consents "
        "WHERE consents.person = turns.person AND consents.purpose = ?)) THEN turns.session END FROM turns WHERE "
        "sessions.person = turns.person AND sessions.version = turns.version - ? RETURNING person",
        "person0 version0 session0 person1 version1 session1 person2 version2 session2 person3 version3 session3 person4 "
        "version4 session4 person5 version5 session5 person6 version6 session6 person7 version7 session7 person8 version8 "
        "session8 person9 version9 session9 person10 version10 session10 person11 version11 session11 person12 version12 "
        "session12 person13 version13 session13 person14 version14 session14 person15 version15 session15 purpose_1 version_1",
        purpose_1="progress",
        version_1=1,
    ),
    32: Statement.of(
        "WITH turns(person, version, session) AS "
        "(VALUES (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, "
        "?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), "
        "(?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, "
        "?), (?, ?, ?)) "
        "UPDATE sessions SET version=turns.version, session=CASE WHEN (EXISTS (SELECT * "
        "FROM consents "
        "WHERE consents.person = turns.person AND consents.purpose = ?)) THEN turns.session END FROM turns WHERE "
        "sessions.person = turns.person AND sessions.version = turns.version - ? RETURNING person",
        "person0 version0 session0 person1 version1 session1 person2 version2 session2 person3 version3 session3 person4 "
        "version4 session4 person5 version5 session5 person6 version6 session6 person7 version7 session7 person8 version8 "
        "session8 person9 version9 session9 person10 version10 session10 person11 version11 session11 person12 version12 "
        "session12 person13 version13 session13 person14 version14 session14 person15 version15 session15 person16 version16 "
        "session16 person17 version17 session17 person18 version18 session18 person19 version19 session19 person20 version20 "
        "session20 person21 version21 session21 person22 version22 session22 person23 version23 session23 person24 version24 "
        "session24 person25 version25 session25 person26 version26 session26 person27 version27 session27 person28 version28 "
        "session28 person29 version29 session29 person30 version30 session30 person31 version31 session31 purpose_1 version_1",
        purpose_1="progress",
        version_1=1,
    ),
    64: Statement.of(
        "WITH turns(person, version, session) AS "
        "(VALUES (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, "
        "?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), "
        "(?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, "
        "?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), "
        "(?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, "
        "?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), "
        "(?, ?, ?), (?, ?, ?)) "
        "UPDATE sessions SET version=turns.version, session=CASE WHEN (EXISTS (SELECT * "
        "FROM consents "
        "WHERE consents.person = turns.person AND consents.purpose = ?)) THEN turns.session END FROM turns WHERE "
        "sessions.person = turns.person AND sessions.version = turns.version - ? RETURNING person",
        "person0 version0 session0 person1 version1 session1 person2 version2 session2 person3 version3 session3 person4 "
        "version4 session4 person5 version5 session5 person6 version6 session6 person7 version7 session7 person8 version8 "
        "session8 person9 version9 session9 person10 version10 session10 person11 version11 session11 person12 version12 "
        "session12 person13 version13 session13 person14 version14 session14 person15 version15 session15 person16 version16 "
        "session16 person17 version17 session17 person18 version18 session18 person19 version19 session19 person20 version20 "
        "session20 person21 version21 session21 person22 version22 session22 person23 version23 session23 person24 version24 "
        "session24 person25 version25 session25 person26 version26 session26 person27 version27 session27 person28 version28 "
        "session28 person29 version29 session29 person30 version30 session30 person31 version31 session31 person32 version32 "
        "session32 person33 version33 session33 person34 version34 session34 person35 version35 session35 person36 version36 "
        "session36 person37 version37 session37 person38 version38 session38 person39 version39 session39 person40 version40 "
        "session40 person41 version41 session41 person42 version42 session42 person43 version43 session43 person44 version44 "
        "session44 person45 version45 session45 person46 version46 session46 person47 version47 session47 person48 version48 "
        "session48 person49 version49 session49 person50 version50 session50 person51 version51 session51 person52 version52 "
        "session52 person53 version53 session53 person54 version54 session54 person55 version55 session55 person56 version56 "
        "session56 person57 version57 session57 person58 version58 session58 person59 version59 session59 person60 version60 "
        "session60 person61 version61 session61 person62 version62 session62 person63 version63 session63 purpose_1 version_1",
        purpose_1="progress",
        version_1=1,
    ),
}
LOADING: Mapping[int, Statement] = {
    1: Statement.of(
        "SELECT sessions.person, sessions.version, sessions.session, consents.purpose, consents.version AS version_1, "
        "consents.at "
        "FROM sessions LEFT OUTER JOIN consents ON sessions.person = consents.person "
        "WHERE sessions.person IN (?) ORDER BY sessions.person, consents.purpose",
        "person0",
    ),
    2: Statement.of(
        "SELECT sessions.person, sessions.version, sessions.session, consents.purpose, consents.version AS version_1, "
        "consents.at "
        "FROM sessions LEFT OUTER JOIN consents ON sessions.person = consents.person "
        "WHERE sessions.person IN (?, ?) ORDER BY sessions.person, consents.purpose",
        "person0 person1",
    ),
    4: Statement.of(
        "SELECT sessions.person, sessions.version, sessions.session, consents.purpose, consents.version AS version_1, "
        "consents.at "
        "FROM sessions LEFT OUTER JOIN consents ON sessions.person = consents.person "
        "WHERE sessions.person IN (?, ?, ?, ?) ORDER BY sessions.person, consents.purpose",
        "person0 person1 person2 person3",
    ),
    8: Statement.of(
        "SELECT sessions.person, sessions.version, sessions.session, consents.purpose, consents.version AS version_1, "
        "consents.at "
        "FROM sessions LEFT OUTER JOIN consents ON sessions.person = consents.person "
        "WHERE sessions.person IN (?, ?, ?, ?, ?, ?, ?, ?) ORDER BY sessions.person, consents.purpose",
        "person0 person1 person2 person3 person4 person5 person6 person7",
    ),
    16: Statement.of(
        "SELECT sessions.person, sessions.version, sessions.session, consents.purpose, consents.version AS version_1, "
        "consents.at "
        "FROM sessions LEFT OUTER JOIN consents ON sessions.person = consents.person "
        "WHERE sessions.person IN (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ORDER BY sessions.person, consents.purpose",
        "person0 person1 person2 person3 person4 person5 person6 person7 person8 person9 person10 person11 person12 person13 "
        "person14 person15",
    ),
    32: Statement.of(
        "SELECT sessions.person, sessions.version, sessions.session, consents.purpose, consents.version AS version_1, "
        "consents.at "
        "FROM sessions LEFT OUTER JOIN consents ON sessions.person = consents.person "
        "WHERE sessions.person IN (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
        "?, ?) ORDER BY sessions.person, consents.purpose",
        "person0 person1 person2 person3 person4 person5 person6 person7 person8 person9 person10 person11 person12 person13 "
        "person14 person15 person16 person17 person18 person19 person20 person21 person22 person23 person24 person25 person26 "
        "person27 person28 person29 person30 person31",
    ),
    64: Statement.of(
        "SELECT sessions.person, sessions.version, sessions.session, consents.purpose, consents.version AS version_1, "
        "consents.at "
        "FROM sessions LEFT OUTER JOIN consents ON sessions.person = consents.person "
        "WHERE sessions.person IN (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
        "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ORDER BY "
        "sessions.person, consents.purpose",
        "person0 person1 person2 person3 person4 person5 person6 person7 person8 person9 person10 person11 person12 person13 "
        "person14 person15 person16 person17 person18 person19 person20 person21 person22 person23 person24 person25 person26 "
        "person27 person28 person29 person30 person31 person32 person33 person34 person35 person36 person37 person38 person39 "
        "person40 person41 person42 person43 person44 person45 person46 person47 person48 person49 person50 person51 person52 "
        "person53 person54 person55 person56 person57 person58 person59 person60 person61 person62 person63",
    ),
}
