//! Formulas of arrays: values and derivatives against numbers worked out by hand or by NumPy and JAX, shapes that do not
//! fit, and sizes that are refused.

use interp::Value;
use opt::Level;

use super::*;
use crate::error::Error;
use crate::mode::Mode;
use crate::partials::{Partials, Settings};

/// A variable, its extents and its elements.
type Given<'a> = (&'a str, &'a [usize], &'a [f64]);

const POINT: [Given<'_>; 8] = [
    ("s", &[], &[2.0]),
    ("x", &[3], &[1.0, 2.0, 4.0]),
    ("y", &[3], &[-1.0, 0.0, 3.0]),
    ("c", &[2, 1], &[10.0, 20.0]),
    ("A", &[2, 3], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]),
    ("B", &[3, 2], &[1.0, 0.0, 0.0, 1.0, 2.0, -1.0]),
    ("T", &[2, 2, 3], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0]),
    ("e", &[0], &[]),
];

fn derive(text: &str, point: &[Given<'_>], settings: &Settings) -> Result<Partials, Error> {
    let formula = Formula::parse(text).unwrap_or_else(|e| panic!("{}", e.render(text)));
    let extents = |name: &str| point.iter().find(|given| given.0 == name).map_or(&[][..], |given| given.1);
    Partials::with_shapes(&formula, settings, extents)
}

/// Extents and elements of every partial.
fn values(text: &str, point: &[Given<'_>], settings: &Settings) -> Vec<(Vec<usize>, Vec<f64>)> {
    let partials = derive(text, point, settings).unwrap_or_else(|e| panic!("{text}: {e}"));
    let argument = |name: &str| {
        let &(_, extents, elements) = point.iter().find(|given| given.0 == name).expect("the point has it");
        Value::Tensor(interp::Tensor::f64(extents, elements.to_vec()).expect("as many as the extents say"))
    };
    let core = partials.function.core();
    let arguments: Vec<Value> = core.params().iter().map(|param| argument(&param.name)).collect();
    let results = partials.function.eval(&arguments).expect("the arguments fit");
    let tensors = results.iter().flat_map(Value::leaves);
    tensors.enumerate().map(|(i, t)| (partials.extents(i).to_vec(), t.to_f64())).collect()
}

fn order(order: usize) -> Settings {
    Settings { order, ..Settings::default() }
}

#[track_caller]
fn check(text: &str, point: &[Given<'_>], extents: &[usize], elements: &[f64]) {
    let (found_extents, found) = values(text, point, &order(0)).remove(0);
    assert_eq!(found_extents, extents, "{text}");
    let close = |(x, y): (&f64, &f64)| x == y || (x.is_nan() && y.is_nan()) || (x - y).abs() <= 1e-15 * y.abs();
    assert!(found.iter().zip(elements).all(close) && found.len() == elements.len(), "{text}: {found:?}");
}

#[test]
fn operators_and_functions_broadcast() {
    check("s*x - 1", &POINT, &[3], &[1.0, 3.0, 7.0]);
    check("c + x", &POINT, &[2, 3], &[11.0, 12.0, 14.0, 21.0, 22.0, 24.0]);
    check("A^2 + c*0", &POINT, &[2, 3], &[1.0, 4.0, 9.0, 16.0, 25.0, 36.0]);
    check("where(y > 0, A, c)", &POINT, &[2, 3], &[10.0, 10.0, 3.0, 20.0, 20.0, 6.0]);
    check("max(x, 2) - min(y, 0)", &POINT, &[3], &[3.0, 2.0, 4.0]);
    check("clip(A, 2, x + 1)", &POINT, &[2, 3], &[2.0, 2.0, 3.0, 2.0, 3.0, 5.0]);
    check("-y", &POINT, &[3], &[1.0, -0.0, -3.0]);
    check("e + 1", &POINT, &[0], &[]);
}

#[test]
fn reductions_run_over_all_elements_or_along_an_axis() {
    check("sum(A)", &POINT, &[], &[21.0]);
    check("sum(A, axis=0)", &POINT, &[3], &[5.0, 7.0, 9.0]);
    check("sum(A, axis=-1)", &POINT, &[2], &[6.0, 15.0]);
    check("mean(A, axis=1)", &POINT, &[2], &[2.0, 5.0]);
    check("prod(A, axis=0)", &POINT, &[3], &[4.0, 10.0, 18.0]);
    check("max(T, axis=1)", &POINT, &[2, 3], &[4.0, 5.0, 6.0, 10.0, 11.0, 12.0]);
    check("min(y)", &POINT, &[], &[-1.0]);
    check("sum(s) + prod(s) + mean(s) + max(s) + norm(s)", &POINT, &[], &[10.0]);
}

#[test]
fn reductions_of_nothing_are_those_of_the_page() {
    check("sum(e)", &POINT, &[], &[0.0]);
    check("prod(e)", &POINT, &[], &[1.0]);
    check("mean(e)", &POINT, &[], &[f64::NAN]);
    check("norm(e)", &POINT, &[], &[0.0]);
    check("logsumexp(e)", &POINT, &[], &[f64::NEG_INFINITY]);
    check("softmax(e)", &POINT, &[0], &[]);
    check("diag(e)", &POINT, &[0, 0], &[]);
}

#[test]
fn products_are_those_of_numpy() {
    check("x @ y", &POINT, &[], &[11.0]);
    check("A @ x", &POINT, &[2], &[17.0, 38.0]);
    check("x @ B", &POINT, &[2], &[9.0, -2.0]);
    check("A @ B", &POINT, &[2, 2], &[7.0, -1.0, 16.0, -1.0]);
    check("T @ x", &POINT, &[2, 2], &[17.0, 38.0, 59.0, 80.0]);
    check("T @ B", &POINT, &[2, 2, 2], &[7.0, -1.0, 16.0, -1.0, 25.0, -1.0, 34.0, -1.0]);
    check("stack(1, -1) @ T", &POINT, &[2, 3], &[-3.0; 6]);
    let product = [1, 2, 3, 4, 5, 6, -2, -1, 0, 7, 8, 9, 10, 11, 12, 4, 5, 6].map(f64::from);
    check("B @ T", &POINT, &[2, 3, 3], &product);
    let product = [1, 2, 3, 7, 8, 9, 4, 5, 6, 10, 11, 12, -2, -1, 0, 4, 5, 6].map(f64::from);
    check("dot(B, T)", &POINT, &[3, 2, 3], &product);
    check("dot(x, y) + dot(s, 3)", &POINT, &[], &[17.0]);
    check("dot(s, x)", &POINT, &[3], &[2.0, 4.0, 8.0]);
    check("outer(y, c)", &POINT, &[3, 2], &[-10.0, -20.0, 0.0, 0.0, 30.0, 60.0]);
    check("e @ e", &POINT, &[], &[0.0]);
}

#[test]
fn running_combinations_go_along_an_axis_or_over_all_elements_in_a_row() {
    check("cumsum(A)", &POINT, &[6], &[1.0, 3.0, 6.0, 10.0, 15.0, 21.0]);
    check("cumsum(A, axis=0)", &POINT, &[2, 3], &[1.0, 2.0, 3.0, 5.0, 7.0, 9.0]);
    check("cumprod(A, axis=-1)", &POINT, &[2, 3], &[1.0, 2.0, 6.0, 4.0, 20.0, 120.0]);
    check("cumsum(s)", &POINT, &[1], &[2.0]);
    check("cumprod(e)", &POINT, &[0], &[]);
    check("sort(stack(3, s, -1))", &POINT, &[3], &[-1.0, 2.0, 3.0]);
    check("sort(A*stack(-1, 1, -1), axis=0)", &POINT, &[2, 3], &[-4.0, 2.0, -6.0, -1.0, 5.0, -3.0]);
}

/// A regular matrix, one that is definite, and right sides.
const SYSTEM: [Given<'_>; 4] = [
    ("S", &[2, 2], &[4.0, 1.0, 2.0, 3.0]),
    ("P", &[2, 2], &[4.0, 2.0, 2.0, 3.0]),
    ("b", &[2], &[1.0, 2.0]),
    ("Q", &[2, 2, 2], &[2.0, 0.0, 0.0, 4.0, 1.0, 1.0, 0.0, 1.0]),
];

#[test]
fn linear_algebra_is_that_of_numpy() {
    check("det(S)", &SYSTEM, &[], &[10.0]);
    check("det(Q)", &SYSTEM, &[2], &[8.0, 1.0]);
    check("logdet(S)", &SYSTEM, &[], &[10f64.ln()]);
    check("inv(Q)", &SYSTEM, &[2, 2, 2], &[0.5, 0.0, 0.0, 0.25, 1.0, -1.0, 0.0, 1.0]);
    check("solve(Q, b)", &SYSTEM, &[2, 2], &[0.5, 0.5, -1.0, 2.0]);
    check("cholesky(P)", &SYSTEM, &[2, 2], &[2.0, 0.0, 1.0, 2f64.sqrt()]);
    let root = 17f64.sqrt() / 2.0;
    let (_, found) = values("eigvalsh(P)", &SYSTEM, &order(0)).remove(0);
    assert!((found[0] - (3.5 - root)).abs() < 1e-14 && (found[1] - (3.5 + root)).abs() < 1e-14, "{found:?}");
    check("sum(solve(S, b))", &SYSTEM, &[], &[0.7]);
}

#[test]
fn derivatives_of_linear_algebra_are_those_of_the_inverse() {
    for mode in Mode::NESTED {
        let first = |text: &str| values(text, &SYSTEM, &Settings { order: 2, mode, ..Settings::default() });
        let close = |found: &[f64], expected: &[f64]| {
            let all = found.iter().zip(expected).all(|(x, y)| (x - y).abs() < 1e-14);
            assert!(all && found.len() == expected.len(), "{mode:?}: {found:?}");
        };
        let solved = first("sum(solve(S, b))");
        close(&solved[1].1, &[-0.01, -0.06, -0.03, -0.18]);
        let log = first("logdet(P)");
        close(&log[1].1, &[0.375, -0.25, -0.25, 0.5]);
        let inverse = [[0.375, -0.25], [-0.25, 0.5]];
        let second = |at: usize| {
            let [i, j, k, l] = [at >> 3, at >> 2 & 1, at >> 1 & 1, at & 1];
            -inverse[j][k] * inverse[l][i]
        };
        close(&log[2].1, &(0..16).map(second).collect::<Vec<_>>());
        close(&first("sum(log(eigvalsh(P)))")[1].1, &[0.375, -0.25, -0.25, 0.5]);
        close(&first("det(S - S)")[1].1, &[0.0; 4]);
    }
}

#[test]
fn a_matrix_product_binds_as_a_product_does() {
    check("A @ x*2 + 1", &POINT, &[2], &[35.0, 77.0]);
    check("-A @ x^2", &POINT, &[2], &[-57.0, -120.0]);
    check("2*x @ y", &POINT, &[], &[22.0]);
}

#[test]
fn elements_move_as_in_numpy() {
    check("A[1, -1] + x[0] + T[0][1, 2]", &POINT, &[], &[13.0]);
    check("T[-1]", &POINT, &[2, 3], &[7.0, 8.0, 9.0, 10.0, 11.0, 12.0]);
    check("-x[2]^2", &POINT, &[], &[-16.0]);
    check("(x + y)[-3]", &POINT, &[], &[0.0]);
    check("transpose(A)", &POINT, &[3, 2], &[1.0, 4.0, 2.0, 5.0, 3.0, 6.0]);
    check("transpose(T)[0]", &POINT, &[2, 2], &[1.0, 7.0, 4.0, 10.0]);
    check("trace(T)", &POINT, &[3], &[11.0, 13.0, 15.0]);
    check("diag(A)", &POINT, &[2], &[1.0, 5.0]);
    check("diag(transpose(A))", &POINT, &[2], &[1.0, 5.0]);
    check("diag(y)", &POINT, &[3, 3], &[-1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 3.0]);
    check("stack(x, y)", &POINT, &[2, 3], &[1.0, 2.0, 4.0, -1.0, 0.0, 3.0]);
    check("stack(x, y, axis=-1)", &POINT, &[3, 2], &[1.0, -1.0, 2.0, 0.0, 4.0, 3.0]);
    check("stack(s, 3)", &POINT, &[2], &[2.0, 3.0]);
    check("concat(x, e, y)", &POINT, &[6], &[1.0, 2.0, 4.0, -1.0, 0.0, 3.0]);
    check("concat(A, c, axis=1)", &POINT, &[2, 4], &[1.0, 2.0, 3.0, 10.0, 4.0, 5.0, 6.0, 20.0]);
}

#[test]
fn softmaxes_go_along_the_last_axis_and_log_sum_exp_over_all() {
    let softmax = [0.04201006613406605, 0.11419519938459449, 0.8437947344813395];
    check("softmax(x)", &POINT, &[3], &softmax);
    check("softmax(stack(y*0, x))[1]", &POINT, &[3], &softmax);
    check("softmax(A/2, axis=0)[1]", &POINT, &[3], &[0.8175744761936437; 3]);
    check("logsumexp(A, axis=1)", &POINT, &[2], &[3.40760596444438, 6.407605964444381]);
    check("log_softmax(x)", &POINT, &[3], &[-3.1698460195562856, -2.1698460195562856, -0.16984601955628567]);
    check("softmax(s)", &POINT, &[], &[1.0]);
}

#[test]
fn exponentials_neither_overflow_nor_lose_minus_infinity() {
    let at = |x: &[f64], text: &str| values(text, &[("x", &[x.len()], x)], &order(2));
    let low = f64::NEG_INFINITY;
    let all = at(&[low, 1000.0, 1000.0], "logsumexp(x)");
    assert_eq!(all[0].1, [1000.0 + LN_2]);
    assert_eq!(all[1].1, [0.0, 0.5, 0.5]);
    assert_eq!(all[2].1, [0.0, 0.0, 0.0, 0.0, 0.25, -0.25, 0.0, -0.25, 0.25]);
    for (_, nothing) in &at(&[low, low], "logsumexp(x)")[1..] {
        assert!(nothing.iter().all(|&x| x == 0.0), "{nothing:?}");
    }
    assert_eq!(at(&[low, low], "logsumexp(x)")[0].1, [low]);
    assert_eq!(at(&[f64::INFINITY, 0.0], "logsumexp(x)")[0].1, [f64::INFINITY]);
    assert_eq!(at(&[low, 0.0], "softmax(x)")[0].1, [0.0, 1.0]);
    assert_eq!(at(&[low, 0.0], "log_softmax(x)")[0].1, [low, 0.0]);
    let logs = at(&[0.0, -800.0], "log(softmax(x))");
    assert_eq!((&logs[0].1[..], &logs[1].1[..]), (&[0.0, -800.0][..], &[0.0, 0.0, -1.0, 1.0][..]));
}

#[test]
fn a_norm_holds_from_the_smallest_to_the_largest_numbers_and_is_flat_at_zero() {
    for scale in [5e-324, 1e-310, 1e-200, 1.0, 1e200, 3e307] {
        let x = [3.0 * scale, 4.0 * scale];
        let all = values("norm(x)", &[("x", &[2], &x)], &order(1));
        assert!((all[0].1[0] / (5.0 * scale) - 1.0).abs() < 1e-15, "{scale:e}: {all:?}");
        assert!((all[1].1[0] - 0.6).abs() < 1e-15 && (all[1].1[1] - 0.8).abs() < 1e-15, "{scale:e}: {all:?}");
    }
    let rows: Given<'_> = ("x", &[2, 2], &[0.0, 0.0, 3.0, 4.0]);
    let all = values("norm(x, axis=1)", &[rows], &order(1));
    assert_eq!(all[0].1, [0.0, 5.0]);
    assert_eq!(all[1].1[..5], [0.0; 5]);
    let partly: Given<'_> = ("x", &[2], &[0.0, 2.0]);
    assert_eq!(values("norm(x)", &[partly], &order(2))[2].1, [0.5, 0.0, 0.0, 0.0]);
    for (_, zeros) in values("norm(x)", &[("x", &[2], &[0.0, 0.0])], &order(3)) {
        assert!(zeros.iter().all(|&x| x == 0.0), "{zeros:?}");
    }
    assert_eq!(values("norm(x)", &[("x", &[2], &[f64::INFINITY, 1.0])], &order(0))[0].1, [f64::INFINITY]);
}

#[test]
fn a_partial_has_the_extents_of_the_value_and_then_of_each_variable() {
    let settings = Settings { wrt: Some(vec!["x".into(), "c".into()]), ..order(2) };
    let partials = derive("c*sum(x^2)", &POINT, &settings).expect("it derives");
    let shapes: Vec<&[usize]> = (0..partials.wrt.len()).map(|i| partials.extents(i)).collect();
    let expected: [&[usize]; 6] =
        [&[2, 1], &[2, 1, 3], &[2, 1, 2, 1], &[2, 1, 3, 3], &[2, 1, 3, 2, 1], &[2, 1, 2, 1, 2, 1]];
    assert_eq!(partials.wrt, [vec![], vec![0], vec![1], vec![0, 0], vec![0, 1], vec![1, 1]]);
    assert_eq!(shapes, expected);
    assert!(!partials.are_numbers());
}

#[test]
fn a_variable_that_is_not_used_has_zeros_of_its_extents() {
    let settings = Settings { wrt: Some(vec!["A".into(), "none".into()]), ..order(1) };
    let partials = derive("x*s", &POINT, &settings).expect("it derives");
    assert_eq!((partials.extents(1), partials.extents(2)), (&[3, 2, 3][..], &[3][..]));
    let elements = partials.elements(|name, elements| {
        let given = POINT.iter().find(|given| given.0 == name).filter(|_| name != "A");
        given.inspect(|given| elements.extend(given.2)).is_some()
    });
    assert_eq!(elements.expect("x and s are there"), [[1.0, 2.0, 4.0].as_slice(), &[2.0], &[0.0; 6], &[0.0]].concat());
}

/// Against forward mode unsimplified, and three of them against numbers by hand.
#[test]
fn every_mode_and_level_gives_the_same_derivatives() {
    let texts = [
        "x^2",
        "A @ x",
        "sum(x*y)*x",
        "softmax(x)",
        "logsumexp(A, axis=0)",
        "norm(x - y)",
        "prod(y)",
        "max(A*x, axis=1)",
        "outer(x, y)[1]",
        "where(y > 0, x/(x @ x), s)",
        "trace(diag(x) @ B @ A)",
        "concat(stack(s, s^2), x[0]*exp(y))",
        "cumprod(y)*x",
        "cumsum(A*x, axis=1) @ y",
        "sort(x*sin(y + x))*x",
        "det(B @ A)*s",
        "solve(A @ B, A @ x)",
        "sum(cholesky(A @ transpose(A)))",
    ];
    for text in texts {
        let reference = values(text, &POINT, &Settings { level: Level::None, mode: Mode::Forward, ..order(2) });
        for mode in Mode::NESTED.into_iter().chain([Mode::Auto]) {
            for level in Level::ALL {
                let found = values(text, &POINT, &Settings { level, mode, ..order(2) });
                assert_eq!(found.len(), reference.len());
                for ((extents, x), (expected_extents, expected)) in found.iter().zip(&reference) {
                    assert_eq!(extents, expected_extents, "{text}, {}", mode.name());
                    let close = |(x, y): (&f64, &f64)| (x - y).abs() <= 1e-13 * y.abs().max(1.0);
                    assert!(x.iter().zip(expected).all(close), "{text}, {}, {level}: {x:?}", mode.name());
                }
            }
        }
    }
    assert_eq!(values("x^2", &POINT, &order(2))[1].1, [2.0, 0.0, 0.0, 0.0, 4.0, 0.0, 0.0, 0.0, 8.0]);
    assert_eq!(values("A @ x", &POINT, &order(1))[2].1, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    assert_eq!(values("prod(y)", &POINT, &order(2))[2].1, [0.0, 3.0, 0.0, 3.0, 0.0, -1.0, 0.0, -1.0, 0.0]);
}

#[test]
fn a_derivative_inside_is_of_numbers_by_numbers() {
    check("D(sum(x)*s^3, s, s)", &POINT, &[], &[84.0]);
    check("D(stack(s, s^2) @ stack(1, 2), s)*x", &POINT, &[3], &[9.0, 18.0, 36.0]);
    let all = values("D(norm(s*x), s)", &POINT, &order(1));
    assert!((all[0].1[0] - 21.0_f64.sqrt()).abs() < 1e-15, "{all:?}");
}

#[test]
fn shapes_that_do_not_fit_are_told_at_the_place() {
    let table = [
        ("1 + A*stack(s, s)", "shape", 6),
        ("x + (A @ x)", "shape", 3),
        ("s - (c + x)^transpose(A)", "shape", 12),
        ("atan2(A, B)", "shape", 1),
        ("1 + where(x < y, s, A @ x)", "shape", 5),
        ("where(x < stack(s, s), s, s)", "shape", 9),
        ("x*2 @ A", "shape", 5),
        ("s @ x", "shape", 3),
        ("x @ 2", "shape", 3),
        ("stack(T, T) @ B @ stack(T, T, T)", "shape", 17),
        ("dot(A, A)", "shape", 1),
        ("max(e)", "shape", 1),
        ("max(stack(e, e), axis=1)", "shape", 1),
        ("2*trace(x)", "shape", 3),
        ("diag(T)", "shape", 1),
        ("stack(x, A)", "shape", 1),
        ("concat(A, B)", "shape", 1),
        ("concat(s, x)", "shape", 1),
        ("sum(A, axis=2)", "axis", 1),
        ("sum(A, axis=-3)", "axis", 1),
        ("s + sum(s, axis=0)", "axis", 5),
        ("stack(x, y, axis=2)", "axis", 1),
        ("concat(x, y, axis=1)", "axis", 1),
        ("x[3]", "index", 2),
        ("x[-4]", "index", 2),
        ("s + A[0, 3]", "index", 6),
        ("A[0, 0, 0]", "index", 2),
        ("s[0]", "index", 2),
        ("e[0]", "index", 2),
        ("1 + D(x*s, s)", "type", 7),
        ("D(s^2, s, x)", "type", 11),
        ("det(A)", "shape", 1),
        ("s + inv(x)", "shape", 5),
        ("solve(A @ B, s)", "shape", 1),
        ("solve(A @ B, x)", "shape", 1),
        ("cumsum(x, axis=1)", "axis", 1),
        ("sort(s)", "axis", 1),
    ];
    for (text, code, column) in table {
        let error = derive(text, &POINT, &order(1)).err().unwrap_or_else(|| panic!("{text} fits"));
        let Error::Formula(error) = error else { panic!("{text}: {error}") };
        assert_eq!((error.code, error.column), (code, column), "{text}: {error}");
        assert!(error.help.is_some(), "{text}");
    }
}

#[test]
fn a_message_names_both_shapes() {
    let message = |text| derive(text, &POINT, &order(0)).expect_err("shapes differ").to_string();
    assert_eq!(message("A + (A @ x)"), "shapes [2,3] and [2] do not broadcast: extents 3 and 2");
    assert_eq!(message("B @ x"), "shapes [3,2] and [3] do not fit `@`: inner extents 2 and 3");
    assert_eq!(message("s @ x"), "`@` is of arrays, and here stands a number: number @ [3]");
    assert_eq!(message("A[1,3]"), "index 3 is out of range: axis 1 of shape [2,3] has 3");
    assert_eq!(message("sum(s, axis=0)"), "a number has no axis 0");
}

#[test]
fn sizes_beyond_the_limits_are_refused_before_anything_is_built() {
    let code = |text: &str, extents: &[usize], settings: &Settings| {
        let refused = derive(text, &[("x", extents, &[])], settings).err();
        refused.unwrap_or_else(|| panic!("{text} is small")).code()
    };
    let large = 1 << 20;
    assert_eq!(code("outer(x, x)", &[large], &order(0)), "limit");
    assert_eq!(code("diag(x)", &[large], &order(0)), "limit");
    assert_eq!(code("outer(x, x) @ stack(x, x, axis=1)", &[large], &order(0)), "limit");
    assert_eq!(code("x + transpose(x)", &[large, 1], &order(0)), "limit");
    assert_eq!(code("stack(x, x, x)", &[large, large >> 12, 0], &order(0)), "limit", "empty rows count");
    assert_eq!(code("x*2", &[1001], &order(1)), "limit", "a Jacobian of more than a million elements");
    assert_eq!(code("sum(x^2)", &[1001], &order(2)), "limit");
    assert_eq!(code("sum(x)", &[large], &Settings { mode: Mode::Forward, ..order(1) }), "limit", "too many sweeps");
    let few = Settings { max_elements: 8, ..order(1) };
    assert_eq!(code("x*2", &[3], &few), "limit");
    assert!(derive("sum(x)", &[("x", &[8], &[])], &few).is_ok());
}

#[test]
fn numbers_cost_what_they_did_before_arrays() {
    let nodes = |text: &str| derive(text, &[], &order(2)).expect("it derives").nodes;
    assert_eq!(nodes("ln(x1) + x1*x2 - sin(x2)").function, 5);
    assert_eq!(nodes("sum(x)"), nodes("x"));
    assert_eq!(nodes("max(x, y)"), nodes("max(y, x)"));
}
