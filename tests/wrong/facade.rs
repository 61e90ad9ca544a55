//! Expressions of the library: every builder, misused. The message gives the line of the mistake, also where it is asked
//! for much later.

use std::panic::Location;

use graph_core::op::{Cumulate, Reduce, ReduceWindow};
use wengert::prelude::*;
use wengert::{ConvSpec, DotSpec, Slide, Test, WindowSpec, dependence, random, sort_together};

use super::Case;

/// What a closure that makes a mistake gives back.
pub trait Outcome {
    fn error(self, g: &Graph) -> Option<Error>;
}

impl Outcome for Expr {
    fn error(self, g: &Graph) -> Option<Error> {
        g.function("f", self).err()
    }
}

impl<T> Outcome for Result<T, Error> {
    fn error(self, _: &Graph) -> Option<Error> {
        self.err()
    }
}

/// A mistake made by a closure that starts on the line of the call. The message must name a line not far below.
#[track_caller]
pub fn case<O: Outcome>(name: &'static str, wrong: impl FnOnce(&Graph) -> O) -> Case {
    let here = Location::caller();
    Case::new(name, || {
        let g = Graph::new();
        let error = wrong(&g).error(&g).unwrap_or_else(|| panic!("it is accepted"));
        let (code, message) = (error.code(), error.to_string());
        let site = error.site().unwrap_or_else(|| panic!("it has no line: [{code}] {message}"));
        let near = here.line()..here.line() + 9;
        assert!(site.file() == here.file() && near.contains(&site.line()), "it is at {here}: [{code}] {message}");
        let place = format!("{}:{}:{}", site.file(), site.line(), site.column());
        assert!(message.contains(&place), "it does not say {place}: {message}");
        (code, message.replace(&place, "LINE"))
    })
}

pub fn cases() -> Vec<Case> {
    [
        parameters(),
        arithmetic(),
        conditions(),
        reductions(),
        contractions(),
        movements(),
        joins(),
        structures(),
        axes(),
        indexing(),
        windows(),
        integers(),
        numbers_alone(),
        graphs(),
        derivatives(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[track_caller]
fn int(g: &Graph) -> Expr {
    g.param("n", Type::tensor(DType::I64, &[]))
}

#[track_caller]
fn truth(g: &Graph) -> Expr {
    g.param("c", Type::tensor(DType::Bool, &[]))
}

#[track_caller]
fn single(g: &Graph, shape: &[usize]) -> Expr {
    g.param("single", Type::tensor(DType::F32, shape))
}

#[track_caller]
fn pair(g: &Graph) -> Expr {
    g.param("pair", Type::tuple([Type::f64(), Type::f64()]))
}

#[track_caller]
fn weights(g: &Graph) -> Expr {
    g.param("weights", Type::record([("scale", Type::f64()), ("shift", Type::f64())]))
}

fn parameters() -> Vec<Case> {
    vec![
        case("parameter without a name", |g| g.scalar("")),
        case("parameter that starts with a digit", |g| g.scalar("1x")),
        case("parameter with a space", |g| g.tensor("learning rate", &[2])),
        case("two parameters of one name", |g| g.scalar("x") + g.scalar("x")),
        case("parameter of too many elements", |g| g.tensor("x", &[1 << 30, 1 << 30])),
        case("parameter of too many axes", |g| g.tensor("x", &[1; 33])),
        case("parameter with a field twice", |g| g.param("p", Type::record([("a", Type::f64()), ("a", Type::f64())]))),
        case("constant of too few elements", |g| g.constant(&[2, 3], &[1.0; 5])),
        case("constant of too many elements", |g| g.constant(&[], &[1.0, 2.0])),
        case("integers of too few elements", |g| g.integers(&[4], &[1, 2, 3])),
    ]
}

fn arithmetic() -> Vec<Case> {
    vec![
        case("sum of shapes that do not broadcast", |g| g.tensor("a", &[2, 3]) + g.tensor("b", &[2])),
        case("quotient of shapes that do not broadcast", |g| g.tensor("a", &[4, 1, 3]) / g.tensor("b", &[4, 5, 2])),
        case("assignment of shapes that do not broadcast", |g| {
            let mut sum = g.tensor("a", &[2]);
            sum += g.tensor("b", &[3]);
            sum
        }),
        case("function of shapes that do not broadcast", |g| g.tensor("a", &[2]).atan2(g.tensor("b", &[3]))),
        case("sum of dtypes that differ", |g| g.scalar("x") + single(g, &[])),
        case("product of a real and an integer", |g| g.scalar("x") * int(g)),
        case("integer times a fraction", |g| int(g) * 0.5),
        case("sum of truth values", |g| truth(g) + g.param("d", Type::tensor(DType::Bool, &[]))),
        case("number plus a truth value", |g| 1.0 + truth(g)),
        case("sine of an integer", |g| int(g).sin()),
        case("negative of a truth value", |g| -truth(g)),
        case("exponential of a tuple", |g| pair(g).exp()),
        case("sum of a record and a number", |g| weights(g) + 1.0),
        case("integer power of an integer", |g| int(g).powi(2)),
        case("polygamma of negative order", |g| g.scalar("x").polygamma(-1)),
        case("derivative of sinc of negative order", |g| g.scalar("x").nth(graph_core::op::Nth::Sinc, -3)),
        case("sum by an iterator of shapes that do not broadcast", |g| {
            [g.tensor("a", &[2]), g.tensor("b", &[3])].into_iter().sum::<Expr>()
        }),
        case("product by an iterator of dtypes that differ", |g| {
            [g.scalar("a"), single(g, &[])].into_iter().product::<Expr>()
        }),
        case("mistake that is only asked for later", |g| (g.tensor("a", &[2]) - g.tensor("b", &[3])).sin().sum().exp()),
    ]
}

fn conditions() -> Vec<Case> {
    use graph_core::op::Logic;
    vec![
        case("comparison of dtypes that differ", |g| g.scalar("x").lt(int(g))),
        case("comparison of shapes that do not broadcast", |g| g.tensor("a", &[2]).ge(g.tensor("b", &[3]))),
        case("comparison of tuples", |g| pair(g).eq(1.0)),
        case("connective of reals", |g| g.scalar("x").logic(Logic::And, g.scalar("y"))),
        case("connective of a condition and a number", |g| truth(g).logic(Logic::Or, 1.0)),
        case("choice by a real", |g| g.scalar("x").select(1.0, 2.0)),
        case("choice by an integer", |g| int(g).select(1.0, 2.0)),
        case("choice between dtypes that differ", |g| truth(g).select(g.scalar("x"), single(g, &[]))),
        case("choice between shapes that do not broadcast", |g| {
            truth(g).select(g.tensor("a", &[2]), g.tensor("b", &[3]))
        }),
        case("predicate of an integer", |g| int(g).is_nan()),
        case("predicate of a condition", |g| truth(g).test(Test::IsFinite)),
    ]
}

fn reductions() -> Vec<Case> {
    vec![
        case("sum along an axis out of range", |g| g.tensor("a", &[2, 3]).reduce(Reduce::Sum, &[2])),
        case("sum along an axis twice", |g| g.tensor("a", &[2, 3]).reduce(Reduce::Sum, &[0, 0])),
        case("sum of a tuple", |g| pair(g).sum()),
        case("product of truth values", |g| truth(g).prod()),
        case("largest of nothing", |g| g.tensor("a", &[0]).max_element()),
        case("smallest of nothing along an axis", |g| g.tensor("a", &[2, 0]).reduce(Reduce::Min, &[1])),
        case("all of reals", |g| g.tensor("a", &[2]).reduce(Reduce::All, &[0])),
        case("mean along an axis out of range", |g| g.tensor("a", &[2]).mean(&[1])),
        case("mean of a tuple", |g| pair(g).mean(&[0])),
        case("mean of integers", |g| g.param("n", Type::tensor(DType::I64, &[4])).mean(&[0])),
        case("variance along an axis twice", |g| g.tensor("a", &[2, 3]).var(&[1, 1])),
        case("deviation along an axis out of range", |g| g.tensor("a", &[2]).std(&[3])),
        case("norm of integers", |g| g.param("n", Type::tensor(DType::I64, &[4])).norm(&[0])),
        case("norm along an axis out of range", |g| g.tensor("a", &[2]).norm(&[1])),
        case("log-sum-exp of a record", |g| weights(g).logsumexp(&[0])),
        case("log-sum-exp along an axis out of range", |g| g.tensor("a", &[2]).logsumexp(&[1])),
        case("softmax along an axis out of range", |g| g.tensor("a", &[2]).softmax(1)),
        case("softmax of a scalar", |g| g.scalar("x").log_softmax(0)),
        case("layer norm along an axis out of range", |g| g.tensor("a", &[2, 3]).layer_norm(&[2], 1e-5)),
        case("targets of another shape", |g| {
            g.tensor("logits", &[2, 3]).cross_entropy(g.tensor("targets", &[2, 4]), 1)
        }),
    ]
}

fn contractions() -> Vec<Case> {
    vec![
        case("matrices that do not fit", |g| g.tensor("a", &[2, 3]).dot(g.tensor("b", &[4, 5]))),
        case("vectors of different lengths", |g| g.tensor("a", &[2]).dot(g.tensor("b", &[3]))),
        case("matrices of different dtypes", |g| g.tensor("a", &[2, 3]).dot(single(g, &[3, 5]))),
        case("product with a tuple", |g| g.tensor("a", &[2, 3]).dot(pair(g))),
        case("product of conditions", |g| truth(g).dot(g.param("d", Type::tensor(DType::Bool, &[])))),
        case("contraction along an axis out of range", |g| {
            g.tensor("a", &[2, 3]).contract(g.tensor("b", &[3, 2]), DotSpec::contract(&[2], &[0]))
        }),
        case("contraction of axes that do not pair", |g| {
            g.tensor("a", &[2, 3]).contract(g.tensor("b", &[3, 2]), DotSpec::contract(&[0, 1], &[1]))
        }),
    ]
}

fn movements() -> Vec<Case> {
    vec![
        case("reshape to another number of elements", |g| g.tensor("a", &[2, 3]).reshape(&[4])),
        case("reshape beyond the limit", |g| g.tensor("a", &[0]).reshape(&[0, 1 << 40, 2])),
        case("reshape of a tuple", |g| pair(g).reshape(&[2])),
        case("permutation of too few axes", |g| g.tensor("a", &[2, 3]).permute(&[1])),
        case("permutation with an axis twice", |g| g.tensor("a", &[2, 3]).permute(&[0, 0])),
        case("permutation with an axis out of range", |g| g.tensor("a", &[2, 3]).permute(&[0, 2])),
        case("transpose of a tuple", |g| pair(g).transpose()),
        case("reversal along an axis out of range", |g| g.tensor("a", &[2]).reverse(&[1])),
        case("slice beyond the end", |g| g.tensor("a", &[5]).slice(&[2], &[7], &[1])),
        case("slice of too few axes", |g| g.tensor("a", &[5, 2]).slice(&[0], &[5], &[1])),
        case("slice with stride 0", |g| g.tensor("a", &[5]).slice(&[0], &[5], &[0])),
        case("slice that ends before it starts", |g| g.tensor("a", &[5]).slice(&[4], &[2], &[1])),
        case("range beyond the end of an axis", |g| g.tensor("a", &[5, 2]).slice_along(1, 1..3)),
        case("range along an axis out of range", |g| g.tensor("a", &[5, 2]).slice_along(2, 0..1)),
        case("element beyond the end", |g| g.tensor("a", &[3, 2]).at(3)),
        case("element of a scalar", |g| g.scalar("x").at(0)),
        case("element of a scalar, as far as numbers go", |g| g.scalar("x").at(usize::MAX)),
        case("element of a tuple", |g| pair(g).at(0)),
        case("cast of a tuple", |g| pair(g).cast(DType::F32)),
        case("bits of a single", |g| single(g, &[2]).bitcast(DType::I64)),
        case("stopped gradient of a record", |g| weights(g).stop_gradient()),
    ]
}

fn joins() -> Vec<Case> {
    vec![
        case("concat of nothing", |_| concat(&[], 0)),
        case("concat along an axis out of range", |g| concat(&[g.tensor("a", &[2]), g.tensor("b", &[2])], 1)),
        case("concat along an axis that wraps around", |g| concat(&[g.tensor("a", &[2])], 1 << 32)),
        case("concat of shapes that differ elsewhere", |g| {
            concat(&[g.tensor("a", &[2, 3]), g.tensor("b", &[2, 4])], 0)
        }),
        case("concat of dtypes that differ", |g| concat(&[g.tensor("a", &[2]), single(g, &[2])], 0)),
        case("concat of a vector and a number", |g| concat(&[g.tensor("a", &[2]), Expr::from(1.0)], 0)),
        case("stack of nothing", |_| stack(&[])),
        case("stack of shapes that differ", |g| stack(&[g.tensor("a", &[2]), g.tensor("b", &[3])])),
        case("stack of tuples", |g| stack(&[pair(g)])),
    ]
}

fn structures() -> Vec<Case> {
    vec![
        case("part beyond the last", |g| pair(g).get(2)),
        case("part that wraps around", |g| pair(g).get(1 << 32)),
        case("part of a tensor", |g| g.tensor("a", &[2]).get(0)),
        case("part of a part", |g| pair(g).get(0).get(0)),
        case("field that does not exist", |g| weights(g).field("size")),
        case("field of a tuple", |g| pair(g).field("scale")),
        case("field of a tensor", |g| g.scalar("x").field("scale")),
        case("record with a field twice", |g| record(&[("a", g.scalar("x")), ("a", g.scalar("y"))])),
        case("field beside one in quotes", |g| record(&[("learning rate", g.scalar("x"))]).field("rate")),
        case("tuple of nothing", |_| tuple(&[])),
        case("record of nothing", |_| record(&[])),
        case("structure nested too deep", |g| (0..65).fold(g.scalar("x"), |x, _| tuple(&[x]))),
    ]
}

fn axes() -> Vec<Case> {
    vec![
        case("running sum of a scalar", |g| g.scalar("x").cumsum(0)),
        case("running product along an axis out of range", |g| g.tensor("a", &[2, 3]).cumprod(2)),
        case("running largest of truth values", |g| truth(g).reshape(&[1]).cummax(0)),
        case("running log-sum-exp of integers", |g| int(g).reshape(&[1]).cumlogsumexp(0)),
        case("running smallest of a tuple", |g| pair(g).cumulate(Cumulate::Min, 0, true)),
        case("sort along an axis out of range", |g| g.tensor("a", &[2]).sort(1)),
        case("order of a scalar", |g| g.scalar("x").argsort(0)),
        case("sort of a tuple", |g| pair(g).sort(0)),
        case("sort of nothing", |_| sort_together(&[], 0, false)[0]),
        case("sort with another shape in tow", |g| {
            sort_together(&[g.tensor("a", &[2]), g.tensor("b", &[3])], 0, false)[1]
        }),
        case("more largest elements than there are", |g| g.tensor("a", &[3]).top_k(4, 0).0),
        case("largest elements along an axis out of range", |g| g.tensor("a", &[3]).top_k(1, 1).1),
        case("median along an axis out of range", |g| g.tensor("a", &[3]).median(1)),
        case("median of nothing", |g| g.tensor("a", &[0]).median(0)),
        case("median of truth values", |g| g.param("c", Type::tensor(DType::Bool, &[4])).median(0)),
    ]
}

fn windows() -> Vec<Case> {
    let plain = |axes: usize| ConvSpec::new(vec![Slide::default(); axes]);
    vec![
        case("convolution of vectors", |g| g.tensor("x", &[4]).conv1d(g.tensor("k", &[2]), 1, 0)),
        case("kernel of another rank", |g| g.tensor("x", &[1, 1, 4]).conv1d(g.tensor("k", &[1, 2]), 1, 0)),
        case("kernel of other features", |g| g.tensor("x", &[1, 3, 4]).conv1d(g.tensor("k", &[1, 2, 2]), 1, 0)),
        case("convolution with stride 0", |g| g.tensor("x", &[1, 1, 4]).conv1d(g.tensor("k", &[1, 1, 2]), 0, 0)),
        case("convolution over a spatial axis too many", |g| {
            g.tensor("x", &[1, 1, 4]).conv2d(g.tensor("k", &[1, 1, 2]), [1, 1], [0, 0])
        }),
        case("convolution with groups that do not divide", |g| {
            let spec = ConvSpec { feature_groups: 2, ..plain(1) };
            g.tensor("x", &[1, 4, 5]).conv(g.tensor("k", &[3, 2, 2]), spec)
        }),
        case("padding without end", |g| g.tensor("x", &[1, 1, 4]).conv1d(g.tensor("k", &[1, 1, 2]), 1, usize::MAX)),
        case("pool over too many axes", |g| g.tensor("x", &[4]).max_pool(&[2, 2], &[1, 1], &[0, 0])),
        case("pool with a stride too few", |g| g.tensor("x", &[4, 4]).sum_pool(&[2, 2], &[1], &[0, 0])),
        case("pool with a padding too few", |g| g.tensor("x", &[4, 4]).max_pool(&[2, 2], &[1, 1], &[0])),
        case("pool with a stride too many", |g| g.tensor("x", &[4, 4]).max_pool(&[2], &[1, 1], &[0])),
        case("pool of a window of 0", |g| g.tensor("x", &[4]).avg_pool(&[0], &[1], &[0])),
        case("pool of a tuple", |g| pair(g).avg_pool(&[2], &[1], &[0])),
        case("pool of truth values", |g| truth(g).reshape(&[1]).max_pool(&[1], &[1], &[0])),
        case("window of too few axes", |g| {
            let spec = WindowSpec { window: [2].into_iter().collect(), slides: vec![Slide::default(); 2] };
            g.tensor("x", &[4, 4]).reduce_window(ReduceWindow::Sum, spec)
        }),
    ]
}

fn indexing() -> Vec<Case> {
    let two = |g: &Graph| g.integers(&[2], &[0, 1]);
    vec![
        case("take along an axis out of range", |g| g.tensor("a", &[3]).take(1, two(g))),
        case("take by reals", |g| g.tensor("a", &[3]).take(0, g.tensor("i", &[2]))),
        case("take by a fraction", |g| g.tensor("a", &[3]).take(0, 0.5)),
        case("take beyond the end, by a number", |g| g.tensor("a", &[3]).take(0, 3.0)),
        case("take before the first, by constants", |g| g.tensor("a", &[3]).take(0, g.integers(&[2], &[0, -1]))),
        case("take from a tuple", |g| pair(g).take(0, two(g))),
        case("take from a number", |g| g.scalar("x") + Expr::from(1.0).take(0, 0.0)),
        case("take along with another rank", |g| g.tensor("a", &[2, 3]).take_along_axis(1, two(g))),
        case("window with a start too few", |g| g.tensor("a", &[4, 3]).dynamic_slice(&[0.0.into()], &[2, 2])),
        case("window that does not fit", |g| g.tensor("a", &[4]).dynamic_slice(&[0.0.into()], &[5])),
        case("window of too few extents", |g| g.tensor("a", &[4, 3]).dynamic_slice(&[0.0.into(), 0.0.into()], &[2])),
        case("updates of another shape", |g| g.tensor("a", &[3]).scatter_add(0, two(g), g.tensor("u", &[5]))),
        case("updates along an axis out of range", |g| g.tensor("a", &[3]).scatter_set(1, two(g), 1.0)),
        case("update beyond the end", |g| g.tensor("a", &[3]).scatter_max(0, 3.0, 1.0)),
        case("patch that does not fit", |g| g.tensor("a", &[3]).dynamic_update(&[0.0.into()], g.tensor("u", &[4]))),
        case("one-hot of reals", |g| g.tensor("a", &[3]).one_hot(3)),
        case("one-hot beyond the limit", |g| two(g).one_hot(1 << 50)),
        case("diagonal of a number of a graph", |g| g.scalar("x").diag(0)),
        case("diagonal of a tensor of three axes", |g| g.tensor("a", &[2, 2, 2]).diag(0)),
        case("diagonal of a vector", |g| g.tensor("a", &[2]).diag_part(0)),
        case("matrices beyond the limit", |g| g.tensor("a", &[2]).diag_embed(isize::MIN)),
        case("triangle of a vector", |g| g.tensor("a", &[2]).tril(0)),
        case("triangle of a tuple", |g| pair(g).triu(0)),
        case("triangle beyond the limit", |g| g.tri(1 << 30, 1 << 30, 0)),
    ]
}

fn integers() -> Vec<Case> {
    vec![
        case("bits of reals", |g| g.scalar("x").bit_and(g.scalar("y"))),
        case("integer quotient by a fraction", |g| int(g).int_div(0.5)),
        case("shift of a truth value", |g| truth(g).shift_left(1.0)),
        case("population count of a tuple", |g| pair(g).popcount()),
        case("bits of shapes that do not broadcast", |g| {
            g.integers(&[2], &[1, 2]).bit_or(g.integers(&[3], &[1, 2, 3]))
        }),
        case("random numbers from a real", |g| random::uniform(g.scalar("seed"), &[2])),
        case("random numbers from many keys", |g| random::normal(g.integers(&[2], &[1, 2]), &[2])),
        case("random numbers without end", |g| random::bits(random::key(g, 1), &[1 << 30, 1 << 30])),
        case("random numbers from a number", |_| random::uniform(Expr::from(1.0), &[2])),
        case("keys of a real", |g| random::split::<2>(g.scalar("seed"))[0]),
        case("key folded with a fraction", |g| random::fold_in(random::key(g, 1), 0.5)),
    ]
}

/// A number that belongs to no graph is a scalar, and what scalars lack it lacks, too.
fn numbers_alone() -> Vec<Case> {
    let one = Expr::from(1.0);
    let in_graph = |g: &Graph, x: Expr| g.scalar("y") + x;
    vec![
        case("number reshaped to a vector", |g| in_graph(g, one.reshape(&[3]))),
        case("axes of a number permuted", |g| in_graph(g, one.permute(&[0]))),
        case("number reversed", |g| in_graph(g, one.reverse(&[0]))),
        case("element of a number", |g| in_graph(g, one.at(0))),
        case("slice of a number", |g| in_graph(g, one.slice(&[0], &[1], &[1]))),
        case("part of a number", |g| in_graph(g, one.get(0))),
        case("field of a number", |g| in_graph(g, one.field("a"))),
        case("number summed along an axis", |g| in_graph(g, one.reduce(Reduce::Sum, &[0]))),
        case("running sum of a number", |g| in_graph(g, one.cumsum(0))),
        case("number cast to an integer", |g| in_graph(g, one.cast(DType::I64))),
        case("bits of a number", |g| in_graph(g, one.bitcast(DType::I64))),
        case("windows over a number", |g| in_graph(g, one.max_pool(&[1], &[1], &[0]))),
        case("tuple of numbers", |g| in_graph(g, tuple(&[one, one]))),
        case("stack of numbers", |g| in_graph(g, stack(&[one, one]).sum())),
        case("sort of a number", |g| in_graph(g, one.sort(0))),
        case("softmax of a number", |g| in_graph(g, one.softmax(0))),
    ]
}

fn graphs() -> Vec<Case> {
    vec![
        case("sum of two graphs", |g| g.scalar("x") + Graph::new().scalar("y")),
        case("choice between two graphs", |g| {
            let h = Graph::new();
            truth(g).select(g.scalar("x"), h.scalar("y"))
        }),
        case("tuple of two graphs", |g| {
            let h = Graph::new();
            tuple(&[g.scalar("x"), h.scalar("y")])
        }),
        case("gradient by an input of another graph", |g| {
            let h = Graph::new();
            grad(g.scalar("x"), h.scalar("y"))
        }),
        case("function of results of another graph", |g| {
            let h = Graph::new();
            g.function("f", h.scalar("y"))
        }),
        case("function of a graph that is gone", |_| {
            let x = Graph::new().scalar("x");
            grad(x, x)
        }),
        case("function without a name", |g| g.function("", g.scalar("x"))),
        case("mistake inside of a closure", |_| {
            Function::new("f", &[("x", Type::tensor(DType::F64, &[2]))], |args| args[0].reshape(&[3]))
        }),
        case("closure with two arguments of one name", |_| {
            Function::new("f", &[("x", Type::f64()), ("x", Type::f64())], |args| args[0])
        }),
        case("call with an argument of another type", |g| {
            callee()?.call(&[g.tensor("a", &[2])]).error(g).map_or(Ok(()), Err)
        }),
        case("call with an argument too many", |g| {
            callee()?.call(&[g.scalar("x"), g.scalar("y")]).error(g).map_or(Ok(()), Err)
        }),
        case("call without arguments", |g| callee()?.call(&[]).error(g).map_or(Ok(()), Err)),
        case("constant beyond the limit", |g| g.constant(&[1 << 30, 1 << 40], &[])),
    ]
}

fn callee() -> Result<Function, Error> {
    Function::new("callee", &[("x", Type::f64())], |args| args[0].sin())
}

fn derivatives() -> Vec<Case> {
    vec![
        case("gradient of a vector", |g| grad(g.tensor("a", &[2]), g.tensor("a2", &[2]))),
        case("gradient of a tuple", |g| grad(pair(g), g.scalar("x"))),
        case("gradient of an integer", |g| grad(g.scalar("x").cast(DType::I64), g.scalar("y"))),
        case("gradient of a condition", |g| grad(g.scalar("x").lt(1.0), g.scalar("y"))),
        case("gradient by an integer", |g| grad(g.scalar("x"), int(g))),
        case("gradient by integers and a condition at once", |g| grad(g.scalar("x"), (int(g), truth(g)))),
        case("gradient by an input without a path", |g| {
            grad(g.scalar("x").sin(), (g.scalar("y"), g.tensor("z", &[2])))
        }),
        case("gradient by a node above the result", |g| {
            let x = g.scalar("x");
            grad(x.sin(), x.sin().exp())
        }),
        case("gradient of a number", |g| grad(Expr::from(1.0), g.scalar("x"))),
        case("gradient of a number by a number", |_| grad(Expr::from(1.0), Expr::from(2.0))),
        case("zeros by an integer", |g| grad_or_zeros(g.scalar("x"), int(g))),
        case("cotangent of another shape", |g| {
            let a = g.tensor("a", &[2]);
            vjp(a.sin(), g.tensor("ct", &[3]), a)
        }),
        case("cotangent of another dtype", |g| {
            let x = g.scalar("x");
            vjp(x.sin(), single(g, &[]), x)
        }),
        case("cotangents too few", |g| {
            let x = g.scalar("x");
            vjp(vec![x.sin(), x.cos()], vec![g.scalar("ct")], x)
        }),
        case("tangent of another shape", |g| {
            let x = g.scalar("x");
            jvp(x.sin(), x, g.tensor("dx", &[2]))
        }),
        case("tangents too many", |g| {
            let x = g.scalar("x");
            jvp(x.sin(), vec![x], vec![g.scalar("dx"), g.scalar("dy")])
        }),
        case("tangent of an integer", |g| {
            let n = int(g);
            jvp(g.scalar("x") * n.cast(DType::F64), n, n)
        }),
        case("direction of another shape", |g| {
            let a = g.tensor("a", &[2]);
            hvp(a.square().sum(), a, g.tensor("v", &[3]))
        }),
        case("Hessian of a vector", |g| hessian(g.tensor("a", &[2]), [g.scalar("x")])),
        case("Hessian by a vector", |g| {
            let a = g.tensor("a", &[2]);
            hessian(a.square().sum(), [a])
        }),
        case("dependence of a vector", |g| dependence(g.tensor("a", &[2]), g.scalar("x"))),
        case("dependence on an integer", |g| dependence(g.scalar("x"), int(g))),
        case("derivative after a mistake", |g| {
            let bad = g.tensor("a", &[2]) + g.tensor("b", &[3]);
            grad(bad.sum(), g.scalar("x"))
        }),
    ]
}
