"""What goes into bytes comes back, half letters too; and the bytes are the JSON that any program reads."""

from __future__ import annotations

import json
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.conversation.session import Frame, Session
from bot.memory import Memory
from bot.packing import dumps, encode, loads

texts = st.text(st.characters() | st.characters(categories=["Cs"]))  # with lone surrogates
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


@given(values)
def test_what_is_packed_comes_back(value):
    assert loads(dumps(value)) == value


@given(values)
def test_any_other_program_reads_it(value):
    assert json.loads(dumps(value).decode("utf-8", "surrogatepass")) == value


@given(values)
def test_what_was_written_with_spaces_is_read(value):
    assert loads(json.dumps(value).encode()) == value


@pytest.mark.parametrize("data", [b"", b"{", b"\xff\xfe", b"[1,]", b'"\xed\xa0', b"nothing"])
def test_what_is_no_json_is_a_value_error(data):
    with pytest.raises(ValueError, match=r".*"):
        loads(data)


def test_what_is_kept_in_memory_takes_no_more_room_than_it_needs():
    memory, people = Memory(hours=1, most=1_000), 500
    frame = Frame("why", "miss", tuple((f"question{n}", "awhile") for n in range(8)))
    session = Session(frames={"why": frame}, open=("why",))
    tracemalloc.start()
    try:
        for n in range(people):
            memory.put(n.to_bytes(16), encode(session), 0)
        grown, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert grown / people < len(encode(session)) + 400
