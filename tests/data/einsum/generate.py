"""Values of Einstein sums by NumPy: `python3 generate.py > values.txt`: named cases, then drawn ones.

A line is `spec | shapes of the operands | shape of the result | elements`. Element k of operand o is
(7k + 3o) mod 11 - 4, so that all results are exact.
"""

import random

import numpy as np

draw = random.Random(5)

CASES = [
    ("ij,jk->ik", [2, 3], [3, 4]),
    ("ij,jk", [2, 3], [3, 4]),
    ("bij,bjk->bik", [2, 3, 2], [2, 2, 3]),
    ("bij,bjk->kbi", [2, 3, 2], [2, 2, 3]),
    ("i,i->", [4], [4]),
    ("i,i", [4], [4]),
    ("i,j->ji", [2], [3]),
    ("i,i->i", [3], [3]),
    ("ii->", [3, 3]),
    ("ii", [3, 3]),
    ("ii->i", [3, 3]),
    ("iij->ji", [2, 2, 3]),
    ("iji->j", [2, 3, 2]),
    ("iii->i", [2, 2, 2]),
    ("ijij->ij", [2, 3, 2, 3]),
    ("ij->ji", [2, 3]),
    ("ba", [2, 3]),
    ("ij->", [2, 3]),
    ("ij->j", [2, 3]),
    ("ijk,jl,kl->il", [2, 3, 2], [3, 4], [2, 4]),
    ("i,ij,j->", [2], [2, 3], [3]),
    ("ij,jk,kl,lm->im", [2, 3], [3, 2], [2, 4], [4, 2]),
    ("a,b,c->cab", [2], [3], [2]),
    ("...ij,...jk->...ik", [2, 1, 2, 3], [3, 3, 2]),
    ("...i->...", [2, 3]),
    ("...,...->...", [2, 3], [3]),
    ("i...,i...->...", [2, 3], [2, 1]),
    ("...ii->...i", [2, 2, 2]),
    ("ij,ij->ij", [1, 3], [2, 3]),
    ("ij,ij->", [1, 3], [2, 3]),
    ("ij,k->i", [2, 3], [4]),
    ("i,->i", [3], []),
    (",->", [], []),
    ("ij,jk->ik", [2, 0], [0, 3]),
    ("ij->i", [2, 0]),
    ("ij,j->i", [0, 3], [3]),
    ("ki,kj,k->ij", [3, 2], [3, 2], [3]),
    ("abcd,cd,ab->", [2, 1, 2, 3], [2, 3], [2, 1]),
]


def tensor(shape, operand):
    count = int(np.prod(shape))
    return ((7 * np.arange(count) + 3 * operand) % 11 - 4).astype(float).reshape(shape)


def side(letters):
    """The letters in some order, now and then with `...` among them."""
    at = draw.randint(0, len(letters))
    return (letters[:at] + "..." + letters[at:], at) if draw.random() < 0.25 else (letters, None)


def drawn():
    """A sum of one to four operands: any letters, repeated too, extents of 0 and 1, axes without letters."""
    extents = {letter: draw.choice([0, 1, 2, 2, 3, 3]) if draw.random() < 0.2 else draw.choice([2, 3]) for letter in "abcde"}
    unnamed = [draw.choice([1, 2, 3]) for _ in range(2)]
    terms, shapes = [], []
    for _ in range(draw.choice([1, 1, 2, 2, 2, 3, 3, 4])):
        letters = "".join(draw.choices("abcde", k=draw.choice([0, 1, 2, 2, 3])))
        own = {letter: 1 if draw.random() < 0.1 else extents[letter] for letter in letters}
        term, dots = side(letters)
        shape = [own[letter] for letter in letters]
        if dots is not None:
            hidden = unnamed[draw.randint(0, 2) :]
            shape[dots:dots] = [1 if draw.random() < 0.2 else extent for extent in hidden]
        terms.append(term)
        shapes.append(shape)
    spec = ",".join(terms)
    if draw.random() < 0.3 and "..." not in spec:
        return spec, *shapes
    found = sorted(set(spec) - set(".,"))
    result = "".join(draw.sample(found, draw.randint(0, min(3, len(found)))))
    at = draw.randint(0, len(result))
    return spec + "->" + (result[:at] + "..." + result[at:] if "..." in spec else result), *shapes


def shown(shape):
    return "[" + ",".join(map(str, shape)) + "]"


for spec, *shapes in CASES + [drawn() for _ in range(120)]:
    result = np.einsum(spec, *(tensor(shape, o) for o, shape in enumerate(shapes)))
    elements = " ".join(f"{int(x)}" for x in result.ravel())
    print(f"{spec} | {' '.join(map(shown, shapes))} | {shown(result.shape)} | {elements}")
