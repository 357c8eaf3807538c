"""The kinds of content files, one module each: value types, `read`, `check`, `summarize` and the `KIND` they make.

A module in this folder and a JSON Schema of the same name add a kind; nothing else names it.
"""

import pkgutil
from collections.abc import Mapping
from importlib import import_module
from typing import Any

from regrow.knowledge.kind import Kind


def _found() -> Mapping[str, Kind[Any]]:
    modules = (import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__))
    kinds: list[Kind[Any]] = [module.KIND for module in modules]
    return {kind.id: kind for kind in sorted(kinds, key=lambda kind: kind.id)}


KINDS = _found()
