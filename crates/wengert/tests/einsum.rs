//! Einstein sums against NumPy's numbers (`tests/data/einsum`), derivatives against differences, and what is refused.

use wengert::prelude::*;
use wengert::{Mode, check_gradient, einsum};

const TABLE: &str = include_str!("../../../tests/data/einsum/values.txt");

fn extents(shape: &str) -> Vec<usize> {
    let inner = shape.trim_matches(['[', ']']).split(',').filter(|text| !text.is_empty());
    inner.map(|text| text.parse().expect("an extent")).collect()
}

/// A row of the table: what is summed, the extents of operands and result, its elements.
fn row(line: &str) -> (&str, Vec<Vec<usize>>, Vec<usize>, Vec<f64>) {
    let [spec, shapes, result, elements] = line
        .split(" | ")
        .collect::<Vec<_>>()
        .try_into()
        .unwrap_or_else(|short: Vec<&str>| [short[0], short[1], short[2].trim_end_matches(" |"), ""]);
    let elements = elements.split_whitespace().map(|x| x.parse().expect("a number")).collect();
    (spec, shapes.split_whitespace().map(extents).collect(), extents(result), elements)
}

/// The element k of operand o.
fn element(operand: usize, k: usize) -> f64 {
    ((7 * k + 3 * operand) % 11) as f64 - 4.0
}

fn elements(shapes: &[Vec<usize>]) -> Vec<f64> {
    let of = |(operand, shape): (usize, &Vec<usize>)| {
        (0..shape.iter().product()).map(|k| element(operand, k)).collect::<Vec<_>>()
    };
    shapes.iter().enumerate().flat_map(of).collect()
}

fn built(spec: &str, shapes: &[Vec<usize>]) -> (Graph, Expr) {
    let g = Graph::new();
    let operands: Vec<Expr> = shapes.iter().enumerate().map(|(o, shape)| g.tensor(&format!("x{o}"), shape)).collect();
    let sum = einsum(spec, &operands);
    (g, sum)
}

#[test]
fn values_are_those_of_numpy() {
    let rows: Vec<_> = TABLE.lines().map(row).collect();
    assert!(rows.len() >= 158);
    for (spec, shapes, result, expected) in rows {
        let (g, sum) = built(spec, &shapes);
        assert_eq!(sum.shape(), Some(result), "{spec} {shapes:?}");
        let program = g.compile(sum).unwrap_or_else(|e| panic!("{spec}: {e}"));
        assert_eq!(program.run(&elements(&shapes)).expect("they fit"), expected, "{spec} {shapes:?}");
    }
}

#[test]
fn every_sum_has_derivatives_of_order_two_in_every_mode() {
    for (spec, shapes, ..) in TABLE.lines().map(row) {
        let at = elements(&shapes);
        if at.is_empty() {
            continue;
        }
        let (g, sum) = built(spec, &shapes);
        let curved = (sum + sum.square() * 0.25).sum();
        let f = g.function("f", curved).unwrap_or_else(|e| panic!("{spec}: {e}"));
        let near: Vec<f64> = at.iter().enumerate().map(|(i, x)| 0.25 * x + 0.1 * (i as f64 * 0.618).fract()).collect();
        let outcome = check_gradient(&f, &near, 2, &Mode::NESTED).unwrap_or_else(|e| panic!("{spec}: {e}"));
        assert!(outcome.passed(), "{spec} {shapes:?}\n{outcome}");
    }
}

#[test]
fn what_lies_off_a_diagonal_is_not_multiplied() {
    for spec in ["ii->i", "ii", "ii,->", "i,ii->i"] {
        let g = Graph::new();
        let (x, one) = (g.tensor("x", &[2, 2]), g.tensor("one", &[2]));
        let operands = match spec {
            "ii,->" => vec![x, one.at(0)],
            "i,ii->i" => vec![one, x],
            _ => vec![x],
        };
        let sum = einsum(spec, &operands).square().sum();
        let [d] = grad(sum, [x]).expect("it has a gradient");
        let out = g.compile((sum, d)).and_then(|p| p.run(&[1.0, f64::INFINITY, f64::NAN, 2.0, 1.0, 1.0]));
        let diagonal = if spec.ends_with("->i") { [5.0, 2.0, 0.0, 0.0, 4.0] } else { [9.0, 6.0, 0.0, 0.0, 6.0] };
        assert_eq!(out.expect("they fit"), diagonal, "{spec}");
    }
}

#[test]
fn each_pair_of_operands_is_one_contraction() {
    let (g, sum) = built("ij,jk,k,i->", &[vec![2, 3], vec![3, 4], vec![4], vec![2]]);
    let text = g.text(sum);
    assert_eq!(text.matches(" = dot ").count(), 3, "{text}");
    assert_eq!(text.lines().count(), 6, "nothing but contractions: {text}");
}

/// Searching all pairs again for each product takes minutes here; an order that multiplies what shares nothing takes
/// more memory than there is.
#[test]
fn a_long_chain_is_contracted_in_time() {
    let letter = |i: usize| char::from_u32(0x4e00 + i as u32).expect("an ideograph");
    let n = 2000;
    let terms: Vec<String> = (0..n).map(|i| [letter(i), letter(i + 1)].iter().collect()).collect();
    let g = Graph::new();
    let x = g.tensor("x", &[2, 2]);
    let product = einsum(&terms.join(","), &vec![x; n]);
    let out = g.compile(product).and_then(|p| p.run(&[1.0, 1.0, 0.0, 1.0])).expect("it fits");
    assert_eq!(out, [1.0, 2000.0, 0.0, 1.0]);
}

/// What the program says, without the line of the call.
fn mistake(sum: Expr, g: &Graph) -> String {
    let error = g.compile(sum).expect_err("it is wrong");
    assert_eq!(error.site().map(|site| site.file().ends_with("einsum.rs")), Some(true));
    error.to_string().split(" (at ").next().unwrap_or_default().to_string()
}

#[test]
fn a_mistake_names_the_axis_the_operands_and_the_place() {
    let of_two = "of f64[2,3], f64[4,5]";
    let table = [
        ("ij,jk->ik", "axis `j` is 3 in operand 0 and 4 in operand 1; extents are equal or 1 (character 4)"),
        (
            "...i,...j",
            "axis 1 from the end of `...` is 2 in operand 0 and 4 in operand 1; extents are equal or 1 (character 6)",
        ),
        ("ij,kk", "axis `k` is 4 and 5 in operand 1; a diagonal has equal extents (character 5)"),
        ("ij", "the text names the axes of 1 operand(s), and there are 2 (character 1)"),
        ("ij,kl,->", "the text names the axes of 3 operand(s), and there are 2 (character 7)"),
        (
            "i,jk->ik",
            "operand 0 of shape [2,3] has 2 axes, and 1 are named here; `...` stands for the others (character 1)",
        ),
        ("ij,klm->", "operand 1 of shape [4,5] has 2 axes, and 3 are named here (character 4)"),
        ("ij,k1->ik", "`1` names no axis: axes are letters, or once `...` (character 5)"),
        ("αβ,γδ→αγ", "`→` names no axis: axes are letters, or once `...` (character 6)"),
        ("ij,kl->i,k", "`,` names no axis: axes are letters, or once `...` (character 9)"),
        ("...i...,kl", "`.` names no axis: axes are letters, or once `...` (character 5)"),
        ("ij,kl->ii", "the result names the axis `i` twice (character 9)"),
        ("ij,kl->im", "the result has an axis `m` that no operand has (character 9)"),
        ("i...,kl->i", "operands have axes under `...`, and the result has none (character 10)"),
    ];
    for (spec, expected) in table {
        let (g, sum) = built(spec, &[vec![2, 3], vec![4, 5]]);
        assert_eq!(mistake(sum, &g), format!("einsum \"{spec}\" {of_two}: {expected}"));
    }
}

#[test]
fn operands_are_numbers_of_one_kind_in_tensors_that_a_machine_can_hold() {
    let of = |types: [Type; 2]| {
        let g = Graph::new();
        let [x, y] = types;
        let sum = einsum("i,j->ij", &[g.param("x", x), g.param("y", y)]);
        mistake(sum, &g)
    };
    let vector = |dtype| Type::tensor(dtype, &[2]);
    let table = [
        (
            of([vector(DType::F64), vector(DType::F32)]),
            "operand 1 is of f32, and products need f64 beside f64; `cast` it (character 3)",
        ),
        (
            of([vector(DType::Bool), vector(DType::Bool)]),
            "operand 0 is of bool, and products need numbers; `cast` it (character 1)",
        ),
        (
            of([vector(DType::F64), Type::Tuple([Type::f64()].into())]),
            "operand 1 is a structure; take the part you mean with `get` (character 3)",
        ),
    ];
    for (found, expected) in table {
        assert!(found.ends_with(&format!(": {expected}")), "{found}");
    }
    let long = Type::tensor(DType::F64, &[1 << 30]);
    assert_eq!(
        of([long.clone(), long]),
        "elements of a tensor in `dot %x: f64[1073741824], %y: f64[1073741824] {lhs=[], rhs=[]}`: more than the limit of 1099511627776"
    );
}
