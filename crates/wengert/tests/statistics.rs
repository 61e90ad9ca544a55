//! Statistics, normalisations and orders: values found with mpmath, derivatives where formulas of textbooks fail.

use wengert::prelude::*;
use wengert::{Mode, check_gradient};

const X: [f64; 4] = [0.3, -1.2, 2.5, 0.9];

/// The values of an expression of a vector.
fn values(at: &[f64], build: impl Fn(Expr) -> Expr) -> Vec<f64> {
    let g = Graph::new();
    let y = build(g.tensor("x", &[at.len()]));
    g.compile(y).and_then(|p| p.run(at)).unwrap_or_else(|e| panic!("{e}"))
}

/// The gradient of the sum of an expression of a vector.
fn gradient(at: &[f64], build: impl Fn(Expr) -> Expr) -> Vec<f64> {
    values(at, |x| grad(build(x).sum(), [x]).unwrap_or_else(|e| panic!("{e}"))[0])
}

/// The matrix of second derivatives of an expression of a vector, row by row.
fn second(at: &[f64], build: impl Fn(Expr) -> Expr) -> Vec<f64> {
    let row = |i: usize| gradient(at, |x| grad(build(x), [x]).unwrap_or_else(|e| panic!("{e}"))[0].at(i));
    (0..at.len()).flat_map(row).collect()
}

#[track_caller]
fn close(found: &[f64], expected: &[f64]) {
    let near =
        |(&a, &b): (&f64, &f64)| a == b || (a.is_nan() && b.is_nan()) || (a - b).abs() <= 4e-15 * b.abs().max(1e-3);
    assert!(found.len() == expected.len() && found.iter().zip(expected).all(near), "{found:?}, not {expected:?}");
}

#[test]
fn statistics_have_their_values() {
    close(&values(&X, |x| x.mean(&[0])), &[0.625]);
    close(&values(&X, |x| x.var(&[0])), &[1.756875]);
    close(&values(&X, |x| x.std(&[0])), &[1.3254716141811562]);
    close(
        &gradient(&X, |x| x.std(&[0])),
        &[-0.0612989362659375, -0.3442171036471875, 0.3536477092265625, 0.0518683306865625],
    );
    close(&values(&X, |x| x.norm(&[0])), &[2.930870177950569]);
    close(&values(&X, |x| x.logsumexp(&[0])), &[2.790744779692665]);
    close(
        &values(&X, |x| x.softmax(0)),
        &[0.08284823990498645, 0.018485941038015163, 0.7477064835468594, 0.15095933551013901],
    );
    close(
        &values(&X, |x| x.log_softmax(0)),
        &[-2.4907447796926654, -3.9907447796926654, -0.2907447796926654, -1.8907447796926653],
    );
    close(
        &values(&X, |x| x.layer_norm(&[0], 0.01)),
        &[-0.24450089210436474, -1.3729665479706636, 1.4105820698328735, 0.20688537024215478],
    );
    let matrix = |x: Expr| x.reshape(&[2, 2]);
    close(&values(&X, |x| matrix(x).mean(&[0])), &[1.4, -0.15]);
    close(&values(&X, |x| matrix(x).var(&[1])), &[0.5625, 0.64]);
}

#[test]
fn everything_is_differentiated_to_order_three_in_every_mode() {
    type Build = fn(Expr) -> Expr;
    let builders: [(&str, Build); 12] = [
        ("var", |x| x.var(&[1])),
        ("std", |x| x.std(&[1])),
        ("norm", |x| x.norm(&[0, 1])),
        ("logsumexp", |x| x.logsumexp(&[1])),
        ("softmax", |x| x.softmax(0)),
        ("log_softmax", |x| x.log_softmax(1)),
        ("layer_norm", |x| x.layer_norm(&[1], 0.1)),
        ("cross_entropy", |x| x.cross_entropy(x * x, 1)),
        ("class_cross_entropy", |x| x.class_cross_entropy(x.argsort(0).at(0), 0)),
        ("median", |x| x.square().median(1)),
        ("top_k", |x| (x * x.sin()).top_k(2, 1).0),
        ("sorted_products", |x| x.sort(1).cumprod(1) * x),
    ];
    for (name, build) in builders {
        let g = Graph::new();
        let x = g.tensor("x", &[6]);
        let y = build((x + x * x * 0.1).reshape(&[2, 3]));
        let f = g.function(name, (y + y * y * 0.25).sum()).unwrap_or_else(|e| panic!("{name}: {e}"));
        let outcome = check_gradient(&f, &[0.7, -1.2, 0.4, 1.1, -0.3, 0.9], 3, &Mode::NESTED);
        let outcome = outcome.unwrap_or_else(|e| panic!("{name}: {e}"));
        assert!(!outcome.checked.is_empty());
        for c in outcome.checked {
            assert!(c.agrees(), "{name}: {c:?}");
        }
    }
}

#[test]
fn equal_numbers_vary_by_nothing_at_all() {
    for at in [0.1, 1e16 / 3.0, -7.3] {
        assert_eq!(values(&[at; 3], |x| x.var(&[0])), [0.0]);
        assert_eq!(gradient(&[at; 3], |x| x.var(&[0])), [0.0; 3]);
        assert_eq!(values(&[at; 3], |x| x.std(&[0])), [0.0]);
        assert_eq!(gradient(&[at; 3], |x| x.std(&[0])), [0.0; 3]);
    }
    assert!(values(&[], |x| x.mean(&[0]))[0].is_nan());
}

#[test]
fn norms_neither_overflow_nor_have_a_slope_at_the_origin() {
    assert_eq!(gradient(&[0.0; 3], |x| x.norm(&[0])), [0.0; 3]);
    for scale in [1e200, 1e-200, 3e307, 5e-324] {
        let norm = values(&[3.0 * scale, -4.0 * scale], |x| x.norm(&[0]))[0];
        assert!((norm / scale - 5.0).abs() < 1e-14, "{norm:e} for {scale:e}");
    }
    close(&gradient(&[3e200, -4e200], |x| x.norm(&[0])), &[0.6, -0.8]);
    close(&gradient(&[3e-200, -4e-200], |x| x.norm(&[0])), &[0.6, -0.8]);
    close(&second(&[0.0, 3.0, 4.0], |x| x.norm(&[0])), &[0.2, 0.0, 0.0, 0.0, 0.128, -0.096, 0.0, -0.096, 0.072]);
    assert!(values(&[f64::NAN, 1.0], |x| x.norm(&[0]))[0].is_nan());
    assert_eq!(values(&[f64::NEG_INFINITY, 1.0], |x| x.norm(&[0])), [f64::INFINITY]);
    assert_eq!(values(&[], |x| x.norm(&[0])), [0.0]);
}

#[test]
fn log_sum_exp_does_not_overflow_at_any_order() {
    let none = f64::NEG_INFINITY;
    let sum = |x: Expr| x.logsumexp(&[0]);
    close(&values(&[1000.0, 1000.0, -1000.0], sum), &[1000.6931471805599]);
    close(&gradient(&[1000.0, 1000.0, -1000.0], sum), &[0.5, 0.5, 0.0]);
    close(&second(&[1000.0, 1000.0], sum), &[0.25, -0.25, -0.25, 0.25]);
    close(&second(&[-1000.0, -1000.0], sum), &[0.25, -0.25, -0.25, 0.25]);
    close(&values(&[none, 3.7, none], sum), &[3.7]);
    close(&gradient(&[none, 3.7, none], sum), &[0.0, 1.0, 0.0]);
    assert_eq!(values(&[none, none], sum), [none]);
    assert_eq!(gradient(&[none, none], sum), [0.0, 0.0]);
    assert_eq!(values(&[], sum), [none]);
    assert_eq!(values(&[f64::INFINITY, 0.0], sum), [f64::INFINITY]);
    assert!(values(&[f64::NAN, none], sum)[0].is_nan());
    close(&values(&[1000.0, none, 0.0], |x| x.log_softmax(0)), &[0.0, none, -1000.0]);
}

#[test]
fn an_impossible_class_that_is_not_asked_for_costs_nothing() {
    let (none, target) = (f64::NEG_INFINITY, [0.25, 0.0, 0.75]);
    let loss = |x: Expr, g: &Graph| x.cross_entropy(g.constant(&[3], &target), 0);
    let g = Graph::new();
    let x = g.tensor("x", &[3]);
    let y = loss(x, &g);
    let [d] = grad(y, [x]).unwrap_or_else(|e| panic!("{e}"));
    let out = g.compile((y, d)).and_then(|p| p.run(&[2.0, none, 2.0])).unwrap_or_else(|e| panic!("{e}"));
    close(&out, &[2.0f64.ln(), 0.25, 0.0, -0.25]);
}

/// The loss and its gradient for logits in two rows.
fn class_loss(logits: &[f64], axis: usize, classes: &[i64]) -> Vec<f64> {
    let g = Graph::new();
    let x = g.tensor("x", &[2, logits.len() / 2]);
    let loss = x.class_cross_entropy(g.integers(&[classes.len()], classes), axis);
    let [d] = grad(loss.sum(), [x]).unwrap_or_else(|e| panic!("{e}"));
    g.compile((loss, d)).and_then(|p| p.run(logits)).unwrap_or_else(|e| panic!("{e}"))
}

#[test]
fn a_loss_for_known_classes_is_that_for_certain_targets() {
    let logits = [0.3, -1.2, 2.5, 0.9, 0.0, -0.7];
    for (axis, classes, target) in
        [(1, vec![2, 0], [0.0, 0.0, 1.0, 1.0, 0.0, 0.0]), (0, vec![1, 1, 0], [0.0, 0.0, 1.0, 1.0, 1.0, 0.0])]
    {
        let g = Graph::new();
        let x = g.tensor("x", &[2, 3]);
        let loss = x.cross_entropy(g.constant(&[2, 3], &target), axis);
        let [d] = grad(loss.sum(), [x]).unwrap_or_else(|e| panic!("{e}"));
        let certain = g.compile((loss, d)).and_then(|p| p.run(&logits)).unwrap_or_else(|e| panic!("{e}"));
        close(&class_loss(&logits, axis, &classes), &certain);
    }
    let loss = [0.12709658280048583, 0.475281040267448];
    close(&class_loss(&logits, 1, &[2, 0])[..2], &loss);
}

#[test]
fn a_loss_for_known_classes_holds_at_extremes() {
    let none = f64::NEG_INFINITY;
    let far = class_loss(&[1000.0, 0.0, -1000.0, none, 1.0, 1.0], 1, &[1, 2]);
    close(&far, &[1000.0, 2f64.ln(), 1.0, -1.0, 0.0, 0.0, 0.5, -0.5]);
    assert_eq!(class_loss(&[0.0, none, none, 1.0], 1, &[1, 1])[..2], [f64::INFINITY, 0.0]);
    let faint = class_loss(&[40.0, 0.0, 0.0, 40.0], 1, &[1, 0]);
    close(&faint, &[40.0, 40.0, 1.0, -1.0, -1.0, 1.0]);
}

#[test]
fn classes_are_integers_in_range_one_for_each_row() {
    let code = |shape: &[usize], classes: &[i64]| {
        let g = Graph::new();
        let loss = g.tensor("x", &[2, 3]).class_cross_entropy(g.integers(shape, classes), 1);
        g.compile(loss).map(|_| ()).unwrap_err()
    };
    assert_eq!(code(&[2], &[0, 3]).code(), "attribute");
    assert_eq!(code(&[2], &[0, -1]).code(), "attribute");
    let shapes = code(&[3], &[0, 1, 2]).to_string();
    assert!(
        shapes.contains("class_cross_entropy f64[2,3], i64[3]") && shapes.contains("each place of [2]"),
        "{shapes}"
    );
    let g = Graph::new();
    let x = g.tensor("x", &[2, 3]);
    let chosen = x.class_cross_entropy(g.param("c", Type::tensor(DType::I64, &[2])), 1);
    let late = g.compile(chosen).and_then(|p| p.run(&[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 3.0]));
    assert_eq!(late.map_err(|e| e.code()), Err("index"));
    let g = Graph::new();
    let one = g.tensor("x", &[2]).class_cross_entropy(1.0, 0);
    close(&g.compile(one).and_then(|p| p.run(&[0.0, 0.0])).unwrap_or_else(|e| panic!("{e}")), &[2f64.ln()]);
}

#[test]
fn orders_have_their_elements_and_places() {
    let x = [4.0, 1.0, 3.0, 1.0, 5.0, 9.0];
    let rows = |x: Expr| x.reshape(&[2, 3]);
    assert_eq!(values(&x, |x| rows(x).sort(1)), [1.0, 3.0, 4.0, 1.0, 5.0, 9.0]);
    assert_eq!(values(&x, |x| rows(x).argsort(0)), [1.0, 0.0, 0.0, 0.0, 1.0, 1.0]);
    assert_eq!(values(&x, |x| rows(x).top_k(2, 1).1), [0.0, 2.0, 2.0, 1.0]);
    assert_eq!(values(&x, |x| x.median(0)), [3.5]);
    assert_eq!(gradient(&x, |x| x.median(0)), [0.5, 0.0, 0.5, 0.0, 0.0, 0.0]);
    assert!(values(&[1.0, f64::NAN, 2.0], |x| x.median(0))[0].is_nan());
    let g = Graph::new();
    let y = g.tensor("y", &[0]).median(0);
    assert!(g.compile(y).is_err(), "nothing has no median");
}
