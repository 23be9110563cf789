"""``Lanes``: several floats side by side, in vector registers, in the place of one.

Numba leaves the use of vector instructions to LLVM, which gives a loop up where it cannot tell that arrays
do not overlap.  Here the vector is a type.  A kernel that gets its numbers by ``load`` and puts them by
``store`` is compiled for one point and for ``WIDTH`` points from one source, the same operations in the same
order: a lane holds the bits that the float would.
"""

# mypy: disable-error-code="no-untyped-def"
from __future__ import annotations

import operator
from typing import Any

from llvmlite import ir
from numba import extending
from numba.core import cgutils, types
from numba.core.typeconv.castgraph import Conversion
from numba.core.typing.templates import AbstractTemplate, infer_global, signature
from numba.extending import lower_builtin, lower_cast, models, register_model

from kgon.potential.kernels._jit import config, njit

WIDTH = 16
"""Floats of a ``Lanes``: four registers of AVX2, two of AVX-512."""
BLOCK = 4
"""Rows and columns that ``transpose`` copies."""

DOUBLE = ir.DoubleType()
ROW = ir.VectorType(DOUBLE, BLOCK)
INDEX = types.intp
intrinsic: Any = extending.intrinsic


class Lanes(types.Type):
    """The Numba type of ``width`` floats; a number becomes one by repetition."""

    def __init__(self, width: int) -> None:
        self.width = width
        super().__init__(name=f"Lanes({width})")

    def can_convert_from(self, _: Any, other: Any) -> Conversion | None:
        """Let numbers stand where lanes are wanted."""
        return Conversion.safe if isinstance(other, types.Integer | types.Float) else None


lanes, quad = Lanes(WIDTH), Lanes(BLOCK)


@register_model(Lanes)
class LanesModel(models.PrimitiveModel):
    """Lanes are one LLVM vector."""

    def __init__(self, manager: Any, fe_type: Any) -> None:
        super().__init__(manager, fe_type, ir.VectorType(DOUBLE, fe_type.width))


def _mask(*order: int) -> Any:
    return ir.Constant(ir.VectorType(cgutils.int32_t, len(order)), order)


def _repeated(context, builder, fromty, toty, value):
    number = context.cast(builder, value, fromty, types.float64)
    empty = ir.Constant(ir.VectorType(DOUBLE, toty.width), ir.Undefined)
    first = builder.insert_element(empty, number, ir.Constant(cgutils.int32_t, 0))
    return builder.shuffle_vector(first, empty, _mask(*[0] * toty.width))


lower_cast(types.Integer, Lanes)(_repeated)
lower_cast(types.Float, Lanes)(_repeated)


def _define(python: Any, llvm: str, operands: int) -> None:
    """Let a Python operator do one LLVM instruction on lanes, a number among them repeated."""

    def generic(self, args, kws):
        kinds = {x for x in args if not isinstance(x, types.Number)}
        if len(kinds) == 1 and isinstance(kind := kinds.pop(), Lanes):
            return signature(kind, *[kind] * operands)
        return None

    infer_global(python)(type(f"Lanes_{llvm}", (AbstractTemplate,), {"key": python, "generic": generic}))
    lower_builtin(python, *[Lanes] * operands)(
        lambda context, builder, sig, args: getattr(builder, llvm)(*args)
    )


_define(operator.add, "fadd", 2)
_define(operator.iadd, "fadd", 2)
_define(operator.sub, "fsub", 2)
_define(operator.isub, "fsub", 2)
_define(operator.mul, "fmul", 2)
_define(operator.truediv, "fdiv", 2)
_define(operator.neg, "fneg", 1)


def _pointer(context, builder, array_type, array, k, kind):
    """The address of entry k of the memory of a contiguous array, as that of a ``kind``."""
    if array_type.layout != "C":
        raise TypeError(f"lanes need contiguous arrays, got {array_type}")
    structure = context.make_array(array_type)(context, builder, array)
    if config.BOUNDSCHECK:
        last = builder.add(k, ir.Constant(k.type, getattr(kind, "count", 1)))
        outside = builder.or_(
            builder.icmp_signed("<", k, ir.Constant(k.type, 0)),
            builder.icmp_signed(">", last, structure.nitems),
        )
        with cgutils.if_unlikely(builder, outside):
            context.call_conv.return_user_exc(builder, IndexError, ("lanes out of bounds",))
    return builder.bitcast(builder.gep(structure.data, [k]), kind.as_pointer())


def _scaled(builder, k, like):
    """The place and the type of number k of memory, a float or lanes."""
    if not isinstance(like, Lanes):
        return k, DOUBLE
    return builder.mul(k, ir.Constant(k.type, like.width)), ir.VectorType(DOUBLE, like.width)


def _zeros(kind: Lanes) -> Any:
    def nothing(typingctx):
        def code(context, builder, sig, args):
            return ir.Constant(ir.VectorType(DOUBLE, kind.width), [0.0] * kind.width)

        return signature(kind), code

    return intrinsic(nothing)


nothing, nothing_of_four = _zeros(lanes), _zeros(quad)
"""Make lanes of zeros: ``WIDTH`` of them, and ``BLOCK``."""


@intrinsic
def load(typingctx, array, k, like):
    """Read number k of the memory of an array: a float, or lanes where ``like`` is of lanes."""

    def code(context, builder, sig, args):
        at, kind = _scaled(builder, args[1], like)
        return builder.load(_pointer(context, builder, array, args[0], at, kind), align=8)

    return signature(like, array, INDEX, like), code


@intrinsic
def window(typingctx, array, k, like):
    """Read lanes that begin at float k of the memory of an array."""

    def code(context, builder, sig, args):
        kind = ir.VectorType(DOUBLE, like.width)
        return builder.load(_pointer(context, builder, array, args[0], args[1], kind), align=8)

    return signature(like, array, INDEX, like), code


@intrinsic
def store(typingctx, array, k, x):
    """Write a float, or lanes, as number k to the memory of an array."""

    def code(context, builder, sig, args):
        at, kind = _scaled(builder, args[1], x)
        builder.store(args[2], _pointer(context, builder, array, args[0], at, kind), align=8)
        return context.get_dummy_value()

    return signature(types.void, array, INDEX, x), code


def _constant(like: Any, x: float) -> Any:
    return ir.Constant(like.type, [x] * like.type.count if isinstance(like.type, ir.VectorType) else x)


def _named(name: str, kind: types.Type) -> str:
    return f"{name}.v{kind.width}f64" if isinstance(kind, Lanes) else f"{name}.f64"


@intrinsic
def positive(typingctx, x):
    """Compute max(x, 0)."""

    def code(context, builder, sig, args):
        zero = _constant(args[0], 0.0)
        return builder.select(builder.fcmp_ordered(">", args[0], zero), args[0], zero)

    return signature(x, x), code


@intrinsic
def larger(typingctx, x, y):
    """Return x where it is above y, else y."""

    def code(context, builder, sig, args):
        return builder.select(builder.fcmp_ordered(">", *args), *args)

    return signature(x, x, x), code


@intrinsic
def share(typingctx, x, y):
    """Compute x/|y|, but at most 1, and 1 for 0/0."""

    def code(context, builder, sig, args):
        x, y = args
        name = _named("llvm.fabs", sig.return_type)
        absolute = cgutils.get_or_insert_function(builder.module, ir.FunctionType(y.type, [y.type]), name)
        quotient, one = builder.fdiv(x, builder.call(absolute, [y])), _constant(x, 1.0)
        return builder.select(builder.fcmp_ordered("<", quotient, one), quotient, one)

    return signature(x, x, x), code


@intrinsic
def fused(typingctx, x, y, z):
    """Compute x·y + z with one rounding: faster where it is the machine's, and the same bits everywhere."""

    def code(context, builder, sig, args):
        name = _named("llvm.fma", sig.return_type)
        values = [context.cast(builder, *each, sig.return_type) for each in zip(args, sig.args, strict=True)]
        kind = ir.FunctionType(values[0].type, [value.type for value in values])
        return builder.call(cgutils.get_or_insert_function(builder.module, kind, name), values)

    return signature(z, x, y, z), code


@intrinsic
def choose(typingctx, b, x, y):
    """Return x where b < 0, else y."""

    def code(context, builder, sig, args):
        b, x, y = args
        return builder.select(builder.fcmp_ordered("<", b, _constant(b, 0.0)), x, y)

    return signature(b, b, b, b), code


@intrinsic
def gated(typingctx, z, x):
    """Return x where z > 0, else 0."""

    def code(context, builder, sig, args):
        zero = _constant(args[0], 0.0)
        return builder.select(builder.fcmp_ordered(">", args[0], zero), args[1], zero)

    return signature(z, z, z), code


@intrinsic
def added(typingctx, total, x):
    """Add to a float the numbers of lanes, one after the other."""

    def code(context, builder, sig, args):
        total, x = args
        for k in range(x.type.count):
            total = builder.fadd(total, builder.extract_element(x, ir.Constant(cgutils.int32_t, k)))
        return total

    return signature(types.float64, types.float64, x), code


@intrinsic
def transpose(typingctx, source, k, step, target, n, stride):
    """Copy number k + step·i + j of an array to n + stride·j + i of another, for i, j < ``BLOCK``."""

    def code(context, builder, sig, args):
        def places(array_type, array, first, step):
            for i in range(BLOCK):
                at = builder.add(first, builder.mul(step, ir.Constant(step.type, i)))
                yield _pointer(context, builder, array_type, array, at, ROW)

        rows = [builder.load(place, align=8) for place in places(source, *args[:3])]
        even, odd, left, right = _mask(0, 4, 2, 6), _mask(1, 5, 3, 7), _mask(0, 1, 4, 5), _mask(2, 3, 6, 7)
        pairs = [[builder.shuffle_vector(*rows[i : i + 2], order) for i in (0, 2)] for order in (even, odd)]
        columns = [builder.shuffle_vector(*pair, half) for half in (left, right) for pair in pairs]
        for column, place in zip(columns, places(target, *args[3:]), strict=True):
            builder.store(column, place, align=8)
        return context.get_dummy_value()

    return signature(types.void, source, INDEX, INDEX, target, INDEX, INDEX), code


@njit
def turn(source, first, step, target, place, stride, rows, columns):
    """Copy a matrix transposed, rows of ``columns`` numbers, between places in the memory of two arrays.

    Blocks overlap where the last one would stick out.
    """
    if rows < BLOCK or columns < BLOCK:
        for i in range(rows):
            for k in range(columns):
                store(target, place + stride * k + i, load(source, first + step * i + k, 0.0))
        return
    for i in range(0, rows, BLOCK):
        i = min(i, rows - BLOCK)
        for k in range(0, columns, BLOCK):
            k = min(k, columns - BLOCK)
            transpose(source, first + step * i + k, step, target, place + stride * k + i, stride)


@njit
def copy(source, target):
    """Write the floats of one contiguous array to another.

    ``target[:] = source`` does the same with checks that Numba compiles for seconds, in every kernel again.
    """
    for k in range(source.size):
        store(target, k, load(source, k, 0.0))
