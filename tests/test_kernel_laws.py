"""Laws of the conversation, on the real dialogs: whatever happens, in whatever order, with whatever in it."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.content.render import render
from bot.conversation.advance import NAV, advance, prompt_of
from bot.conversation.dialog import Step, Write
from bot.conversation.effects import Erase, Fresh
from bot.conversation.events import Called, Chose, Opened, Tapped, Typed, Wrote
from bot.conversation.session import RECENT, Frame, Session, UnreadableSession
from bot.conversation.walk import Turn
from bot.packing import decode, encode
from bot.runtime import alarmed
from tests import kernel
from tests.kernel import ANY_TEXT, CONSENTS, MOVES, book, new_id, parts, screen, state, then, walk

WALKS = st.lists(MOVES, max_size=40)
LAW = settings(max_examples=120, deadline=None)
ANY_TIME = ("sos", "help", "stop")


def step_of(turn: Turn) -> Step:
    dialog, step = screen(turn)
    return book().dialogs[dialog].steps[step]


# -- an answer, always -----------------------------------------------------------------------------------------------


@LAW
@given(WALKS, CONSENTS)
def test_every_event_in_any_state_gets_an_answer_with_words_and_a_way_on(moves, consents):
    for turn in walk(moves, consents):
        prompt, keys = turn.prompt, [option.key for option in turn.prompt.options]
        assert prompt.options or prompt.writes
        assert len(keys) == len(set(keys))
        assert {":stop", ":help", ":sos"} <= set(prompt.nav)
        assert all(bubble.text.strip() for bubble in render(turn, parts().library, "en"))
        assert all(button.label.strip() for button in render(turn, parts().library, "en")[-1].choices)


@given(MOVES, CONSENTS)
@LAW
def test_whoever_is_not_known_gets_an_answer_to_anything(move, consents):
    screens = kernel.opened(consents)
    turn = advance(book(), None, kernel.event_of(move, screens), screens.facts)
    assert turn.prompt.says
    assert turn.session.open
    if isinstance(kernel.event_of(move, screens), Typed | Wrote | Chose):
        assert screen(turn) == ("welcome", "lost")
        assert not turn.session.marks


LABELS = st.sampled_from(
    ["yes", "no", "back", "skip", "stop", "1", "1 and 3", "all but 2", "none of these", "not yes", "/why", "help me", "sí, no"]
)


@LAW
@given(WALKS, st.lists(st.one_of(ANY_TEXT, LABELS), min_size=1, max_size=3).map(" ".join))
def test_whatever_is_typed_on_any_screen_is_read_and_answered(moves, words):
    *_, turn = walk(moves)
    event = alarmed(Typed(id=new_id(), text=words), "en")
    if isinstance(event, Typed):
        event = parts().reader.event(event, turn.prompt, "en")
        assert not isinstance(event, Typed)
        keys = {option.key for option in turn.prompt.options} | set(NAV)
        assert not isinstance(event, Chose) or set(event.keys) <= keys
    after = then(turn, event)
    assert all(bubble.text.strip() for bubble in render(after, parts().library, "en"))


# -- back ------------------------------------------------------------------------------------------------------------


def answered(turn: Turn) -> list[Turn]:
    """The turn after each answer that this screen takes."""
    step = step_of(turn)
    if isinstance(step, Write):
        return [then(turn, Wrote(id=new_id(), text="my words"))]
    keys = tuple(option.key for option in turn.prompt.options)
    if turn.prompt.several:
        return [then(turn, Chose(id=new_id(), keys=chosen)) for chosen in (keys[:1], keys[-1:], keys[:-1])]
    return [then(turn, Chose(id=new_id(), keys=(key,))) for key in keys]


def undoable(before: Turn, after: Turn) -> bool:
    """Whether an answer stayed in its dialog, or laid another one on top. What clears the table cannot be undone."""
    name, _ = screen(before)
    frame = before.session.frames[name]
    if frame.revisit or step_of(before).name == book().dialogs[name].review or book().dialogs[name].passing:
        return False
    if any(isinstance(effect, Erase | Fresh) for effect in after.effects):
        return False
    opened = after.session.open
    return opened == before.session.open or (opened[:-1] == before.session.open and opened[-1] not in before.session.frames)


@LAW
@given(WALKS)
def test_back_undoes_an_answer(moves):
    *_, before = walk(moves)
    ticks = before.session.frames[screen(before)[0]].picked
    for after in answered(before):
        if not undoable(before, after):
            continue
        undone = then(after, Tapped(id=new_id(), turn=after.session.turn, key=":back"))
        if before.prompt.several:
            assert undone.session.open == before.session.open
            again = then(undone, Chose(id=new_id(), keys=(":done",)))
            assert state(again) == state(after), "the ticks that were sent off stand there again"
        else:
            assert not ticks
            assert state(undone) == state(before), screen(before)


@LAW
@given(st.lists(st.integers(0, 255), min_size=1, max_size=20))
def test_back_undoes_the_whole_exploration_question_by_question(numbers):
    turns = kernel.through(kernel.tapped(kernel.opened(), "adult", "full"), kernel.by_numbers(numbers))
    turn = turns[-1]
    for earlier in reversed(turns[:-1]):
        turn = kernel.tapped(turn, ":back")
        assert screen(turn) == screen(earlier)
        assert turn.session.frames["why"].trail == earlier.session.frames["why"].trail


# -- bytes -----------------------------------------------------------------------------------------------------------

ANSWERS = st.one_of(ANY_TEXT, st.lists(ANY_TEXT, max_size=4).map(tuple))
FRAMES = st.builds(
    Frame,
    dialog=ANY_TEXT,
    step=ANY_TEXT,
    trail=st.lists(st.tuples(ANY_TEXT, ANSWERS), max_size=5).map(tuple),
    picked=st.lists(ANY_TEXT, max_size=3).map(tuple),
    revisit=st.sampled_from(["", "result", "hug"]),
)
SESSIONS = st.builds(
    Session,
    turn=st.integers(1, 2**40),
    frames=st.lists(FRAMES, max_size=4, unique_by=lambda f: f.dialog).map(lambda found: {f.dialog: f for f in found}),
    open=st.lists(ANY_TEXT, max_size=4).map(tuple),
    marks=st.dictionaries(ANY_TEXT, ANY_TEXT, max_size=4),
    said=st.dictionaries(ANY_TEXT, st.integers(0, 10**6), max_size=4),
    recent=st.lists(ANY_TEXT, max_size=RECENT).map(tuple),
    seen_at=st.integers(0, 2**34),
    noticed_at=st.integers(0, 2**34),
    used=st.integers(0, 10**6),
)


@LAW
@given(SESSIONS)
def test_any_session_survives_its_bytes(session):
    assert decode(encode(session)) == session


@LAW
@given(WALKS, CONSENTS)
def test_every_session_reached_survives_its_bytes(moves, consents):
    for turn in walk(moves, consents):
        assert decode(encode(turn.session)) == turn.session


@pytest.mark.parametrize("words", ["\ud83d", "👩‍👧", "שלום עולם", "\u202eabc", "\x00\x1b[31m", '"],["'])
def test_odd_words_survive_their_bytes_as_an_answer(words):
    frame = Frame(dialog="why", step="own", trail=(("own", words),))
    assert decode(encode(Session(frames={"why": frame}))).frames["why"].answers == {"own": words}


@LAW
@given(st.one_of(st.binary(max_size=60), SESSIONS.map(lambda s: encode(s)[:-2]), SESSIONS.map(lambda s: b"[2" + encode(s)[2:])))
def test_bytes_that_are_no_session_are_called_so(data):
    with pytest.raises(UnreadableSession):
        decode(data)


@LAW
@given(SESSIONS, MOVES)
def test_a_session_of_dialogs_that_no_longer_exist_still_gets_an_answer(session, move):
    here = kernel.opened()
    turn = advance(book(), session, kernel.event_of(move, here), here.facts)
    assert turn.prompt.says
    assert turn.session.open


# -- what changes nothing --------------------------------------------------------------------------------------------


@LAW
@given(WALKS, MOVES)
def test_a_redelivered_event_changes_nothing_and_is_answered_by_the_same_prompt(moves, last):
    *_, before = walk(moves)
    event = kernel.event_of(last, before)
    once = then(before, event)
    twice = then(once, event, later=3)
    assert twice.session == once.session
    assert twice.prompt == prompt_of(book(), once.session, twice.facts).prompt
    assert not twice.effects
    older = then(twice, Opened(id=once.session.recent[0]), later=90_000)
    assert older.session == once.session


@LAW
@given(WALKS, st.integers(-50, 50).filter(bool), ANY_TEXT, st.data())
def test_a_stale_foreign_or_forged_tap_changes_no_place(moves, off, name, data):
    *_, turn = walk(moves)
    keys = [option.key for option in turn.prompt.options]
    stale = data.draw(st.sampled_from([*keys, ":back", ":skip", ":done", ":change", ":restart", name]))
    unknown = name if name not in keys and not name.startswith(":") else "no-such-key"
    for key, number in ((stale, turn.session.turn + off), (unknown, turn.session.turn)):
        after = then(turn, Tapped(id=new_id(), turn=number, key=key))
        assert state(after) == state(turn)
        assert after.session.marks == turn.session.marks
        assert not after.effects
        assert after.says[-1].key == "lines.stale"


# -- what works always -----------------------------------------------------------------------------------------------


@LAW
@given(WALKS, st.integers(0, 10**6))
def test_help_and_stop_work_in_every_state_and_from_every_old_button(moves, number):
    *_, turn = walk(moves)
    wanted = {"sos": ("safety", "sos"), "help": ("help", "help"), "stop": ("welcome", "stopped")}
    for name in ANY_TIME:
        for event in (
            Tapped(id=new_id(), turn=number, key=f":{name}"),
            Called(id=new_id(), command=name),
            Chose(id=new_id(), keys=(f":{name}",)),
        ):
            assert screen(then(turn, event)) == wanted[name]


@pytest.mark.parametrize("name", ANY_TIME)
def test_help_and_stop_work_for_people_of_whom_nothing_is_kept(name):
    facts = kernel.opened().facts
    for event in (Tapped(id="1", turn=99, key=f":{name}"), Called(id="1", command=name)):
        turn = advance(book(), None, event, facts)
        assert screen(turn)[0] == {"sos": "safety", "help": "help", "stop": "welcome"}[name]


@LAW
@given(WALKS)
@example([kernel.Move(kind="alarm", n=11, text="", later=20)])
def test_after_help_people_find_back_to_where_they_were(moves):
    *_, turn = walk(moves)
    if "safety" in turn.session.open:
        return
    there = then(turn, Called(id=new_id(), command="sos"))
    back = kernel.tapped(there, "on")
    assert screen(back) == screen(turn)
    assert back.session.frames[screen(turn)[0]] == turn.session.frames[screen(turn)[0]]


# -- size ------------------------------------------------------------------------------------------------------------


@LAW
@given(WALKS, CONSENTS)
def test_the_pile_holds_each_dialog_once(moves, consents):
    for turn in walk(moves, consents):
        session = turn.session
        assert len(session.open) == len(set(session.open)) <= len(book().dialogs)
        assert set(session.open) <= session.frames.keys() <= book().dialogs.keys()
        assert len(session.recent) <= RECENT
        assert all(session.marks.values())


ROUNDS = {
    "show me another": (("adult", "lonely"), ("another",)),
    "see the result again": (("adult", "quick", "new", "week", "someone", "gotit", "never"), ("again",)),
    "put the result right": (
        ("adult", "quick", "new", "week", "someone", "gotit", "never", "adjust"),
        ("add_touch", "drop_touch"),
    ),
    "read round and round": (("adult", "look"), ("touch", "steps", "blanket", "others", "hands", "menu")),
}


@pytest.mark.parametrize("name", ROUNDS)
def test_going_round_in_circles_does_not_make_a_session_grow_for_ever(name):
    first, again = ROUNDS[name]
    turn, sizes = kernel.tapped(kernel.opened(), *first), []
    for _ in range(300):
        turn = kernel.tapped(turn, *again)
        sizes.append(len(encode(turn.session)))
    assert sizes[-1] < sizes[99] + 200, f"{sizes[0]} bytes after one round, {sizes[99]} after 100, {sizes[-1]} after 300"
