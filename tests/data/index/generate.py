"""Writes values.txt: gathers and scatters of small integers, computed by JAX (0.10), on the CPU.

    pip install jax && python generate.py > values.txt

A line has the op, the shapes of operand, indices and windows, its attributes, and after a colon the indices, a bar and the
elements of the result. Element i of the operand is (7i + 3) mod 11 - 5, of the updates (5i + 1) mod 7 - 3; of products 1,
2, -1 in turn. JAX keeps index vectors along the last axis; here they lie along any. Its answer to an index out of range is
`clip` or `fill_or_drop`. The order in which it sets an element twice is not defined, so no row does.
"""

import random

import jax
import numpy as np
from jax import lax

jax.config.update("jax_enable_x64", True)
draw = random.Random(11)
MODES = {"clamp": lax.GatherScatterMode.CLIP, "drop": lax.GatherScatterMode.FILL_OR_DROP}
OPS = {"set": lax.scatter, "add": lax.scatter_add, "mul": lax.scatter_mul, "max": lax.scatter_max, "min": lax.scatter_min}


def numbers(shape, a, b, m):
    return ((a * np.arange(np.prod(shape, dtype=int)) + b) % m - m // 2).astype(float).reshape(shape)


def factors(shape):
    return np.array([1.0, 2.0, -1.0])[np.arange(np.prod(shape, dtype=int)) % 3].reshape(shape)


def case():
    """Operand shape, indices, dimension numbers as keywords, window sizes, mode."""
    rank = draw.choice([1, 2, 2, 3, 3, 4])
    shape = [draw.choice([1, 2, 3, 4]) for _ in range(rank)]
    axes = draw.sample(range(rank), rank)
    batches = sorted(axes[: draw.choice([0, 0, 1, 2]) if rank > 1 else 0])
    others = [a for a in axes if a not in batches]
    start_map = others[: draw.randint(1, len(others))] if others else []
    collapsed = sorted(a for a in others if draw.random() < 0.5)
    sizes = [1 if a in batches + collapsed else draw.randint(1, shape[a]) for a in range(rank)]
    places = [draw.choice([1, 2, 3]) for _ in range(draw.choice([0, 1, 1, 2]))]
    at = [draw.randint(0, len(places)) for _ in batches]
    positions, pairs = list(places), {}
    for axis, i in zip(batches, at):
        positions.insert(i, axis + 100)
    for axis in batches:
        pairs[axis] = positions.index(axis + 100)
    extents = [shape[p - 100] if p >= 100 else p for p in positions]
    indices = np.array(
        [draw.randint(-2, 5) for _ in range(int(np.prod(extents)) * len(start_map))], dtype=np.int64
    ).reshape(extents + [len(start_map)])
    kept = rank - len(collapsed) - len(batches)
    offset = sorted(draw.sample(range(len(extents) + kept), kept))
    spec = dict(offset=offset, collapsed=collapsed, start_map=start_map)
    batch = dict(operand_batch=batches, indices_batch=[pairs[a] for a in batches])
    return shape, indices, spec, batch, sizes, draw.choice(list(MODES))


def text(values):
    return "[" + ",".join(map(str, values)) + "]"


def words(values):
    return " ".join(f"{v:g}" for v in np.asarray(values).ravel())


def line(op, shapes, case, answer, result):
    _, indices, spec, batch, sizes, _ = case
    axis = draw.randint(0, indices.ndim - 1)
    moved = np.moveaxis(indices, -1, axis)
    if indices.shape[-1] == 1 and draw.random() < 0.5:
        moved, axis = indices[..., 0], indices.ndim - 1
        order = {"indices_batch": batch["indices_batch"]}
    else:
        order = {"indices_batch": [i + (i >= axis) for i in batch["indices_batch"]]}
    lists = {**spec, "sizes": sizes, **batch, **order}
    attributes = ", ".join(f"{name}={text(values)}" for name, values in lists.items())
    attributes += f", index_axis={axis}, out={answer}"
    operand, windows = shapes
    print(f"{op} {text(operand)} {text(moved.shape)} {text(windows)} {{{attributes}}}: {words(moved)} | {words(result)}")


def window_of(case, x):
    _, indices, spec, batch, sizes, mode = case
    numbers = lax.GatherDimensionNumbers(
        offset_dims=tuple(spec["offset"]),
        collapsed_slice_dims=tuple(spec["collapsed"]),
        start_index_map=tuple(spec["start_map"]),
        operand_batching_dims=tuple(batch["operand_batch"]),
        start_indices_batching_dims=tuple(batch["indices_batch"]),
    )
    return lax.gather(x, indices, numbers, tuple(sizes), mode=MODES[mode], fill_value=0)


def gather():
    drawn = case()
    y = window_of(drawn, numbers(drawn[0], 7, 3, 11))
    if y.size > 60:
        return False
    line("gather", (drawn[0], y.shape), drawn, {"clamp": "clamp", "drop": "fill"}[drawn[5]], y)
    return True


def scatter():
    drawn = case()
    shape, indices, spec, batch, _, mode = drawn
    kind = draw.choice(list(OPS))
    windows = window_of(drawn, numbers(shape, 7, 3, 11)).shape
    if np.prod(windows, dtype=int) > 60 or np.prod(shape) > 60:
        return False
    dimensions = lax.ScatterDimensionNumbers(
        update_window_dims=tuple(spec["offset"]),
        inserted_window_dims=tuple(spec["collapsed"]),
        scatter_dims_to_operand_dims=tuple(spec["start_map"]),
        operand_batching_dims=tuple(batch["operand_batch"]),
        scatter_indices_batching_dims=tuple(batch["indices_batch"]),
    )
    hits = lax.scatter_add(np.zeros(shape), indices, np.ones(windows), dimensions, mode=MODES[mode])
    if kind == "set" and np.max(hits) > 1:
        return False
    product = kind == "mul"
    x, updates = (factors(shape), factors(windows)) if product else (numbers(shape, 7, 3, 11), numbers(windows, 5, 1, 7))
    y = OPS[kind](x, indices, updates, dimensions, mode=MODES[mode])
    line(f"scatter_{kind}", (shape, windows), drawn, mode, y)
    return True


for table, rows in [(gather, 100), (scatter, 150)]:
    made = 0
    while made < rows:
        made += table()
