"""Machine keys: random, shown once, stored as a hash."""

import hashlib
import secrets

from regrow.web.platform import clock

from .models import MachineKey


def make_key(name: str, key: str | None = None) -> str:
    """Create a key for a machine; an older one of the same name ends. Returns the key, which is not stored."""
    made = key or secrets.token_urlsafe(24)
    MachineKey.objects.filter(name=name).delete()
    MachineKey.objects.create(name=name, key_hash=_hash(made), created_at=clock.now())
    return made


def machine_of(header: str) -> str | None:
    """Return the machine of an `Authorization: Bearer` header; None without a valid key."""
    kind, _, key = header.partition(" ")
    if kind.lower() != "bearer" or not key.strip():
        return None
    found = MachineKey.objects.filter(key_hash=_hash(key.strip()), revoked_at=None).first()
    return found.name if found else None


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
