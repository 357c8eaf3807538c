"""Reads one YAML file strictly: YAML 1.2, duplicate keys refused, each problem with its line."""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, cast

import jsonschema
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError

from .errors import BadKnowledge

SCHEMAS = Path(__file__).parent / "schemas"


@cache
def schema(name: str) -> Mapping[str, Any]:
    """The JSON Schema called `name` (see `schema_names`)."""
    path = SCHEMAS / f"{name}.json"
    if not path.is_file():
        raise BadKnowledge(f"there is no schema {name!r}; there are: {', '.join(schema_names())}")
    loaded: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


def schema_names() -> Sequence[str]:
    return sorted(path.stem for path in SCHEMAS.glob("*.json"))


@cache
def _validator(schema_name: str) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(schema(schema_name))


def _plain(value: Any) -> Any:
    """Dates back to their ISO text, so that every file is plain JSON after reading."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value.isoformat() if hasattr(value, "isoformat") else value


def read(path: Path, schema_name: str) -> dict[str, Any]:
    """The contents of a file, valid by its schema. Raises `BadKnowledge` with file, line and fix."""
    try:
        raw = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        problem = " ".join(str(error.problem).split())
        raise BadKnowledge(f"{path.name}:{line}: {problem}. Mend this line.") from error
    except UnicodeDecodeError as error:
        raise BadKnowledge(f"{path.name}:1: not UTF-8 text. Save it as UTF-8.") from error
    contents = _plain(raw)
    problems = sorted(_validator(schema_name).iter_errors(contents), key=lambda e: list(map(str, e.path)))
    if problems:
        first = problems[0]
        where = ".".join(str(part) for part in first.path) or "the file"
        raise BadKnowledge(f"{path.name}:{line_of(path, list(first.path))}: {where}: {first.message}")
    return dict(contents)


def line_of(path: Path, keys: Sequence[str | int]) -> int:
    """The line on which the entry reached by `keys` stands (1-based)."""
    node = YAML(typ="rt").load(path.read_text(encoding="utf-8"))
    line = 1
    for key in keys:
        if isinstance(node, dict) and key in node:
            line = cast(Any, node).lc.key(key)[0] + 1
        elif isinstance(node, list) and isinstance(key, int) and key < len(node):
            line = cast(Any, node).lc.item(key)[0] + 1
        else:
            break
        node = node[key]
    return line
