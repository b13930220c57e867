"""Where the key comes from, what it may look like, and what is said when it is not right."""

from __future__ import annotations

import base64
import stat
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ports import StoreError
from storage.files import POSIX, write_new
from storage.keys import KeySource, decode, encode
from tests.stores.conftest import only

if TYPE_CHECKING:
    from pathlib import Path

    from tests.stores.conftest import World

ONE, TWO = bytes(range(32)), bytes(range(200, 232))
MODES = pytest.mark.skipif(not POSIX, reason="file modes say nothing here")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def key_file(folder: Path, text: str, bits: int = 0o600) -> KeySource:
    path = folder / "closer.key"
    path.write_text(text, encoding="utf-8")
    path.chmod(bits)
    return KeySource(file=path)


@given(st.binary(min_size=32, max_size=32))
def test_every_way_of_writing_a_key_reads_the_same(key: bytes) -> None:
    plain = base64.b64encode(key).decode()
    for text in (encode(key), encode(key).rstrip("="), plain, plain.rstrip("="), key.hex(), key.hex().upper()):
        assert decode(text) == key
        assert KeySource(value=f" {text}\n").read() == (key,)


@given(st.text(max_size=70).filter(lambda text: decode(text) is None))
def test_anything_else_is_refused_without_being_repeated(text: str) -> None:
    if not text.strip(" ,\n\t"):
        return
    source = KeySource(value=text)
    with pytest.raises(StoreError, match="32 random bytes") as caught:
        source.read()
    assert len(text) < 12 or text not in str(caught.value)


@pytest.mark.parametrize("length", [0, 16, 31, 33, 48, 64])
def test_a_key_of_another_length_is_refused(length: int) -> None:
    assert decode(encode(b"k" * length)) is None


def test_several_keys_the_current_one_first(tmp_path: Path) -> None:
    assert KeySource(value=f"{encode(ONE)}, {TWO.hex()} {encode(ONE)}").read() == (ONE, TWO)
    source = key_file(tmp_path, f"# a remark\n\n{encode(ONE)}\n  {TWO.hex()}  \n")
    assert source.read() == (ONE, TWO)


def test_the_value_outranks_the_file_and_is_never_shown(tmp_path: Path) -> None:
    file = key_file(tmp_path, encode(TWO)).file
    source = KeySource(value=encode(ONE), file=file)
    assert source.read() == (ONE,)
    assert encode(ONE) not in repr(source) + str(source)


def test_a_bad_line_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"closer\.key\), line 3 holds no valid key"):
        key_file(tmp_path, f"# remark\n{encode(ONE)}\nnonsense\n").read()


@pytest.mark.parametrize("text", ["", "\n\n", "# only a remark\n"])
def test_an_empty_key_file_is_not_replaced(tmp_path: Path, text: str) -> None:
    with pytest.raises(StoreError, match="is empty: put the key back"):
        key_file(tmp_path, text).read()


def test_a_key_file_that_is_no_text_or_no_file(tmp_path: Path) -> None:
    (tmp_path / "closer.key").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "closer.key").chmod(0o600)
    (tmp_path / "folder").mkdir(mode=0o700)
    for name, told in (("closer.key", "cannot be read"), ("folder", "is a folder, not a file")):
        with pytest.raises(StoreError, match=told):
            KeySource(file=tmp_path / name).read()


@MODES
@pytest.mark.parametrize("bits", [0o640, 0o604, 0o620, 0o644, 0o660])
def test_a_key_file_open_to_others_is_refused_with_the_remedy(tmp_path: Path, bits: int) -> None:
    source = key_file(tmp_path, encode(ONE), bits)
    with pytest.raises(StoreError, match=f"chmod 600 {source.file}"):
        source.read()


async def test_a_new_database_makes_its_key(world: World) -> None:
    store = await world.open()
    (key,) = world.keys.read()
    assert len(key) == 32
    assert world.key_file.read_text("ascii").startswith("# Closer's key")
    assert [file.name for file in world.key_file.parent.iterdir()] == ["closer.key"]
    await world.agree(store, "ana")
    await store.close()
    await world.open()
    assert world.keys.read() == (key,)


@MODES
@only("sqlite")
async def test_files_and_folders_are_their_owners_alone(world: World) -> None:
    store = await world.open()
    await world.agree(store, "ana")
    assert {file.name for file in world.files()} == {"closer.db", "closer.db-wal", "closer.db-shm"}
    assert {mode(file) for file in (*world.files(), world.key_file)} == {0o600}
    assert {mode(world.folder), mode(world.key_file.parent)} == {0o700}


@MODES
@only("sqlite")
async def test_a_loose_database_is_closed_to_others(world: World) -> None:
    await world.agree(await world.open(), "ana")
    world.path.chmod(0o666)
    await world.close()
    await world.open()
    assert {mode(file) for file in world.files()} == {0o600}


def test_of_two_who_make_the_key_one_wins_and_both_have_it(tmp_path: Path) -> None:
    source = KeySource(file=tmp_path / "closer.key")
    first = source.create()
    assert source.create() == first == source.read()
    assert write_new(tmp_path / "closer.key", "other") is False
    assert source.read() == first
    assert [file.name for file in tmp_path.iterdir()] == ["closer.key"]


def test_a_key_that_cannot_be_made_says_where(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for file in (tmp_path / "file" / "closer.key", tmp_path / ("n" * 300)):
        with pytest.raises(StoreError, match="CLOSER_KEY_FILE"):
            KeySource(file=file).create()


async def test_without_any_setting_there_is_no_key(world: World) -> None:
    with pytest.raises(StoreError, match="set CLOSER_KEY or CLOSER_KEY_FILE"):
        await world.open(KeySource())


async def test_a_lost_key_is_never_replaced_while_people_are_stored(world: World) -> None:
    store = await world.open()
    person = await world.agree(store, "ana")
    await store.close()
    lost = world.key_file.rename(world.key_file.with_name("elsewhere"))
    with pytest.raises(StoreError, match=r"closer\.key is missing.*backup"):
        await world.open()
    with pytest.raises(StoreError, match="neither CLOSER_KEY nor CLOSER_KEY_FILE is set"):
        await world.open(KeySource())
    assert not world.key_file.exists()
    lost.rename(world.key_file)
    assert await (await world.open()).load(person) is not None


async def test_a_wrong_key_is_refused_and_named(world: World) -> None:
    store = await world.open(KeySource(value=encode(ONE)))
    person = await world.agree(store, "ana")
    await store.close()
    with pytest.raises(StoreError, match=r"The key in CLOSER_KEY is not the one"):
        await world.open(KeySource(value=encode(TWO)))
    world.folder.mkdir(exist_ok=True)
    other = key_file(world.folder, encode(TWO))
    with pytest.raises(StoreError, match=r"The key in CLOSER_KEY_FILE \(.*\) is not the one"):
        await world.open(other)
    assert await (await world.open(KeySource(value=encode(ONE)))).load(person) is not None


async def test_an_empty_database_takes_another_key(world: World) -> None:
    store = await world.open()
    await store.erase(await world.agree(store, "ana"))
    await store.close()
    world.key_file.unlink()
    store = await world.open()
    person = await world.agree(store, "ana", b"new key")
    await store.close()
    record = await (await world.open()).load(person)
    assert record is not None
    assert record.session == b"new key"
