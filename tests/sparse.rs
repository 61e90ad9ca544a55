//! Sparse derivatives: patterns cover what dense derivatives have, entries are theirs, and the number of products does not
//! grow with the size of what is local.

use std::sync::Arc;

use graph_core::{NodeId, Opcode, walk};
use testkit::sample::{Sample, samples};
use wengert::prelude::*;
use wengert::{Pattern, Sparse, einsum};

fn run(f: &Function, at: &[f64]) -> Vec<f64> {
    f.compile().and_then(|p| p.run(at)).unwrap_or_else(|e| panic!("{e}\n{}", f.text()))
}

fn differ(a: &[f64], b: &[f64]) -> bool {
    a.len() != b.len() || a.iter().zip(b).any(|(a, b)| (a - b).abs() > 1e-11 * b.abs().max(1.0))
}

/// The parameters by which all is differentiated, and how many elements each has.
fn sizes(f: &Function) -> (Vec<usize>, Vec<usize>) {
    let wrt = f.real_params();
    let sizes = wrt.iter().map(|&i| f.core().param_type(i).leaves()[0].shape.elements()).collect();
    (wrt, sizes)
}

/// One matrix, row by row, of blocks that lie one behind the other.
fn assembled(blocks: &[f64], rows: &[usize], columns: &[usize]) -> Vec<f64> {
    let width: usize = columns.iter().sum();
    let starts = |sizes: &[usize]| -> Vec<usize> {
        sizes.iter().scan(0, |sum, size| Some(std::mem::replace(sum, *sum + size))).collect()
    };
    let (mut dense, mut next) = (vec![0.0; rows.iter().sum::<usize>() * width], 0);
    for (row, &height) in starts(rows).iter().zip(rows) {
        for (column, &extent) in starts(columns).iter().zip(columns) {
            for (i, j) in (0..height).flat_map(|i| (0..extent).map(move |j| (i, j))) {
                dense[(row + i) * width + column + j] = blocks[next];
                next += 1;
            }
        }
    }
    dense
}

/// The dense Hessian by all parameters.
fn dense_hessian(f: &Function, at: &[f64]) -> Vec<f64> {
    let (wrt, sizes) = sizes(f);
    assembled(&run(&f.hessian(wrt).expect("a number"), at), &sizes, &sizes)
}

fn hessian_problem(sample: &Sample) -> Option<String> {
    let f = Function::from(sample.function.clone());
    let sparse = match f.sparse_hessian(f.real_params()) {
        Ok(sparse) => sparse,
        Err(e) => return Some(format!("{}: {e}", sample.name)),
    };
    let (found, expected) = (run(&sparse.function, &sample.at), dense_hessian(&f, &sample.at));
    let found = sparse.pattern.to_dense(&found);
    differ(&found, &expected).then(|| format!("{}: Hessian {found:?}, dense {expected:?}", sample.name))
}

/// Of every value on the way: a sample's one result depends on all, and would not tell one pattern from another.
fn jacobian_problem(sample: &Sample) -> Option<String> {
    let g = sample.function.graph();
    let real = |&x: &NodeId| g.ty(x).as_tensor().is_some_and(|t| t.dtype == DType::F64);
    let nodes: Vec<NodeId> = walk::ancestors(g, sample.function.results()).into_iter().filter(real).collect();
    let whole = graph_core::Function::new("whole", g, &nodes).expect("nodes of the graph");
    let f = Function::from(Arc::new(whole));
    let (wrt, columns) = sizes(&f);
    let rows: Vec<usize> = nodes.iter().map(|&x| g.shape(x).elements()).collect();
    let sparse = match f.sparse_jacobian(wrt.clone()) {
        Ok(sparse) => sparse,
        Err(e) => return Some(format!("{}: {e}", sample.name)),
    };
    let blocks = run(&f.jacobian(wrt).expect("reals"), &sample.at);
    let expected = assembled(&blocks, &rows, &columns);
    let found = sparse.pattern.to_dense(&run(&sparse.function, &sample.at));
    differ(&found, &expected).then(|| format!("{}: Jacobian {found:?}, dense {expected:?}", sample.name))
}

#[test]
fn every_op_has_the_entries_of_the_dense_matrices() {
    let all: Vec<Sample> = Opcode::all().iter().flat_map(|&op| samples(op)).collect();
    let problems: Vec<String> = all.iter().flat_map(|s| [hessian_problem(s), jacobian_problem(s)]).flatten().collect();
    assert!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n"));
}

fn vector(n: usize) -> [(&'static str, Type); 1] {
    [("x", Type::tensor(DType::F64, &[n]))]
}

fn part(x: Expr, start: usize, limit: usize) -> Expr {
    x.slice(&[start], &[limit], &[1])
}

fn rosenbrock(n: usize) -> Function {
    let body = |v: &[Expr]| {
        let (left, right) = (part(v[0], 0, n - 1), part(v[0], 1, n));
        ((right - left.square()).square() * 100.0 + (1.0 - left).square()).sum()
    };
    Function::new("rosenbrock", &vector(n), body).expect("a program")
}

/// A chain of springs that pull over three places: a band of seven.
fn banded(n: usize) -> Function {
    let body = |v: &[Expr]| {
        let reach = |k: usize| (part(v[0], k, n) - part(v[0], 0, n - k)).cosh().sum();
        reach(1) + reach(2) * 0.5 + reach(3) * 0.25 + v[0].sin().sum()
    };
    Function::new("banded", &vector(n), body).expect("a program")
}

fn start(n: usize) -> Vec<f64> {
    (0..n).map(|i| (0.37 * i as f64).sin()).collect()
}

#[test]
fn passes_do_not_depend_on_the_size() {
    for (make, passes, width) in [(rosenbrock as fn(usize) -> Function, 2, 3), (banded, 7, 7)] {
        for n in [8, 20, 40] {
            let f = make(n);
            let sparse = f.sparse_hessian("x").expect("a number");
            let found = sparse.pattern.to_dense(&run(&sparse.function, &start(n)));
            assert!(!differ(&found, &dense_hessian(&f, &start(n))), "{n}");
        }
        for n in [1000, 10_000] {
            let sparse = make(n).sparse_hessian("x").expect("a number");
            assert!(sparse.passes <= passes, "{n}: {}", sparse.passes);
            assert!(sparse.pattern.entries() <= width * n && sparse.pattern.column_pointers().len() == n + 1);
            let nodes = sparse.function.nodes();
            assert!(nodes < 300, "{n}: {nodes}");
        }
    }
}

/// On a square grid of springs (of sums, which are no selections) an acyclic colouring takes fewer products, and each entry is found from those of its
/// neighbours, which pays where products are dear; on a chain it would take as many rounds as half of the chain.
#[test]
fn entries_are_found_by_substitution_where_that_is_cheaper() {
    let grid = |n: usize| {
        let body = move |v: &[Expr]| {
            let x = v[0].reshape(&[n, n]);
            let pull = |dx: Expr| (1..20).fold(dx, |y, k| (y + 0.1 * f64::from(k)).sin() * dx).sum();
            pull(x.sum_pool(&[2, 1], &[1, 1], &[0, 0])) + pull(x.sum_pool(&[1, 2], &[1, 1], &[0, 0]))
        };
        Function::new("grid", &vector(n * n), body).expect("a program")
    };
    for n in [8, 12] {
        let f = grid(n);
        let direct = f.sparse_hessian("x").expect("a number");
        let sparse = f.sparse_hessian_by_substitution("x").expect("a number");
        assert!(direct.passes == 6 && sparse.passes <= 4, "{n}: {}, {}", direct.passes, sparse.passes);
        assert_eq!(direct.pattern, sparse.pattern);
        let found = sparse.pattern.to_dense(&run(&sparse.function, &start(n * n)));
        assert!(!differ(&found, &dense_hessian(&f, &start(n * n))), "{n}");
    }
    assert_eq!(rosenbrock(500).sparse_hessian_by_substitution("x").expect("a number").passes, 2);
}

/// Everything meets in one place: a dense row and column cost one colour, not one for each entry, and no quadratic time.
#[test]
fn a_dense_row_costs_one_colour() {
    let arrow = |n: usize| {
        let body = |v: &[Expr]| (v[0].at(0) * v[0].exp()).sum() + v[0].sin().sum();
        Function::new("arrow", &vector(n), body).expect("a program")
    };
    let f = arrow(9);
    let sparse = f.sparse_hessian("x").expect("a number");
    let found = sparse.pattern.to_dense(&run(&sparse.function, &start(9)));
    assert!(!differ(&found, &dense_hessian(&f, &start(9))));
    let n = 100_000;
    let sparse = arrow(n).sparse_hessian("x").expect("a number");
    assert_eq!((sparse.passes, sparse.pattern.entries()), (2, 3 * n - 2));
    // A Jacobian with a dense row is taken by rows, one with a dense column by columns.
    let bordered = |v: &[Expr]| concat(&[v[0].square(), v[0].sum_pool(&[n], &[1], &[0])], 0);
    let sparse = Function::new("f", &vector(n), bordered).and_then(|f| f.sparse_jacobian("x")).expect("real");
    assert_eq!((sparse.passes, sparse.pattern.entries()), (2, 2 * n));
    let bordered = |v: &[Expr]| concat(&[v[0].square(), v[0].sum().reshape(&[1])], 0);
    let sparse = Function::new("f", &vector(n), bordered).and_then(|f| f.sparse_jacobian("x")).expect("real");
    assert_eq!((sparse.passes, sparse.pattern.entries()), (1, 2 * n));
    let sparse = Function::new("f", &vector(n), |v| v[0].at(0) * v[0]).and_then(|f| f.sparse_jacobian("x"));
    assert_eq!(sparse.expect("real").passes, 2);
}

/// Programs of which each entry is a factor, or the sum of some: name, program of `x: [6]`, its selections, and whether it is
/// the Hessian of the sum of the results that is asked for.
type Local = (&'static str, fn(&Graph, Expr) -> Expr, usize, bool);

const LOCAL: &[Local] = &[
    ("slices of slices", |_, x| (part(x, 0, 5) * part(x, 1, 6)).slice(&[1], &[5], &[3]).exp(), 2, false),
    (
        "gathered, reversed, twice the same",
        |g, x| x.take(0, g.integers(&[4], &[5, 0, 0, 2])).sin().reverse(&[0]),
        1,
        false,
    ),
    ("a result that a sum collects", |_, x| (x.at(0) * x.square()).sum().reshape(&[1]), 2, false),
    ("many factors in an entry", |_, x| concat(&[x.at(2) * x, x], 0).sum().reshape(&[1]), 2, false),
    (
        "negated, subtracted, padded",
        |g, x| -(x.exp() - concat(&[g.constant(&[1], &[0.5]), part(x, 1, 6).square()], 0)),
        2,
        false,
    ),
    ("a matrix by rows and columns", |_, x| x.reshape(&[2, 3]).transpose().tanh() * x.reshape(&[3, 2]), 2, false),
    ("a branch that is not taken", |_, x| x.gt(10.0).select((x - 0.3).log() * x.sqrt(), x * x.at(1)), 2, false),
    ("in single precision between", |_, x| x.cast(DType::F32).cast(DType::F64) + x.square(), 1, false),
    ("a chain", |_, x| (part(x, 1, 6) - part(x, 0, 5).square()).square(), 2, true),
    ("a chain of chains", |_, x| ((part(x, 1, 6) * part(x, 0, 5)).sin() + part(x, 1, 6)).exp(), 2, true),
    ("scattered", |g, x| 2.0 * x.exp().scatter_add(0, g.integers(&[3], &[1, 1, 4]), part(x, 0, 3).sin()), 2, false),
];

#[test]
fn entries_of_local_programs_are_found_without_products() {
    for &(name, body, selections, of_sum) in LOCAL {
        let at: Vec<f64> = (0..6).map(|i| 0.3 + 0.17 * f64::from(i)).collect();
        let g = Graph::new();
        let y = body(&g, g.tensor("x", &[6]));
        let f = g.function("f", if of_sum { y.sum() } else { y }).unwrap_or_else(|e| panic!("{name}: {e}"));
        let (sparse, dense) = match of_sum {
            true => (f.sparse_hessian("x"), f.hessian("x")),
            false => (f.sparse_jacobian("x"), f.jacobian("x")),
        };
        let (sparse, dense) = (sparse.unwrap_or_else(|e| panic!("{name}: {e}")), dense.expect("it is real"));
        let (found, expected) = (sparse.pattern.to_dense(&run(&sparse.function, &at)), run(&dense, &at));
        assert!(!differ(&found, &expected), "{name}: {found:?}, dense {expected:?}");
        assert_eq!(sparse.passes, selections, "{name}");
        // A batch of products would have an axis of its own.
        let g = sparse.function.core().graph();
        let widest = g.nodes().iter().filter_map(|&id| g.ty(id).as_tensor()).map(|t| t.shape.rank()).max();
        assert!(widest <= Some(2), "{name}: {}", sparse.function.text());
    }
}

/// A rule of the user's may give a derivative whose Jacobian is not symmetric: each triangle is read where it stands.
#[test]
fn a_rule_that_is_no_gradient_keeps_both_triangles() {
    let params = [("a", Type::tensor(DType::F64, &[5])), ("b", Type::tensor(DType::F64, &[5]))];
    let product = Function::new("product", &params, |v| v[0] * v[1]);
    let product = product.and_then(|f| f.with_vjp(|v, _, ct| (ct[0] * v[1].square(), ct[0] * v[0])));
    let product = product.expect("the rule is linear");
    let at = [0.3, -1.2, 0.8, 2.0, 0.5, -0.7];
    // Directly, and by products, as sums under a window are no selections.
    let neighbours: [fn(Expr) -> Expr; 2] = [|x| part(x, 1, 6), |x| x.sum_pool(&[2], &[1], &[0])];
    for second in neighbours {
        let f = Function::new("f", &vector(6), |v| product.call(&[part(v[0], 0, 5), second(v[0])]).sum());
        let f = f.expect("a program");
        let expected = dense_hessian(&f, &at);
        assert!(expected[1] != expected[6], "{expected:?}");
        for sparse in [f.sparse_hessian("x"), f.sparse_hessian_by_substitution("x")] {
            let sparse = sparse.expect("a number");
            let found = sparse.pattern.to_dense(&run(&sparse.function, &at));
            assert!(!differ(&found, &expected), "{found:?}, dense {expected:?}");
        }
    }
}

/// Nothing, one element, and single precision.
#[test]
fn local_programs_of_any_size_and_precision() {
    for n in [0, 1, 2, 3] {
        for dtype in [DType::F64, DType::F32] {
            let f =
                Function::new("f", &[("x", Type::tensor(dtype, &[n]))], |v| v[0].square() * v[0]).expect("a program");
            let sparse = f.sparse_jacobian("x").expect("real");
            let at: Vec<f64> = (0..n).map(|i| i as f64 + 0.5).collect();
            let values = run(&sparse.function, &at);
            let expected: Vec<f64> = at.iter().map(|x| 3.0 * x * x).collect();
            assert_eq!((sparse.pattern.entries(), values), (n, expected), "{n}, {dtype}");
            let constant =
                Function::new("f", &[("x", Type::tensor(dtype, &[n]))], |v| v[0].floor()).expect("a program");
            let sparse = constant.sparse_jacobian("x").expect("real");
            assert_eq!((sparse.pattern.entries(), run(&sparse.function, &at)), (0, vec![]), "{n}, {dtype}");
        }
    }
}

/// Compressed columns and coordinates of a known matrix.
#[test]
fn patterns_are_what_sparse_matrices_take() {
    let f = Function::new("f", &vector(3), |v| (part(v[0], 0, 2) * part(v[0], 1, 3)).concat_with(v[0].square()));
    let Sparse { function, pattern, passes } = f.expect("a program").sparse_jacobian("x").expect("real");
    assert_eq!((pattern.rows(), pattern.columns(), pattern.entries(), passes), (5, 3, 7, 3));
    assert_eq!(pattern.column_pointers(), [0, 2, 5, 7]);
    assert_eq!(pattern.row_indices(), [0, 2, 0, 1, 3, 1, 4]);
    assert_eq!(pattern.coordinates().collect::<Vec<_>>(), [(0, 0), (2, 0), (0, 1), (1, 1), (3, 1), (1, 2), (4, 2)]);
    assert_eq!(run(&function, &[2.0, 3.0, 5.0]), [3.0, 4.0, 2.0, 5.0, 6.0, 3.0, 10.0]);
}

trait Concat {
    fn concat_with(self, other: Expr) -> Expr;
}

impl Concat for Expr {
    fn concat_with(self, other: Expr) -> Expr {
        concat(&[self, other], 0)
    }
}

/// Entry (i, j) of the pattern, as text: a row a line.
fn picture(pattern: &Pattern) -> String {
    let row = |i: usize| {
        let mark = |j: usize| if pattern.column(j).contains(&i) { 'x' } else { '.' };
        (0..pattern.columns()).map(mark).collect::<String>()
    };
    (0..pattern.rows()).map(row).collect::<Vec<_>>().join(" ")
}

#[test]
fn patterns_see_through_arrays() {
    let weights = [1.0, 0.0, 0.0, 2.0, 3.0, 0.0];
    type Body = fn(&Graph, Expr, &[f64]) -> Expr;
    let table: [(&str, Body, &str); 10] = [
        ("constant zeros", |g, x, w| g.constant(&[2, 3], w).matmul(x), "x.. xx."),
        ("masks", |g, x, _| x.cumsum(0) * g.constant(&[3], &[1.0, 0.0, 1.0]), "x.. ... xxx"),
        ("chosen", |g, x, _| g.constant(&[3], &[1.0, 0.0, 1.0]).gt(0.5).select(x, x.reverse(&[0])), "x.. .x. ..x"),
        ("indices", |g, x, _| x.take(0, g.integers(&[4], &[2, 0, 0, 1])), "..x x.. x.. .x."),
        ("scattered", |g, x, _| x.scatter_add(0, g.integers(&[2], &[2, 0]), x.slice(&[1], &[3], &[1])), "x.x .x. .xx"),
        ("windows", |_, x, _| x.reshape(&[1, 3]).sum_pool(&[2], &[1], &[1]).reshape(&[4]), "x.. xx. .xx ..x"),
        ("sorted", |_, x, _| x.sort(0), "xxx xxx xxx"),
        ("flat", |_, x, _| x.floor() + x.stop_gradient(), "... ... ..."),
        ("products", |_, x, _| einsum("i,j->ij", &[x, x]).reshape(&[9]), "x.. xx. x.x xx. .x. .xx x.x .xx ..x"),
        ("reduced", |_, x, _| stack(&[x.at(0), x.square().sum()]), "x.. xxx"),
    ];
    for (name, body, expected) in table {
        let g = Graph::new();
        let x = g.tensor("x", &[3]);
        let f = g.function("f", body(&g, x, &weights)).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(picture(&f.jacobian_pattern("x").expect("real")), expected, "{name}");
    }
}

/// The gradient of a sum of entries is a third derivative along a direction; a batch of sparse Hessians is one function.
#[test]
fn a_sparse_hessian_is_differentiated_and_batched() {
    let n = 12;
    let f = banded(n);
    let sparse = f.sparse_hessian("x").expect("a number");
    let g = Graph::new();
    let (x, v) = (g.tensor("x", &[n]), g.tensor("v", &[n]));
    let rows = g.integers(&[sparse.pattern.entries()], &indices(&sparse.pattern, |(i, _)| i));
    let columns = g.integers(&[sparse.pattern.entries()], &indices(&sparse.pattern, |(_, j)| j));
    let form = (sparse.function.call(&[x]) * v.take(0, rows) * v.take(0, columns)).sum();
    let by_entries = g.function("form", form).and_then(|f| f.grad("x")).expect("a number");
    let by_mode = f.directional("x", 2).and_then(|f| f.grad("x")).expect("a number");
    let at: Vec<f64> = start(2 * n);
    assert!(!differ(&run(&by_entries, &at), &run(&by_mode, &at)));
    let batch = run(&sparse.function.vmap(&[Some(0)], 2).expect("one axis"), &at);
    let each: Vec<f64> = at.chunks(n).flat_map(|x| run(&sparse.function, x)).collect();
    assert!(!differ(&batch, &each));
}

fn indices(pattern: &Pattern, of: impl Fn((usize, usize)) -> usize) -> Vec<i64> {
    pattern.coordinates().map(|place| of(place) as i64).collect()
}

#[test]
fn several_parameters_and_results_lie_side_by_side() {
    let params = [("a", Type::f64()), ("x", Type::tensor(DType::F64, &[3]))];
    let f = Function::new("f", &params, |v| (v[1] * v[0], v[1].at(2).exp())).expect("a program");
    let sparse = f.sparse_jacobian(["a", "x"]).expect("real");
    assert_eq!(picture(&sparse.pattern), "xx.. x.x. x..x ...x");
    let dense = sparse.pattern.to_dense(&run(&sparse.function, &[2.0, 1.0, 3.0, 0.0]));
    let expected = [1.0, 2.0, 0.0, 0.0, 3.0, 0.0, 2.0, 0.0, 0.0, 0.0, 0.0, 2.0, 0.0, 0.0, 0.0, 1.0];
    assert_eq!(dense, expected);
}

#[test]
fn what_has_no_sparse_derivative_says_why() {
    let params = [("x", Type::tensor(DType::F64, &[3])), ("n", Type::tensor(DType::I64, &[]))];
    let f = Function::new("f", &params, |v| v[0].sin()).expect("a program");
    let code = |e: Error| e.code();
    assert_eq!(f.sparse_hessian("x").map_err(code).err(), Some("not-scalar"));
    assert_eq!(f.sparse_jacobian("n").map_err(code).err(), Some("undefined"));
    assert_eq!(f.sparse_jacobian("y").map_err(code).err(), Some("parameter"));
    let whole = Function::new("f", &params, |v| v[0].gt(0.0)).expect("a program");
    assert_eq!(whole.sparse_jacobian("x").map_err(code).err(), Some("undefined"));
}

/// Single and double precision side by side, as results and as parameters; nothing at all; a parameter twice.
#[test]
fn precisions_mix_and_inputs_are_listed_once() {
    let params = [("x", Type::tensor(DType::F64, &[3])), ("y", Type::tensor(DType::F32, &[3]))];
    let at = [1.0, 2.0, 3.0, 0.5, 0.25, 4.0];
    let product = |v: &[Expr]| v[0] * v[1].cast(DType::F64);
    let f = Function::new("f", &params, |v| (product(v), v[1].square())).expect("a program");
    let sparse = f.sparse_jacobian(["x", "y"]).expect("reals");
    let blocks = run(&f.jacobian(["x", "y"]).expect("reals"), &at);
    let found = sparse.pattern.to_dense(&run(&sparse.function, &at));
    assert_eq!(found, assembled(&blocks, &[3, 3], &[3, 3]));
    let energy = Function::new("f", &params, |v| product(v).square().sum()).expect("a program");
    let sparse = energy.sparse_hessian(["x", "y"]).expect("a number");
    assert!(!differ(&sparse.pattern.to_dense(&run(&sparse.function, &at)), &dense_hessian(&energy, &at)));
    let row = energy.sparse_jacobian(["x", "y"]).expect("reals");
    assert_eq!(row.pattern.entries(), 6);
    assert!(!differ(&run(&row.function, &at), &run(&energy.grad(["x", "y"]).expect("a number"), &at)));
    for nothing in [f.sparse_jacobian(Vec::<usize>::new()), energy.sparse_hessian(Vec::<usize>::new())] {
        assert_eq!(run(&nothing.expect("no columns").function, &at), [0.0; 0]);
    }
    let code = |e: Error| e.code();
    assert_eq!(f.sparse_jacobian(["x", "x"]).map_err(code).err(), Some("repeated"));
    assert_eq!(energy.sparse_hessian(["y", "x", "y"]).map_err(code).err(), Some("repeated"));
    assert_eq!(energy.hessian_pattern(["x", "x"]).map_err(code).err(), Some("repeated"));
}
