"""A test must be able to fail: asserts that never run when a list is empty, or that read a status alone, prove little."""

import ast
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
# Functions that assert by themselves.
ASSERTING = ("expect", "assert", "_assert", "check", "_check", "headline", "_headline")
# Functions and methods that give at least one item for each item they are given.
KEEPING = ("range", "sorted", "reversed", "enumerate", "zip", "list", "tuple", "set", "product")
PARTS = ("items", "keys", "values", "split", "splitlines")


def all_test_functions() -> Iterator[tuple[str, ast.FunctionDef, set[str]]]:
    """(file, function, names of literals at the top of the file)."""
    for path in sorted(TESTS.rglob("test_*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test"):
                yield str(path.relative_to(TESTS)), node, literals(tree.body)


def literals(body: Sequence[ast.stmt]) -> set[str]:
    """Names that are bound to a list, tuple, set or dictionary written out."""
    assigned = [node for node in body if isinstance(node, ast.Assign) and is_literal(node.value, set())]
    return {target.id for node in assigned for target in node.targets if isinstance(target, ast.Name)}


def is_literal(node: ast.expr, names: set[str]) -> bool:
    """Whether a loop over `node` surely runs: what it goes over is written out in the test file."""
    match node:
        case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items):
            return any(not isinstance(item, ast.Starred) or is_literal(item.value, names) for item in items)
        case ast.Dict(keys=keys):
            return any(keys)
        case ast.Constant(value=value):
            return bool(value)
        case ast.Name(id=name):
            return name in names
        case ast.Call(func=ast.Name(id=called), args=arguments) if called in KEEPING:
            return bool(arguments) and all(is_literal(argument, names) for argument in arguments)
        case ast.Call(func=ast.Attribute(value=of, attr=called)) if called in PARTS:
            return is_literal(of, names)
    return False


def holds_without_items(claim: ast.expr, names: set[str], *, denied: bool = False) -> bool:
    """Whether `claim` is true of a computed list that is empty: `all(…)`, `not any(…)`, `[… if …] == []`."""
    match claim:
        case ast.BoolOp(op=ast.And(), values=claims) if not denied:
            return all(holds_without_items(each, names) for each in claims)
        case ast.UnaryOp(op=ast.Not(), operand=inner):
            return holds_without_items(inner, names, denied=not denied)
        case ast.Call(func=ast.Name(id="all"), args=[ast.GeneratorExp() | ast.ListComp() as each]):
            return not denied and goes_over_computed(each, names)
        case ast.Call(func=ast.Name(id="any"), args=[ast.GeneratorExp() | ast.ListComp() as each]):
            return denied and goes_over_computed(each, names)
        case ast.ListComp() | ast.SetComp() | ast.DictComp():
            return denied and goes_over_computed(claim, names)
        case ast.Compare(left=left, ops=[ast.Eq()], comparators=[right]) if not denied:
            return (is_empty(left) and holds_without_items(right, names, denied=True)) or (
                is_empty(right) and holds_without_items(left, names, denied=True)
            )
    return False


class Inlined(ast.NodeTransformer):
    """Put the comprehension a name is bound to into the asserts of a function that read the name."""

    def __init__(self, function: ast.FunctionDef) -> None:
        bound = [node for node in ast.walk(function) if isinstance(node, ast.Assign)]
        targets = [ast.unparse(target) for node in bound for target in node.targets]
        self.made = {
            ast.unparse(node.targets[0]): node.value
            for node in bound
            if isinstance(node.value, ast.ListComp | ast.SetComp | ast.DictComp)
            and targets.count(ast.unparse(node.targets[0])) == 1
        }

    def visit_Assert(self, node: ast.Assert) -> ast.Assert:
        match node.test:
            case ast.UnaryOp(op=ast.Not(), operand=ast.Name(id=name)) if name in self.made:
                claim: ast.expr = ast.UnaryOp(ast.Not(), self.made[name])
            case ast.Compare(left=ast.Name(id=name), ops=ops, comparators=others) if name in self.made:
                claim = ast.Compare(self.made[name], ops, others)
            case _:
                return node
        return ast.Assert(claim)


def goes_over_computed(
    each: ast.GeneratorExp | ast.ListComp | ast.SetComp | ast.DictComp, names: set[str]
) -> bool:
    return not all(is_literal(loop.iter, names) for loop in each.generators)


def is_empty(node: ast.expr) -> bool:
    return ast.unparse(node) in ("[]", "()", "{}", "set()")


def surely_asserts(body: Sequence[ast.stmt], names: set[str]) -> bool:
    """Whether some assert of `body` runs even if every computed list is empty."""
    return any(_surely_asserts(statement, names) for statement in body)


def _surely_asserts(node: ast.stmt, names: set[str]) -> bool:
    match node:
        case ast.Assert(test=claim):
            return not holds_without_items(claim, names)
        case ast.For(iter=over, body=body):
            return is_literal(over, names) and surely_asserts(body, names)
        case ast.With(items=items, body=body):
            raises = any("raises" in ast.unparse(item.context_expr) for item in items)
            return raises or surely_asserts(body, names)
        case ast.If(body=body, orelse=other):
            return surely_asserts(body, names) and surely_asserts(other, names)
        case ast.Try(body=body, finalbody=last):
            return surely_asserts(body, names) or surely_asserts(last, names)
        case ast.Expr(value=ast.Call(func=function)):
            called = ast.unparse(function)
            return called.split(".")[-1].startswith(ASSERTING) or called.startswith("expect")
    return False


def asserts(function: ast.FunctionDef) -> list[ast.Assert]:
    return [node for node in ast.walk(function) if isinstance(node, ast.Assert)]


def reads_a_status_alone(function: ast.FunctionDef) -> bool:
    """Whether each assert compares a status code with a number, and nothing else is looked at."""
    calls = (ast.unparse(node.func) for node in ast.walk(function) if isinstance(node, ast.Call))
    if not asserts(function) or any(name.split(".")[-1].startswith((*ASSERTING, "raises")) for name in calls):
        return False
    return all(is_about_a_status(each.test) for each in asserts(function))


def is_about_a_status(claim: ast.expr) -> bool:
    match claim:
        case ast.BoolOp(values=claims):
            return all(is_about_a_status(each) for each in claims)
        case ast.UnaryOp(operand=inner) | ast.Compare(left=inner):
            return is_about_a_status(inner)
        case ast.ListComp(elt=each) | ast.SetComp(elt=each) | ast.GeneratorExp(elt=each):
            return is_about_a_status(each)
        case ast.DictComp(value=each):
            return is_about_a_status(each)
        case ast.Call(func=ast.Name(), args=[each]):
            return is_about_a_status(each)
        case ast.Tuple(elts=items) | ast.List(elts=items) | ast.Set(elts=items):
            return bool(items) and all(is_about_a_status(item) for item in items)
    return isinstance(claim, ast.Attribute) and claim.attr == "status_code"


def test_no_test_passes_on_an_empty_list() -> None:
    found = list(all_test_functions())
    assert len(found) > 700
    assert [
        f"{path}: {function.name}"
        for path, function, names in found
        if asserts(function)
        and not surely_asserts(Inlined(function).visit(function).body, names | literals(function.body))
    ] == []


def test_no_test_reads_a_status_alone() -> None:
    found = list(all_test_functions())
    assert len(found) > 700
    assert [f"{path}: {function.name}" for path, function, _ in found if reads_a_status_alone(function)] == []


@pytest.mark.parametrize(
    "body",
    [
        "for each in computed():\n        assert each",
        "assert all(each for each in computed())",
        "assert all([each for each in computed()])",
        "assert not any(each for each in computed())",
        "assert not [each for each in computed() if each]",
        "assert [each for each in computed() if each] == []",
        "wrong = [each for each in computed() if each]\n    assert wrong == []",
        "assert set() == {each for each in computed() if each}",
        "with open(name) as file:\n        for line in file:\n            assert line",
        "for each in computed('es'):\n        assert each",
        "for each in [*computed()]:\n        assert each",
        "for each in []:\n        assert each",
        "if computed():\n        assert each",
    ],
)
def test_an_assert_over_a_computed_list_is_found(body: str) -> None:
    function = ast.parse(f"def test_x():\n    {body}").body[0]
    assert isinstance(function, ast.FunctionDef)
    assert not surely_asserts(Inlined(function).visit(function).body, set())


@pytest.mark.parametrize(
    "body",
    [
        "found = computed()\n    assert found\n    assert [each for each in found if each] == []",
        "assert [each for each in computed()] == [1, 2]",
        "assert all(each for each in (1, 2))",
        "assert any(each for each in computed())",
    ],
)
def test_an_assert_that_needs_items_is_not_found(body: str) -> None:
    function = ast.parse(f"def test_x():\n    {body}").body[0]
    assert isinstance(function, ast.FunctionDef)
    assert surely_asserts(Inlined(function).visit(function).body, set())


@pytest.mark.parametrize(
    "claim",
    [
        "get().status_code == 200",
        "one.status_code == 403 and two.status_code == 409",
        "{each.status_code for each in answers} == {403}",
        "all(each.status_code == 403 for each in answers)",
        "(one.status_code, two.status_code) == (403, 409)",
        "not one.status_code != 200",
    ],
)
def test_a_status_alone_is_found(claim: str) -> None:
    function = ast.parse(f"def test_x():\n    assert {claim}").body[0]
    assert isinstance(function, ast.FunctionDef)
    assert reads_a_status_alone(function)


@pytest.mark.parametrize(
    "claim",
    [
        "answer.status_code == 200 and 'x' in answer.text",
        "(answer.status_code, name in answer.text) == (404, False)",
        "Message.objects.count() == 0",
    ],
)
def test_a_status_beside_a_text_is_not_found(claim: str) -> None:
    function = ast.parse(f"def test_x():\n    assert {claim}").body[0]
    assert isinstance(function, ast.FunctionDef)
    assert not reads_a_status_alone(function)
