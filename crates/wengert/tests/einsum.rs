//! Einstein sums against NumPy's numbers (`tests/data/einsum`), their derivatives against differences, and what is refused.

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
    assert!(rows.len() >= 38);
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
    let (g, sum) = built("ii->i", &[vec![2, 2]]);
    let program = g.compile(sum).expect("it fits");
    assert_eq!(program.run(&[1.0, f64::INFINITY, f64::NAN, 2.0]).expect("they fit"), [1.0, 2.0]);
}

#[test]
fn a_mistake_names_the_axis_the_operands_and_the_place() {
    let message = |spec: &str, shapes: &[Vec<usize>]| {
        let (g, sum) = built(spec, shapes);
        let error = g.compile(sum).expect_err("it is wrong").to_string();
        error.split(" (at ").next().unwrap_or_default().replace("bad attribute in ", "")
    };
    let matrices = [vec![2, 3], vec![4, 5]];
    let table = [
        (
            "ij,jk->ik",
            "`einsum \"ij,jk->ik\" of f64[2,3], f64[4,5]`: axis `j` is 3 in operand 0 and 4 in operand 1; extents are equal or 1",
        ),
        ("ij", "`einsum \"ij\" of f64[2,3], f64[4,5]`: it names the axes of 1 operand(s), 2 are given"),
        (
            "i,jk->ik",
            "`einsum \"i,jk->ik\" of f64[2,3], f64[4,5]`: operand 0 of shape [2,3] has 2 axes, \"i\" names 1; `...` stands for the others",
        ),
        (
            "ij,k1->ik",
            "`einsum \"ij,k1->ik\" of f64[2,3], f64[4,5]`: `1` at character 4 names no axis: axes are letters, or once `...`",
        ),
        ("ij,kl->ii", "`einsum \"ij,kl->ii\" of f64[2,3], f64[4,5]`: the result names the axis `i` twice"),
        ("ij,kl->im", "`einsum \"ij,kl->im\" of f64[2,3], f64[4,5]`: the result has an axis `m` that no operand has"),
        (
            "i...,kl->i",
            "`einsum \"i...,kl->i\" of f64[2,3], f64[4,5]`: operands have axes under `...`, the result has none",
        ),
    ];
    for (spec, expected) in table {
        assert_eq!(message(spec, &matrices), expected);
    }
}
