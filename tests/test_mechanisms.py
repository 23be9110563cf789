"""What is built once stays built once: read from the syntax trees, the stand-alone checkers apart."""

import ast
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "kgon"


@cache
def functions() -> tuple[tuple[str, ast.FunctionDef], ...]:
    """Every function of the package with its dotted name, those of classes with the name of the class."""
    return tuple(_functions())


def _functions() -> Iterator[tuple[str, ast.FunctionDef]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        module = path.relative_to(PACKAGE).with_suffix("").as_posix().replace("/", ".")
        if not module.startswith("proofs.check"):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            owners = {id(child): node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef)
                      for child in node.body}  # fmt: skip
            for node in ast.walk(tree):
                if isinstance(node, ast.FunctionDef):
                    yield ".".join(filter(None, [module, owners.get(id(node)), node.name])), node


def those(condition: Callable[[ast.AST], bool]) -> set[str]:
    """Names of the functions with a node, docstrings apart, of which the condition holds."""
    return {name for name, node in functions() if any(map(condition, _code(node)))}


def _code(function: ast.FunctionDef) -> Iterator[ast.AST]:
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return (node for statement in body for node in ast.walk(statement))


def calls(name: str) -> Callable[[ast.AST], bool]:
    return lambda node: (
        isinstance(node, ast.Call)
        and name == getattr(node.func, "attr", getattr(node.func, "id", None))
    )  # fmt: skip


def test_every_function_is_seen():
    names = {name for name, _ in functions()}
    assert {"numerics.krawczyk.Krawczyk.proved", "potential.regions.regions", "cli.main"} & names
    assert len(names) > 1000


def test_one_class_does_krawczyk():
    """An image in the interior of its box proves a zero; only one function asks for that."""
    assert those(calls("contains_interior")) == {"numerics.krawczyk.Krawczyk.proved"}
    assert those(calls("proved")) == {"numerics.krawczyk.prove_zero", "branches.tubes.tube"}


def test_one_function_inverts_for_balls():
    balls = those(lambda node: isinstance(node, ast.Name) and node.id == "arb_mat")
    assert balls & those(calls("inv")) == {"numerics.krawczyk.inverse_of"}


def test_one_function_finds_the_region_of_a_pair_in_balls():
    """Kernels have another for floats, as compiled code, and PyTorch one for tensors; there is no more."""
    deciding = those(lambda node: isinstance(node, ast.Constant) and node.value == "falling")
    assert deciding == {"potential.regions.regions", "potential.torch._integrals"}
    signs = those(lambda node: isinstance(node, ast.Name) and node.id == "NAMES")
    assert signs & those(calls("product")) == {"potential.regions.regions"}


def test_one_function_takes_the_formulas_of_a_region():
    """Derivatives of the loss in balls and exact numbers come from one pass over the pairs."""
    assert those(lambda node: isinstance(node, ast.Name) and node.id == "FORMULAS") == {
        "potential.regions.jet_in"
    }
    assert those(calls("jet_over")) == {
        "potential.any_number._jet", "potential.enclosure.Enclosure.at", "potential.regions.pair_jet"
    }  # fmt: skip


def test_one_gradient_of_a_sample_and_one_call_for_a_loss():
    assert those(calls("add_gradient")) == {
        "potential.kernels.langevin.batch_gradient", "potential.kernels.sgd.train"
    }  # fmt: skip
    assert those(calls("losses_gradients")) == {"potential.loss.Loss._write"}
