//! Elements that indices choose, diagonals and triangles: values as NumPy has them, derivatives to order three in every
//! mode where zeros, repeated indices and missing elements tempt to go wrong, and what is refused.

use wengert::prelude::*;
use wengert::{GatherSpec, Mode, OutOfRange, Scatter, Shape, Type, check_gradient};

/// All results at a point.
fn run(g: &Graph, results: impl Structure<Expr>, at: &[f64]) -> Vec<f64> {
    g.compile(results).and_then(|p| p.run(at)).unwrap_or_else(|e| panic!("{e}"))
}

/// The value of an expression of one tensor.
fn values(shape: &[usize], at: &[f64], build: impl Fn(&Graph, Expr) -> Expr) -> Vec<f64> {
    let g = Graph::new();
    let y = build(&g, g.tensor("x", shape));
    run(&g, y, at)
}

fn counted(n: usize) -> Vec<f64> {
    (1..=n).map(|i| i as f64).collect()
}

/// The first mistake of a graph in which this is built, without its place.
fn mistake(build: impl Fn(&Graph, Expr) -> Expr) -> String {
    let g = Graph::new();
    let x = g.tensor("x", &[2, 3]);
    let y = build(&g, x);
    let mistake = g.compile(y).expect_err("a mistake");
    assert!(mistake.site().is_some(), "{mistake}");
    mistake.to_string().split(" (at ").next().unwrap_or_default().to_string()
}

#[test]
fn take_reads_along_an_axis_in_the_shape_of_the_indices() {
    let x = counted(6);
    let taken = |axis: usize, shape: &'static [usize], indices: &'static [i64]| {
        values(&[2, 3], &x, |g, x| {
            let y = x.take(axis, g.integers(shape, indices));
            let expected: Vec<usize> = [&[2, 3][..axis], shape, &[2, 3][axis + 1..]].concat();
            assert_eq!(y.shape(), Some(expected));
            y
        })
    };
    assert_eq!(taken(0, &[3], &[1, 0, 1]), [4.0, 5.0, 6.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    assert_eq!(taken(1, &[2], &[2, 0]), [3.0, 1.0, 6.0, 4.0]);
    assert_eq!(taken(1, &[1, 2], &[2, 0]), [3.0, 1.0, 6.0, 4.0]);
    assert_eq!(taken(1, &[], &[1]), [2.0, 5.0]);
    assert_eq!(taken(0, &[0], &[]), []);
    assert_eq!(values(&[2, 3], &x, |_, x| x.take(0, 1.0)), [4.0, 5.0, 6.0], "a plain number is an index, too");
    assert_eq!(values(&[0, 3], &[], |g, x| x.take(0, g.integers(&[0], &[]))), []);
}

#[test]
fn what_is_taken_along_an_axis_is_put_back_along_it() {
    let at = [3.0, 1.0, 2.0, 4.0, 6.0, 5.0];
    let back = values(&[2, 3], &at, |_, x| {
        let (order, sorted) = (x.argsort(1), x.sort(1));
        (x * 0.0).scatter_along_axis(Scatter::Set, 1, order, sorted)
    });
    assert_eq!(back, at);
    let largest = values(&[2, 3], &at, |g, x| x.take_along_axis(1, g.integers(&[2, 1], &[0, 1])));
    assert_eq!(largest, [3.0, 6.0]);
}

#[test]
fn windows_start_where_an_expression_says() {
    let g = Graph::new();
    let (x, n) = (g.tensor("x", &[3, 4]), g.param("n", Type::tensor(DType::I64, &[])));
    let y = x.dynamic_slice(&[n, n + 1.0], &[2, 2]);
    let z = x.dynamic_update(&[n, 0.0.into()], y * 100.0);
    let at = |n: f64| [counted(12), vec![n]].concat();
    let program = g.compile((y, z)).expect("a program");
    let found = program.run(&at(1.0)).expect("a window that fits");
    assert_eq!(found[..4], [7.0, 8.0, 11.0, 12.0]);
    assert_eq!(found[4..], [1.0, 2.0, 3.0, 4.0, 700.0, 800.0, 7.0, 8.0, 1100.0, 1200.0, 11.0, 12.0]);
    let missed = program.run(&at(2.0)).map_err(|e| (e.code(), e.to_string()));
    let why = "a window of 2 at index 2 is out of range along axis 0 of 3 element(s); indices count from 0; `out` says \
               what else to do";
    let (code, message) = missed.expect_err("a window that does not fit");
    assert!(code == "index" && message.ends_with(why), "{message}");
    assert_eq!(values(&[], &[7.0], |_, x| x.dynamic_slice(&[], &[])), [7.0]);
}

#[test]
fn one_hot_rows_have_their_one_at_the_index() {
    let g = Graph::new();
    let i = g.integers(&[2, 2], &[2, 0, 1, 1]);
    let rows = [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 1.0, 0.0]].concat();
    assert_eq!(run(&g, i.one_hot(3), &[]), rows);
    assert_eq!(run(&g, g.integers(&[], &[1]).one_hot(2), &[]), [0.0, 1.0]);
    assert_eq!(run(&g, g.integers(&[0], &[]).one_hot(2), &[]), []);
}

#[test]
fn diagonals_lie_where_numpy_has_them() {
    let x = counted(6);
    let part = |offset| values(&[2, 3], &x, |_, x| x.diag(offset));
    assert_eq!(
        [-3, -2, -1, 0, 1, 2, 3, 9].map(part),
        [vec![], vec![], vec![4.0], vec![1.0, 5.0], vec![2.0, 6.0], vec![3.0], vec![], vec![]]
    );
    let matrix = |offset| values(&[2], &[7.0, 8.0], |_, x| x.diag(offset));
    assert_eq!(matrix(0), [7.0, 0.0, 0.0, 8.0]);
    assert_eq!(matrix(1), [0.0, 7.0, 0.0, 0.0, 0.0, 8.0, 0.0, 0.0, 0.0]);
    assert_eq!(matrix(-1), [0.0, 0.0, 0.0, 7.0, 0.0, 0.0, 0.0, 8.0, 0.0]);
    assert_eq!(values(&[0], &[], |_, x| x.diag(-2)), [0.0; 4], "a matrix without a diagonal");
    let batch = values(&[2, 2], &[1.0, 2.0, 3.0, 4.0], |_, x| x.diag_embed(0));
    assert_eq!(batch, [1.0, 0.0, 0.0, 2.0, 3.0, 0.0, 0.0, 4.0]);
    let parts = values(&[2, 2, 3], &counted(12), |_, x| x.diag_part(1));
    assert_eq!(parts, [2.0, 6.0, 8.0, 12.0]);
}

#[test]
fn triangles_keep_what_numpy_keeps() {
    let x = counted(6);
    let lower = |offset| values(&[2, 3], &x, |_, x| x.tril(offset));
    assert_eq!(lower(0), [1.0, 0.0, 0.0, 4.0, 5.0, 0.0]);
    assert_eq!(lower(-1), [0.0, 0.0, 0.0, 4.0, 0.0, 0.0]);
    assert_eq!(lower(isize::MAX), x[..]);
    let upper = |offset| values(&[2, 3], &x, |_, x| x.triu(offset));
    assert_eq!(upper(1), [0.0, 2.0, 3.0, 0.0, 0.0, 6.0]);
    assert_eq!(upper(isize::MIN), x[..]);
    assert_eq!(upper(isize::MAX), [0.0; 6]);
    let g = Graph::new();
    assert_eq!(run(&g, g.tri(2, 3, 1), &[]), [1.0, 1.0, 0.0, 1.0, 1.0, 1.0]);
}

#[test]
fn what_a_triangle_drops_has_derivative_zero_even_at_an_infinite_slope() {
    let slopes = values(&[2, 2], &[4.0, 0.0, 4.0, 4.0], |_, x| {
        grad(x.sqrt().tril(0).sum(), [x]).unwrap_or_else(|e| panic!("{e}"))[0]
    });
    assert_eq!(slopes, [0.25, 0.0, 0.25, 0.25]);
}

#[test]
fn an_index_out_of_range_fails_in_a_branch_that_is_not_taken_too() {
    let g = Graph::new();
    let (x, n) = (g.tensor("x", &[3]), g.param("n", Type::tensor(DType::I64, &[])));
    let inside = n.lt(3.0);
    let element = inside.select(x.take(0, n), 0.0);
    let choice = x.take(0, inside.select(n, g.integers(&[], &[0])));
    let run = |y: Expr, n: f64| g.compile(y).and_then(|p| p.run(&[4.0, 5.0, 6.0, n])).map_err(|e| e.code());
    assert_eq!([run(element, 1.0), run(element, 3.0)], [Ok(vec![5.0]), Err("index")]);
    assert_eq!([run(choice, 1.0), run(choice, 3.0)], [Ok(vec![5.0]), Ok(vec![4.0])], "choose between indices");
}

/// The derivatives up to order three agree with differences and among all modes, and are finite.
fn smooth(at: &[f64], build: impl Fn(&Graph, Expr) -> Expr) {
    let g = Graph::new();
    let y = build(&g, g.tensor("x", &[at.len()]));
    let f = g.function("f", y.exp().sum()).unwrap_or_else(|e| panic!("{e}"));
    let outcome = check_gradient(&f, at, 3, &Mode::ALL[1..]).unwrap_or_else(|e| panic!("{e}"));
    assert!(outcome.checked.len() >= 3 * (Mode::ALL.len() - 1), "{} checks", outcome.checked.len());
    for c in &outcome.checked {
        assert!(c.agrees() && c.derivative.is_finite(), "{c:?}");
        let first = outcome.checked.iter().find(|other| other.order == c.order).expect("itself at least");
        assert!((first.derivative - c.derivative).abs() <= 1e-12 * first.derivative.abs().max(1.0), "{c:?}");
    }
}

#[test]
fn products_with_zeros_and_repeated_indices_are_polynomials_at_order_three() {
    for at in [[0.5, 0.0, -0.3, 0.7, 0.2], [0.0; 5], [0.0, 0.4, 0.0, 0.0, 0.6]] {
        smooth(&at, |g, x| {
            let updates = x.take(0, g.integers(&[4], &[1, 2, 3, 4]));
            x.scatter_mul(0, g.integers(&[4], &[0, 0, 2, 0]), updates)
        });
    }
}

#[test]
fn every_builder_has_derivatives_to_order_three() {
    let at = [0.5, -0.2, 0.3, 0.7, -0.4, 0.1];
    let square = |x: Expr| x.reshape(&[2, 3]);
    smooth(&at, |g, x| square(x).take(1, g.integers(&[2], &[2, 2])));
    smooth(&at, |g, x| square(x).take_along_axis(0, g.integers(&[1, 3], &[1, 0, 1])));
    smooth(&at, |_, x| square(x).dynamic_slice(&[1.0.into(), 0.0.into()], &[1, 2]));
    smooth(&at, |_, x| {
        let patch = square(x).dynamic_slice(&[1.0.into(), 0.0.into()], &[1, 2]);
        square(x).dynamic_update(&[0.0.into(), 1.0.into()], patch)
    });
    smooth(&at, |g, x| x.scatter_set(0, g.integers(&[2], &[3, 3]), x.take(0, g.integers(&[2], &[0, 1]))));
    smooth(&at, |g, x| x.scatter_max(0, g.integers(&[2], &[3, 3]), x.take(0, g.integers(&[2], &[0, 1]))));
    smooth(&at, |g, x| {
        square(x).scatter_along_axis(
            Scatter::Min,
            1,
            g.integers(&[2, 1], &[2, 0]),
            square(x).take(1, 1.0).reshape(&[2, 1]),
        )
    });
    smooth(&at, |_, x| square(x).triu(1).diag_part(1).diag(-1));
}

#[test]
fn updates_broadcast_and_have_the_derivative_of_all_their_uses() {
    let g = Graph::new();
    let (x, u) = (g.tensor("x", &[2, 3]), g.scalar("u"));
    let y = x.scatter_add(1, g.integers(&[2], &[2, 2]), u);
    let [d] = grad(y.sum(), [u]).unwrap_or_else(|e| panic!("{e}"));
    let found = run(&g, (y, d), &[counted(6), vec![10.0]].concat());
    assert_eq!(found, [1.0, 2.0, 23.0, 4.0, 5.0, 26.0, 4.0]);
}

#[test]
fn single_precision_stays_single() {
    let g = Graph::new();
    let x = g.tensor("x", &[3]).cast(DType::F32);
    let y = x.scatter_mul(0, g.integers(&[2], &[1, 1]), x.take(0, g.integers(&[2], &[0, 2])));
    assert_eq!(y.ty(), Some(Type::tensor(DType::F32, &[3])));
    assert_eq!(x.diag(1).ty(), Some(Type::tensor(DType::F32, &[4, 4])));
    assert_eq!(run(&g, y, &[1.0, 2.0, 0.1]), [1.0, f64::from(2.0f32 * 0.1f32), f64::from(0.1f32)]);
}

#[test]
fn what_lies_out_of_range_is_left_out_or_moved_when_that_is_asked_for() {
    let spec = |out| GatherSpec { out, ..GatherSpec::take(&Shape::new(&[3]), 0, 1) };
    let read = |out| values(&[3], &[4.0, 5.0, 6.0], |g, x| x.gather(g.integers(&[2], &[-1, 3]), spec(out)));
    assert_eq!(read(OutOfRange::Clamp), [4.0, 6.0]);
    assert_eq!(read(OutOfRange::Skip), [0.0, 0.0]);
    let written = values(&[3], &[4.0, 5.0, 6.0], |g, x| {
        let indices = g.integers(&[2], &[-1, 1]);
        x.scatter(Scatter::Add, indices, g.constant(&[2], &[10.0, 20.0]), spec(OutOfRange::Skip))
    });
    assert_eq!(written, [4.0, 25.0, 6.0]);
}

#[test]
fn builders_refuse_with_shapes_and_a_way_out() {
    let two = |g: &Graph| g.integers(&[2], &[0, 1]);
    let cases: [(String, &str); 13] = [
        (
            mistake(|g, x| x.take(2, two(g))),
            "bad attribute in `take f64[2,3], i64[2]`: axis 2 of an operand of shape [2,3]; axes count from 0",
        ),
        (
            mistake(|g, x| x.take(0, g.integers(&[2], &[0, 2]))),
            "bad attribute in `gather %x: f64[2,3], %0: i64[2] {offset=[1], collapsed=[0], start_map=[0], index_axis=1, sizes=[1,3]}`: index 2 is out of range along axis 0 of 2 element(s); \
             indices count from 0; `out` says what else to do",
        ),
        (
            mistake(|_, x| x.take(0, 0.5)),
            "dtype mismatch in `gather %x: f64[2,3], %0: f64 {offset=[0], collapsed=[0], start_map=[0], index_axis=0, sizes=[1,3]}`: indices are i64, not f64; `cast` them",
        ),
        (
            mistake(|g, x| x.take_along_axis(1, g.integers(&[3, 2], &[0; 6]))),
            "bad attribute in `take_along_axis f64[2,3], i64[3,2]`: indices [3,2] and operand [2,3] differ along more \
             than axis 1; `take` reads with indices of any shape",
        ),
        (
            mistake(|_, x| x.dynamic_slice(&[0.0.into()], &[1, 2])),
            "bad attribute in `dynamic_slice f64[2,3], i64[1]`: 1 start(s) and a window of shape [1,2] for an operand of \
             shape [2,3]; give one of each for each axis, the window an extent of 1 where it is thin",
        ),
        (
            mistake(|_, x| x.dynamic_slice(&[1.0.into(), 0.0.into()], &[2, 3])),
            "bad attribute in `gather %x: f64[2,3], %0: i64[2] {offset=[0,1], collapsed=[], start_map=[0,1], index_axis=0, sizes=[2,3]}`: a window of 2 at index 1 is out of range along axis 0 of 2 \
             element(s); indices count from 0; `out` says what else to do",
        ),
        (
            mistake(|_, x| x.dynamic_update(&[0.0.into(), 0.0.into()], x.transpose())),
            "bad attribute in `dynamic_update f64[2,3], i64[2]`: a window of shape [3,2] does not fit into [2,3] along \
             axis 0; make it smaller",
        ),
        (
            mistake(|g, x| x.scatter_add(0, two(g), x.transpose())),
            "shape mismatch in `scatter_add %x: f64[2,3], %0: i64[2], %1: f64[3,2] {offset=[1], collapsed=[0], start_map=[0], index_axis=1, sizes=[1,3]}`: the windows are [2,3], the updates \
             [3,2]; an update is as large as its window",
        ),
        (
            mistake(|g, _| g.integers(&[1], &[3]).one_hot(3)),
            "bad attribute in `scatter_set %1: f64[1,3], %0: i64[1], %3: f64[1] {offset=[], collapsed=[1], start_map=[1], index_axis=1, sizes=[1,1], operand_batch=[0], indices_batch=[0]}`: index 3 is out of range along axis 1 of \
             3 element(s); indices count from 0; `out` says what else to do",
        ),
        (
            mistake(|_, x| x.reshape(&[1, 2, 3]).diag(0)),
            "shape mismatch in `diag f64[1,2,3]`: f64[1,2,3] is neither a vector nor a matrix; `diag_part` and \
             `diag_embed` take the last axes of any rank",
        ),
        (
            mistake(|_, x| x.sum().diag_embed(0)),
            "shape mismatch in `diag_embed f64`: f64 has no axis for a diagonal to lie along; `reshape` it to [1]",
        ),
        (
            mistake(|_, x| x.at(0).tril(0)),
            "shape mismatch in `tril f64[3]`: f64[3] has no matrices along its last two axes; `reshape` it",
        ),
        (
            mistake(|_, x| wengert::tuple(&[x]).diag_part(0)),
            "shape mismatch in `diag_part (f64[2,3])`: (f64[2,3]) is a structure; take the part you mean with `get`",
        ),
    ];
    for (found, expected) in cases {
        assert_eq!(found, expected);
    }
}
