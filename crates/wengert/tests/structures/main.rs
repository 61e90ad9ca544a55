//! Structures of users: they go in and come out.

mod errors;
mod plain;
mod points;

use std::collections::{BTreeMap, HashMap};

use wengert::numeric;
use wengert::prelude::*;
use wengert::structure::{from_value, pack, to_value, unpack};

#[derive(Clone, Debug, PartialEq, Structure)]
struct Layer<T> {
    w: T,
    b: T,
    activation: Activation,
}

#[derive(Clone, Copy, Debug, PartialEq, Structure)]
enum Activation {
    Tanh,
    Relu,
}

#[derive(Clone, Debug, PartialEq, Structure)]
struct Model<T> {
    layers: Vec<Layer<T>>,
    scale: T,
    named: BTreeMap<String, T>,
    pair: (T, T),
    arr: [T; 2],
}

fn layer(w: f64, b: f64, activation: Activation) -> Layer<f64> {
    Layer { w, b, activation }
}

fn model() -> Model<f64> {
    Model {
        layers: vec![layer(0.5, 1.0, Activation::Tanh), layer(2.0, -0.5, Activation::Relu)],
        scale: 3.0,
        named: BTreeMap::from([("bias".to_string(), 0.25), ("slope".to_string(), -1.5)]),
        pair: (0.1, 0.2),
        arr: [1.1, 1.2],
    }
}

fn message<T>(result: Result<T, Error>) -> String {
    let error = result.err().expect("a mistake");
    let text = error.to_string();
    format!("{}: {}", error.code(), text.split(" (at ").next().unwrap_or_default())
}

fn forward<S: Scalar + ScalarUnary>(m: &Model<S>, x: S) -> S {
    let layered = m.layers.iter().fold(x, |x, layer| {
        let z = layer.w * x + layer.b;
        match layer.activation {
            Activation::Tanh => z.tanh(),
            Activation::Relu => z.exp(),
        }
    });
    m.scale * layered + m.named["bias"] * m.pair.0 * m.pair.1.sin() + m.named["slope"] * m.arr[0] * m.arr[1]
}

fn loss() -> Result<Function, Error> {
    Function::of("loss", ["params", "x"], (&model(), &0.7), |(m, x)| forward(&m, x))
}

/// Each number of a model moved by `by` times its direction.
fn moved(m: &Model<f64>, by: f64) -> Model<f64> {
    let mut at = 0.0;
    let tree = m.to_tree().try_map(&mut |t: Tensor| {
        at += 1.0;
        Tensor::f64(&[], vec![t.get(0) + by * f64::sin(at)])
    });
    Model::from_tree(tree.expect("scalars")).expect("the same structure")
}

#[test]
fn the_gradient_of_a_model_is_a_model_that_agrees_with_differences() -> Result<(), Error> {
    let step = loss()?.value_and_grad("params")?.compile()?;
    let (value, gradient): (f64, Model<f64>) = step.call((&model(), &0.7))?;
    assert!((value - forward(&model(), 0.7)).abs() < 1e-14);
    assert_eq!(gradient.layers[1].activation, Activation::Relu, "configuration comes back");
    let leaves = |m: &Model<f64>| m.to_tree().into_leaves().iter().map(|t| t.get(0)).collect::<Vec<_>>();
    let along: f64 = leaves(&gradient).iter().zip(1..).map(|(g, i)| g * f64::sin(f64::from(i))).sum();
    let measured = numeric::adaptive(|h| forward(&moved(&model(), h), 0.7), 0.0);
    assert!((along - measured.value).abs() < 1e-8, "{along} and {measured:?}");
    Ok(())
}

#[test]
fn a_structure_is_one_parameter_of_every_transform() -> Result<(), Error> {
    let loss = loss()?;
    let direction = moved(&model(), 0.5);
    let product: Model<f64> = loss.hvp("params")?.compile()?.call((&model(), &0.7, &direction))?;
    let gradient = loss.grad(0)?.compile()?;
    let at = |h: f64| -> Model<f64> {
        let step = |(x, v): (Tensor, Tensor)| Tensor::f64(&[], vec![x.get(0) + h * v.get(0)]).expect("a scalar");
        let (x, v) = (model().to_tree().into_leaves(), direction.to_tree().into_leaves());
        let mut moved = x.into_iter().zip(v).map(step);
        let tree = model().to_tree().try_map(&mut |_| moved.next().ok_or(()));
        let moved = Model::<f64>::from_tree(tree.expect("as many leaves")).expect("the same structure");
        gradient.call((&moved, &0.7)).expect("the gradient there")
    };
    let slope = (at(1e-5).layers[0].w - at(-1e-5).layers[0].w) / 2e-5;
    assert!((product.layers[0].w - slope).abs() < 1e-6, "{} and {slope}", product.layers[0].w);
    // Both arguments, each with its structure.
    let both: (Model<f64>, f64) = loss.grad_all()?.compile()?.call((&model(), &0.7))?;
    assert_eq!(both.0, at(0.0));
    Ok(())
}

#[test]
fn keys_of_maps_are_any_strings() -> Result<(), Error> {
    let weights = BTreeMap::from(["", "0.weight", "a b", "a.b", "\"}\n"].map(|key| (key.to_string(), 2.0)));
    let f = Function::of("f", ["p"], (&weights,), |(p,)| p.values().map(|w| w.square()).fold(p[""], |s, x| s * x))?;
    let gradient = Function::parse(&f.grad("p")?.text())?;
    let found: BTreeMap<String, f64> = gradient.compile()?.call((&weights,))?;
    assert!(found.keys().eq(weights.keys()) && found[""] > found["a b"], "{found:?}");
    let short = BTreeMap::from([("0.weight".to_string(), Pair(1.0, 2.0))]);
    let wrong = Function::of("g", ["p"], (&short,), |(p,)| p["0.weight"].0)?
        .eval(&[to_value(&BTreeMap::from([("0.weight".to_string(), Pair(1.0, weights))]))]);
    assert!(message(wrong).contains("parameter `p[\"0.weight\"][1]` of @g: f64 expected"));
    Ok(())
}

#[test]
fn a_structure_of_many_leaves_costs_what_its_leaves_do() -> Result<(), Error> {
    // Were anything quadratic in the number of leaves, this would not end.
    let xs: Vec<f64> = (0..60_000).map(f64::from).collect();
    let f = Function::of("f", ["xs"], (&xs,), |(xs,)| xs.iter().fold(Expr::from(0.0), |s, x| s + x.sin()))?;
    let gradient: Vec<f64> = f.grad("xs")?.compile()?.call((&xs,))?;
    assert!(gradient.iter().zip(&xs).all(|(d, x)| (d - x.cos()).abs() < 1e-15));
    Ok(())
}

#[test]
fn the_text_of_a_structured_function_parses_back() -> Result<(), Error> {
    let gradient = loss()?.grad("params")?;
    let text = gradient.text();
    assert!(text.contains("activation: {Tanh: ()}"), "{text}");
    let parsed = Function::parse(&text)?;
    let arguments = [to_value(&model()), to_value(&0.7)];
    assert!(parsed.eval(&arguments)?[0].same_bits(&gradient.eval(&arguments)?[0]));
    let read: Model<f64> = from_value(parsed.eval(&arguments)?.remove(0))?;
    assert_eq!(read.layers.len(), 2);
    Ok(())
}

#[derive(Clone, Debug, PartialEq, Structure)]
struct Pair<A, B>(A, B);

#[derive(Clone, Debug, PartialEq, Structure)]
struct Unit;

#[derive(Clone, Debug, PartialEq, Structure)]
struct Empty {}

#[derive(Clone, Debug, PartialEq, Structure)]
struct Sized<T: Clone, const N: usize>
where
    T: std::fmt::Debug,
    Vec<T>: Clone,
{
    items: [T; N],
    rest: Vec<Vec<T>>,
}

#[derive(Clone, Debug, PartialEq, Structure)]
struct Tree<T> {
    value: T,
    children: Vec<Tree<T>>,
    config: Config,
}

#[derive(Clone, Copy, Debug, PartialEq, Structure)]
struct Config {
    activation: Activation,
}

#[derive(Clone, Debug, PartialEq, Structure)]
struct Everything<T: Clone + std::fmt::Debug> {
    nested: Pair<Pair<T, (T,)>, Unit>,
    sized: Sized<T, 2>,
    tree: Tree<T>,
    r#type: HashMap<String, T>,
    boxed: Box<Pair<T, Empty>>,
    none: Vec<T>,
    nothing: BTreeMap<String, Layer<T>>,
}

fn everything<T: Clone + std::fmt::Debug>(mut next: impl FnMut() -> T) -> Everything<T> {
    let config = Config { activation: Activation::Relu };
    Everything {
        nested: Pair(Pair(next(), (next(),)), Unit),
        sized: Sized { items: [next(), next()], rest: vec![vec![], vec![next()]] },
        tree: Tree { value: next(), children: vec![Tree { value: next(), children: vec![], config }], config },
        r#type: HashMap::from([("b".to_string(), next()), ("a".to_string(), next())]),
        boxed: Box::new(Pair(next(), Empty {})),
        none: vec![],
        nothing: BTreeMap::new(),
    }
}

#[test]
fn every_kind_of_struct_goes_in_and_comes_out() -> Result<(), Error> {
    let mut at = 0.0;
    let all = everything(|| {
        at += 1.0;
        at
    });
    assert_eq!(from_value::<Everything<f64>>(to_value(&all))?, all);
    let mut at = 0;
    let tensors = everything(|| {
        at += 1;
        Tensor::f64(&[at], vec![at as f64; at]).expect("as many elements")
    });
    // An identity: the structure that the closure returns is the result.
    let same = Function::of("same", ["all"], (&tensors,), |(all,)| all)?;
    let back: Everything<Tensor> = same.compile()?.call((&tensors,))?;
    assert!(to_value(&back).same_bits(&to_value(&tensors)));
    assert!(same.text().contains("type: {a: f64[9], b: f64[8]}"), "{}", same.text());
    Ok(())
}

#[derive(Clone, Copy, Structure)]
struct Line {
    slope: Expr,
    offset: Expr,
}

#[test]
fn a_struct_of_expressions_is_what_one_differentiates_by() -> Result<(), Error> {
    let g = Graph::new();
    let (line, x) = (Line { slope: g.scalar("a"), offset: g.scalar("b") }, g.scalar("x"));
    let y = (line.slope * x + line.offset).square();
    let d: Line = grad(y, line)?;
    let product = hvp(y, line, Line { slope: 1.0.into(), offset: 0.0.into() })?;
    let out = g.compile((d, product))?.run(&[2.0, 1.0, 3.0])?;
    assert_eq!(out, [42.0, 14.0, 18.0, 6.0]);
    let back = jvp(Pair(y, Unit), line, product)?;
    assert_eq!(g.compile(back)?.run(&[2.0, 1.0, 3.0])?, [42.0 * 18.0 + 14.0 * 6.0]);
    Ok(())
}

#[test]
fn a_traced_function_is_called_with_packed_structures() -> Result<(), Error> {
    let scaled = Function::of("scaled", ["p"], (&model(),), |(p,)| Pair(p.scale * 2.0, p.layers))?;
    let outer = Function::of("outer", ["p"], (&model(),), |(p,)| {
        let Pair(scale, layers): Pair<Expr, Vec<Layer<Expr>>> = unpack(scaled.call(&[pack(&p)])).expect("its result");
        scale * layers[1].w
    })?;
    let gradient: Model<f64> = outer.grad("p")?.compile()?.call((&model(),))?;
    assert_eq!((gradient.scale, gradient.layers[1].w, gradient.layers[0].w), (4.0, 6.0, 0.0));
    Ok(())
}

#[test]
fn numbers_of_every_kind_are_leaves_and_integers_have_no_gradient() -> Result<(), Error> {
    let half = Tensor::new(Default::default(), wengert::Buffer::F32(vec![0.5]))?;
    let at = Pair(2.0, Pair(3, Pair(true, half)));
    let f = Function::of("f", ["p"], (&at,), |(Pair(x, Pair(n, Pair(yes, small))),)| {
        let n = n.cast(DType::F64);
        yes.select(x.square() * n, x) + small.cast(DType::F64)
    })?;
    let value: f64 = f.compile()?.call((&at,))?;
    assert_eq!(value, 12.5);
    let step = f.grad("p")?.compile()?;
    let gradient: Pair<f64, Pair<(), Pair<(), Tensor>>> = step.call((&at,))?;
    assert_eq!((gradient.0, gradient.1.1.1.get(0)), (12.0, 1.0));
    let wrong = step.call((&at,)).map(|_: Pair<f64, Pair<i64, Pair<(), Tensor>>>| ());
    assert_eq!(message(wrong), "structure: result[1][0]: i64 expected, () found");
    Ok(())
}

#[test]
fn a_batch_of_models_has_an_axis_in_each_leaf() -> Result<(), Error> {
    let f = Function::of("f", ["p", "x"], (&Pair(1.0, 2.0), &3.0), |(Pair(a, b), x)| a * x.square() + b)?;
    let each = f.grad("p")?.vmap(&[None, Some(0)], 2)?.compile()?;
    let x = Tensor::f64(&[2], vec![3.0, 5.0])?;
    let gradients: Pair<Tensor, Tensor> = each.call((&Pair(1.0, 2.0), &x))?;
    assert_eq!((gradients.0.to_f64(), gradients.1.to_f64()), (vec![9.0, 25.0], vec![1.0, 1.0]));
    Ok(())
}
