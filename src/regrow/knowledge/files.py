"""Reads one YAML file strictly: YAML 1.2, duplicate keys refused, each problem with its line."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from .errors import BadKnowledge

SCHEMAS = Path(__file__).parent / "schemas"
SHARED = "common"


class _Yaml12(yaml.CSafeLoader):
    """YAML 1.2's core schema: `no` is a word, a date is text, and only true and false are truth values."""

    yaml_implicit_resolvers: dict[str, Any] = {}


for _tag, _pattern, _first in (
    ("bool", r"true|false", "tf"),
    ("null", r"~|null|", ["~", "n", ""]),
    ("int", r"[-+]?[0-9]+", "-+0123456789"),
    ("float", r"[-+]?[0-9]+\.[0-9]*(?:[eE][-+]?[0-9]+)?|[-+]?[0-9]+[eE][-+]?[0-9]+", "-+0123456789"),
):
    _Yaml12.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), list(_first))
_SCALARS: Mapping[str, Callable[[str], Any]] = {
    "bool": lambda text: text == "true",
    "null": lambda _: None,
    "int": int,
    "float": float,
}


@cache
def schema(name: str) -> Mapping[str, Any]:
    """The JSON Schema called `name` (see `schema_names`), complete in itself."""
    path = SCHEMAS / f"{name}.json"
    if name not in schema_names():
        raise BadKnowledge(f"there is no schema {name!r}; there are: {', '.join(schema_names())}")
    loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    shared = json.loads((SCHEMAS / f"{SHARED}.json").read_text(encoding="utf-8"))
    used = {key: value for key, value in shared.items() if f"#/$defs/{key}" in json.dumps([loaded, shared])}
    return loaded | {"$defs": used | loaded.get("$defs", {})} if used else loaded


@cache
def schema_names() -> Sequence[str]:
    return sorted(path.stem for path in SCHEMAS.glob("*.json") if path.stem != SHARED)


@cache
def _validator(schema_name: str) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(schema(schema_name))


def read(path: Path, schema_name: str) -> dict[str, Any]:
    """The contents of a file, valid by its schema. Raises `BadKnowledge` with file, line and fix."""
    try:
        contents = _build(_compose(path), path, set())
    except RecursionError as error:
        raise BadKnowledge(f"{path.name}:1: nested too deeply to be read. Write it flatter.") from error
    problem = jsonschema.exceptions.best_match(_validator(schema_name).iter_errors(contents))
    if problem is not None:
        where = ".".join(str(part) for part in problem.absolute_path) or "the file"
        line = line_of(path, list(problem.absolute_path))
        raise BadKnowledge(f"{path.name}:{line}: {where}: {_sentence(problem)}")
    return dict(contents)


def line_of(path: Path, keys: Sequence[str | int]) -> int:
    """Line number of the entry reached by `keys` (1-based)."""
    node = _compose(path)
    line = 1
    for key in keys:
        if isinstance(node, yaml.MappingNode):
            pairs = [(k, v) for k, v in node.value if k.value == str(key)]
            if not pairs:
                break
            line, node = pairs[0][0].start_mark.line + 1, pairs[0][1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(key, int) and key < len(node.value):
            node = node.value[key]
            line = node.start_mark.line + 1
        else:
            break
    return line


def _compose(path: Path) -> Any:
    try:
        return yaml.compose(path.read_text(encoding="utf-8"), Loader=_Yaml12)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise BadKnowledge(f"{path.name}:{line}: {error.problem}. Mend this line.") from error
    except yaml.reader.ReaderError as error:
        raise BadKnowledge(f"{path.name}:1: a character that YAML does not allow. Remove it.") from error
    except UnicodeDecodeError as error:
        raise BadKnowledge(f"{path.name}:1: not UTF-8 text. Save it as UTF-8.") from error
    except OSError as error:
        raise BadKnowledge(f"{path.name}:1: cannot be read: {error.strerror}.") from error


def _build(node: Any, path: Path, seen: set[int]) -> Any:
    if node is None:
        raise BadKnowledge(f"{path.name}:1: the file is empty. Write at least id, version and effective.")
    line = node.start_mark.line + 1
    if id(node) in seen:
        raise BadKnowledge(f"{path.name}:{line}: an alias (*) repeats this. Write it out where it is meant.")
    seen.add(id(node))
    if isinstance(node, yaml.MappingNode):
        made: dict[str, Any] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise BadKnowledge(f"{path.name}:{key.start_mark.line + 1}: a key must be one word.")
            if key.value in made:
                raise BadKnowledge(
                    f"{path.name}:{key.start_mark.line + 1}: the duplicate key {key.value!r}. Keep one of the two."
                )
            made[key.value] = _build(value, path, seen)
        return made
    if isinstance(node, yaml.SequenceNode):
        return [_build(item, path, seen) for item in node.value]
    try:
        return _SCALARS.get(node.tag.rpartition(":")[2], str)(node.value)
    except ValueError as error:  # a number of thousands of digits
        raise BadKnowledge(f"{path.name}:{line}: this number is too long to be meant. Mend it.") from error


def _sentence(problem: Any) -> str:
    """What is wrong in one sentence, with what the schema says the entry means."""
    meaning = problem.schema.get("description") if isinstance(problem.schema, dict) else None
    text = str(problem.message)
    return f"{text} ({meaning})" if meaning else text
