"""The vault's laws: what goes in comes out, and nothing else ever does."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given
from hypothesis import strategies as st

from bot.ports import Address
from storage import vault as vaults
from storage.vault import BLOCK, HEAD_BYTES, Vault, VaultError, pack_address, place, unpack_address

ONE, TWO = b"1" * 32, b"2" * 32
PEOPLE = st.binary(min_size=16, max_size=16)
NAMES = st.sampled_from(["people", "sessions", "entries"])
COLUMNS = st.sampled_from(["address", "session", "content"])
PLACES = st.tuples(NAMES, COLUMNS, PEOPLE)


@given(st.binary(max_size=300), PLACES)
def test_what_is_sealed_opens(plain: bytes, where: tuple[str, str, bytes]) -> None:
    vault = Vault([ONE])
    sealed = vault.seal(place(*where), plain)
    assert vault.open(place(*where), sealed) == plain
    assert vault.seal(place(*where), plain) != sealed


@given(st.binary(max_size=100), st.data())
def test_any_changed_byte_is_noticed(plain: bytes, data: st.DataObject) -> None:
    vault = Vault([ONE])
    sealed = bytearray(vault.seal(b"here", plain))
    index = data.draw(st.integers(0, len(sealed) - 1))
    sealed[index] ^= data.draw(st.integers(1, 255))
    with pytest.raises(VaultError):
        vault.open(b"here", bytes(sealed))


@given(PLACES, PLACES)
def test_a_moved_value_does_not_open(sealed_at: tuple[str, str, bytes], opened_at: tuple[str, str, bytes]) -> None:
    vault = Vault([ONE])
    sealed = vault.seal(place(*sealed_at), b"plain")
    if sealed_at == opened_at:
        assert vault.open(place(*opened_at), sealed) == b"plain"
    else:
        with pytest.raises(VaultError):
            vault.open(place(*opened_at), sealed)


@given(st.binary(max_size=HEAD_BYTES + 16))
def test_short_and_foreign_bytes_are_refused(junk: bytes) -> None:
    vault = Vault([ONE])
    for sealed in (junk, vault.seal(b"", b"")[: len(junk)]):
        with pytest.raises(VaultError):
            vault.open(b"", sealed)


@given(st.integers(0, 3 * BLOCK))
def test_lengths_are_hidden_in_blocks(length: int) -> None:
    sealed = Vault([ONE]).seal(b"here", b"\x80" + b"\0" * length)
    assert (len(sealed) - HEAD_BYTES - 16) % BLOCK == 0


@given(st.text(max_size=20).filter(lambda text: "\0" not in text), st.text(max_size=20))
def test_addresses_pack(platform: str, user: str) -> None:
    address = Address(platform=platform, user=user)
    assert unpack_address(pack_address(address)) == address


def test_the_first_key_seals_and_every_key_opens() -> None:
    old, both, new = Vault([ONE]), Vault([TWO, ONE]), Vault([TWO])
    assert both.open(b"x", old.seal(b"x", b"before")) == b"before"
    assert new.open(b"x", both.seal(b"x", b"after")) == b"after"
    with pytest.raises(VaultError, match="another key"):
        old.open(b"x", both.seal(b"x", b"after"))


def test_hashes_depend_on_the_key_and_on_each_part() -> None:
    addresses = [Address(platform=p, user=u) for p, u in (("a", "bc"), ("ab", "c"), ("a", "b"), ("b", "a"))]
    hashes = {Vault([key]).person(address) for key in (ONE, TWO) for address in addresses}
    assert len(hashes) == 8


def test_no_subkey_is_another_or_the_master_key() -> None:
    vault = Vault([ONE])
    assert len({vault.checks[0], vault.seal(b"", b"")[:4], ONE}) == 3
    assert vault.checks != Vault([TWO]).checks


def test_a_secret_is_the_keys_own_and_the_purposes_own() -> None:
    secrets = {Vault(keys).secret(purpose) for keys in ([ONE], [TWO]) for purpose in ("buttons", "webhook", "", "ö")}
    assert len(secrets) == 8
    assert {len(each) for each in secrets} == {32}
    assert Vault([ONE, TWO]).secret("buttons") == Vault([ONE]).secret("buttons")


@given(st.binary(min_size=32, max_size=32), st.text(max_size=20).map(lambda text: f"for {text}"))
def test_a_secret_is_hkdf_of_the_master_key(key: bytes, purpose: str) -> None:
    info = f"closer 1 {purpose}".encode()
    assert Vault([key]).secret(purpose) == HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(key)


def test_no_secret_is_one_of_the_vaults_own_subkeys(monkeypatch: pytest.MonkeyPatch) -> None:
    derive, purposes = vaults._derive, set[str]()

    def noted(master: bytes, purpose: bytes, length: int) -> bytes:
        purposes.add(purpose.decode().removeprefix("closer 1 "))
        return derive(master, purpose, length)

    monkeypatch.setattr(vaults, "_derive", noted)
    vault = Vault([ONE])
    assert purposes
    for purpose in purposes:
        with pytest.raises(ValueError, match="by another name"):
            vault.secret(purpose)


def test_no_repr_shows_a_key() -> None:
    vault, ring = Vault([ONE]), vaults.Subkeys.of(ONE)
    for shown in (repr(vault), repr(ring), *(repr(getattr(vault, name)) for name in ("person", "secret"))):
        assert not any(part in shown for part in (ONE.decode(), ONE.hex(), repr(ring.root)[2:-1], ring.root.hex()))
    # The master key itself is not kept at all.
    assert not any(getattr(vault, name) == ONE for name in Vault.__slots__)


@pytest.mark.parametrize("keys", [[], [b"short"], [ONE, b""], [b"1" * 33]])
def test_bad_keys_are_refused_with_the_remedy(keys: list[bytes]) -> None:
    with pytest.raises(VaultError, match="32 random bytes"):
        Vault(keys)


def test_errors_hold_no_content() -> None:
    vault = Vault([ONE])
    sealed = vault.seal(b"here", b"my secret")
    with pytest.raises(VaultError) as caught:
        vault.open(b"elsewhere", sealed)
    assert "secret" not in str(caught.value)
    assert "backup" in str(caught.value)
