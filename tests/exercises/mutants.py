"""Wrong answers made from the reference: one operator, comparison, number, axis or call changed."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator

_SWAPS: dict[type, tuple[type, ...]] = {
    ast.Add: (ast.Sub, ast.Mult),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div, ast.Add),
    ast.Div: (ast.Mult, ast.Sub),
    ast.Pow: (ast.Mult,),
    ast.FloorDiv: (ast.Div,),
    ast.Gt: (ast.GtE, ast.Lt, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
}


def mutants(source: str) -> Iterator[tuple[str, str]]:
    """What was changed, and the source with this one change.

    The signature and the docstring of the answer stay as they are.
    """
    tree = ast.parse(source)
    names = [
        argument.arg
        for node in ast.walk(tree)
        if isinstance(node, ast.arguments)
        for argument in node.args
    ]
    bodies = [n for d in tree.body if isinstance(d, ast.FunctionDef) for n in d.body[1:]]
    places = [node for body in bodies for node in ast.walk(body)]
    for place in places:
        for other in _others(place, names):
            changed = _replace(tree, place, other)
            yield f"{ast.unparse(place)} → {ast.unparse(other)}", changed


def _replace(tree: ast.Module, place: ast.AST, other: ast.AST) -> str:
    class Change(ast.NodeTransformer):
        def visit(self, node: ast.AST) -> ast.AST:
            return other if node is place else super().visit(node)

    # a transformer writes into the tree, so each change gets a copy that shares the place
    return ast.unparse(Change().visit(copy.deepcopy(tree, {id(place): place})))


def _others(node: ast.AST, names: list[str]) -> Iterator[ast.expr]:
    """The expressions that may stand in place of this one."""
    match node:
        case ast.BinOp(left, op, right):
            yield from (ast.BinOp(left, swap(), right) for swap in _SWAPS.get(type(op), ()))
            yield left
        case ast.Compare(left, [op], right):
            yield from (ast.Compare(left, [swap()], right) for swap in _SWAPS.get(type(op), ()))
        case ast.UnaryOp(_, operand):
            yield operand
        case ast.Constant(value) if isinstance(value, int | float):
            yield from (ast.Constant(new) for new in (value + 1, 0, -value) if new != value)
        case ast.Call(ast.Attribute(owner, _), arguments, keywords):
            yield arguments[0] if arguments else owner
            if keywords:
                yield ast.Call(node.func, arguments, keywords[1:])
        case ast.Name(name, ast.Load()) if name in names:
            yield from (ast.Name(other, ast.Load()) for other in names if other != name)
        case _:
            pass
