"""Writes values.txt: convolutions and windowed reductions of small integers, computed by JAX (0.10), on the CPU.

    pip install jax && python generate.py > values.txt

A line has the op, the shapes of its operands, its attributes, the shape of the result, and after a colon its elements.
Element i of the first operand is (7i + 3) mod 11 - 5, of the second (5i + 1) mod 7 - 3; of products 1, 2, -1 in turn.
"""

import random

import jax
import numpy as np
from jax import lax

jax.config.update("jax_enable_x64", True)
draw = random.Random(7)


def base(shape):
    return ((7 * np.arange(np.prod(shape, dtype=int)) + 3) % 11 - 5).astype(float).reshape(shape)


def kernel(shape):
    return ((5 * np.arange(np.prod(shape, dtype=int)) + 1) % 7 - 3).astype(float).reshape(shape)


def twos(shape):
    return np.array([1.0, 2.0, -1.0])[np.arange(np.prod(shape, dtype=int)) % 3].reshape(shape)


def slides(rank):
    small = lambda: [draw.choice([1, 1, 2, 3]) for _ in range(rank)]
    pads = lambda: [draw.choice([0, 0, 1, 2, 3, -1]) for _ in range(rank)]
    return small(), pads(), pads(), small(), small()


def text(names, lists):
    return ", ".join(f"{name}=[{','.join(map(str, values))}]" for name, values in zip(names, lists))


def line(op, operands, attributes, result):
    shape = lambda s: "[" + ",".join(map(str, s)) + "]"
    elements = " ".join(f"{v:g}" for v in np.asarray(result).ravel())
    operands = " ".join(shape(s) for s in operands)
    print(f"{op} {operands} {{{attributes}}} {shape(result.shape)}: {elements}")


NAMES = ["stride", "low", "high", "base_dilation", "window_dilation"]


def conv():
    rank = draw.choice([0, 1, 1, 2, 2, 3])
    groups = draw.choice([1, 1, 2, 3])
    of_batch = groups > 1 and draw.random() < 0.5
    inputs, outputs = draw.choice([1, 2]), draw.choice([1, 2]) * groups
    batch = draw.choice([1, 2]) * (groups if of_batch else 1)
    space = [draw.choice([1, 2, 3, 4, 5, 6]) for _ in range(rank)]
    taps = [draw.choice([1, 2, 3, 4]) for _ in range(rank)]
    x_shape = [batch, inputs * (1 if of_batch else groups), *space]
    k_shape = [outputs, inputs, *taps]
    stride, low, high, by, wy = slides(rank)
    spatial = "DHW"[:rank]
    y = lax.conv_general_dilated(
        base(x_shape),
        kernel(k_shape),
        stride,
        list(zip(low, high)),
        by,
        wy,
        dimension_numbers=("NC" + spatial, "OI" + spatial, "NC" + spatial),
        feature_group_count=1 if of_batch else groups,
        batch_group_count=groups if of_batch else 1,
    )
    if y.size == 0 or y.size > 60:
        return False
    attributes = text(NAMES, [stride, low, high, by, wy])
    kind = "batch_groups" if of_batch else "feature_groups"
    line("conv", [x_shape, k_shape], f"{attributes}, {kind}={groups}", y)
    return True


KINDS = {
    "sum": (0.0, lax.add),
    "prod": (1.0, lax.mul),
    "max": (-np.inf, lax.max),
    "min": (np.inf, lax.min),
}


def reduce_window():
    rank = draw.choice([1, 1, 2, 3])
    shape = [draw.choice([1, 2, 3, 4, 5, 6]) for _ in range(rank)]
    taps = [draw.choice([1, 2, 3, 4]) for _ in range(rank)]
    kind = draw.choice(list(KINDS))
    stride, low, high, by, wy = slides(rank)
    x = twos(shape) if kind == "prod" else base(shape)
    nothing, step = KINDS[kind]
    y = lax.reduce_window(x, nothing, step, taps, stride, list(zip(low, high)), by, wy)
    if y.size == 0 or y.size > 60:
        return False
    window = "window=[" + ",".join(map(str, taps)) + "], "
    line(f"reduce_window_{kind}", [shape], window + text(NAMES, [stride, low, high, by, wy]), y)
    return True


for table, rows in [(conv, 80), (reduce_window, 80)]:
    made = 0
    while made < rows:
        made += table()
