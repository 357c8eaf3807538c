"""Verify chains of entries in the background, and keep the last result for the pages that show it."""

from collections.abc import Callable, Sequence

from regrow.web.platform import clock
from regrow.web.platform.database import writing

from .log import verify
from .models import ChainVerification

VERIFY_EVERY_S = 600
WHOLE_EVERY_S = 24 * 3600

Check = Callable[[], Sequence[str]]
_chains: dict[str, Check] = {}


def register_chain(name: str, check: Check) -> None:
    """Register a chain to verify; `check` returns its problems, one sentence each."""
    _chains[name] = check


def last_verification(chain: str) -> ChainVerification | None:
    """Return the last result; None before the first."""
    return ChainVerification.objects.filter(chain=chain).first()


def verify_chains() -> None:
    """Verify the registered chains, and the audit log from its last checkpoint on."""
    _store_result("audit", verify(whole=False))
    for name, check in _chains.items():
        _store_result(name, check())


def verify_whole_audit_log() -> None:
    """Verify the audit log from its first row: a row changed before the last checkpoint shows."""
    _store_result("audit", verify())


def _store_result(chain: str, problems: Sequence[str]) -> None:
    with writing():
        ChainVerification.objects.update_or_create(
            chain=chain, defaults={"verified_at": clock.now(), "problems": list(problems)}
        )
