"""Keyed hashes and authenticated encryption. Pure but for random nonces: knows no table, no file and no clock.

AES-256-GCM, because it is the quicker one here (500 bytes: 1.8 us, ChaCha20-Poly1305 2.2 us). The subkeys are derived
by HKDF-SHA256 (RFC 5869), so that neither the hashes nor a ciphertext say anything about the master key.
A sealed value is: key id (4 bytes), nonce (12), ciphertext and tag. What it stands for (table, column, row) is
associated data: a ciphertext that was moved to another place does not open there.
Random nonces of 96 bits ask for a new key after 2**32 values (NIST SP 800-38D, 8.3): 4 billion turns.
"""

from __future__ import annotations

import hmac
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand

from bot.ports import Address, StoreError
from storage.keys import FORM, KEY_BYTES

PERSON_BYTES = 16
ID_BYTES = 4
NONCE_BYTES = 12
SECRET_BYTES = 32
HEAD_BYTES = ID_BYTES + NONCE_BYTES
# What secrets for others may not be asked for: the vault's own subkeys.
OWN = frozenset({"key id", "check", "hashing", "encryption"})
# Lengths tell tales (a platform's ids, how far somebody has come): plaintexts are filled up to whole blocks.
BLOCK = 64
FILL = tuple(b"\x80" + b"\0" * (BLOCK - 1 - used) for used in range(BLOCK))


class VaultError(StoreError):
    """A value does not open: another key, a changed byte, or a value moved from where it was sealed."""


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Subkeys:
    """What one master key gives. `check` recognises the key without revealing it; `root` gives what comes to be needed."""

    id: bytes
    check: bytes
    hashing: bytes
    root: bytes
    aead: AESGCM = field(compare=False)

    @classmethod
    def of(cls, master: bytes) -> Subkeys:
        """Derive all subkeys. Raises VaultError unless the key has 32 bytes."""
        if len(master) != KEY_BYTES:
            raise VaultError(f"This is no key: {FORM}.")
        return cls(
            id=_derive(master, b"closer 1 key id", ID_BYTES),
            check=_derive(master, b"closer 1 check", PERSON_BYTES),
            hashing=_derive(master, b"closer 1 hashing", KEY_BYTES),
            # The first half of HKDF, without salt: RFC 5869, 2.2.
            root=hmac.digest(bytes(SECRET_BYTES), master, "sha256"),
            aead=AESGCM(_derive(master, b"closer 1 encryption", KEY_BYTES)),
        )


class Vault:
    """Seals with the first key, opens with any of them."""

    __slots__ = ("_aeads", "_encrypt", "_id", "_mac", "_root", "checks")

    def __init__(self, keys: Sequence[bytes]) -> None:
        if not keys:
            raise VaultError(f"There is no key: set CLOSER_KEY or CLOSER_KEY_FILE ({FORM}).")
        rings = [Subkeys.of(key) for key in keys]
        first = rings[0]
        self.checks = tuple(ring.check for ring in rings)
        self._id = first.id
        self._root = first.root
        # Bound once: a turn pays neither for the lookups nor for the key schedules.
        self._encrypt = first.aead.encrypt
        self._mac = HMAC(first.hashing, SHA256())
        self._aeads = {ring.id: ring.aead for ring in rings}

    def person(self, address: Address) -> bytes:
        """The keyed hash (16 bytes of HMAC-SHA256) that stands for an address."""
        # Lone surrogates: a name typed at a terminal need not be UTF-8.
        text = f"{address.platform}\0{address.user}".encode("utf-8", "surrogatepass")
        mac = self._mac.copy()
        mac.update(text)
        return mac.finalize()[:PERSON_BYTES]

    def secret(self, purpose: str) -> bytes:
        """32 bytes for this purpose, by HKDF from the first key. Raises ValueError for the purposes of the vault itself."""
        if purpose in OWN:
            raise ValueError(f"'{purpose}' is the vault's own: ask for a secret by another name")
        return HKDFExpand(algorithm=SHA256(), length=SECRET_BYTES, info=f"closer 1 {purpose}".encode()).derive(self._root)

    def seal(self, place: bytes, plain: bytes) -> bytes:
        """Encrypt `plain` for this place and no other."""
        nonce = os.urandom(NONCE_BYTES)
        return self._id + nonce + self._encrypt(nonce, plain + FILL[len(plain) % BLOCK], place)

    def open(self, place: bytes, sealed: bytes) -> bytes:
        """Decrypt what was sealed for this place. Raises VaultError, which says nothing about the content."""
        aead = self._aeads.get(sealed[:ID_BYTES])
        if aead is None:
            raise VaultError(
                "A stored value was sealed with another key: put that key back as a later line of CLOSER_KEY_FILE."
            )
        try:
            filled = aead.decrypt(sealed[ID_BYTES:HEAD_BYTES], sealed[HEAD_BYTES:], place)
        except (InvalidTag, ValueError) as error:
            raise VaultError(
                "A stored value was changed or moved since it was written: restore the database from a backup."
            ) from error
        return filled.rstrip(b"\0")[:-1]


def place(table: str, column: str, *row: bytes) -> bytes:
    """The associated data that binds a value to where it stands. Row parts have fixed lengths, so no two places meet."""
    return b"\0".join((table.encode(), column.encode(), b"".join(row)))


def pack_address(address: Address) -> bytes:
    """An address as the bytes to seal."""
    return json.dumps([address.platform, address.user]).encode("ascii")


def unpack_address(plain: bytes) -> Address:
    """The address that was packed."""
    platform, user = json.loads(plain)
    return Address(platform=platform, user=user)


def _derive(master: bytes, purpose: bytes, length: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=None, info=purpose).derive(master)
