//! What does not fit is named by its path.

use std::collections::BTreeMap;

use wengert::prelude::*;
use wengert::structure::to_value;

use crate::{Activation, Config, Layer, Model, Pair, message, model};

#[test]
fn an_argument_that_does_not_fit_is_named_by_its_path() -> Result<(), Error> {
    let tensor = |shape: &[usize]| Tensor::f64(shape, vec![1.0; shape.iter().product()]);
    let layer = |w: &[usize]| Ok::<_, Error>(Layer { w: tensor(w)?, b: tensor(&[3])?, activation: Activation::Tanh });
    let model = || -> Result<_, Error> {
        Ok(Model {
            layers: vec![layer(&[3])?, layer(&[3, 4])?],
            scale: tensor(&[])?,
            named: BTreeMap::from([("a".to_string(), tensor(&[2])?), ("b".to_string(), tensor(&[2])?)]),
            pair: (tensor(&[1])?, tensor(&[2])?),
            arr: [tensor(&[2])?, tensor(&[2])?],
        })
    };
    let f = Function::of("f", ["params"], (&model()?,), |(m,)| m.scale * m.layers[1].w.sum())?;
    let (gradient, program) = (f.grad(0)?, f.compile()?);
    let check = |change: &dyn Fn(&mut Model<Tensor>), expected: &str| -> Result<(), Error> {
        let mut wrong = model()?;
        change(&mut wrong);
        let called: Result<f64, Error> = program.call((&wrong,));
        assert_eq!(message(called), format!("argument_type: parameter `params{expected}"));
        assert_eq!(message(f.eval(&[to_value(&wrong)])), format!("argument_type: parameter `params{expected}"));
        let bound = gradient.bind(&[("params", to_value(&wrong))]);
        assert_eq!(message(bound), format!("argument: parameter `params{}", expected.replace(" of @f:", ":")));
        Ok(())
    };
    let of = |tensor: Result<Tensor, _>| tensor.expect("a tensor");
    check(&|m| m.layers[1].w = of(tensor(&[4, 3])), ".layers[1].w` of @f: f64[3,4] expected, f64[4,3] found")?;
    check(&|m| m.layers.truncate(1), ".layers` of @f: a tuple of 2 parts expected, a tuple of 1 part found")?;
    check(
        &|m| m.layers[0].activation = Activation::Relu,
        ".layers[0].activation` of @f: `Tanh` expected, `Relu` found",
    )?;
    check(&|m| drop(m.named.remove("b")), ".named` of @f: field `b` expected, none found")?;
    check(
        &|m| drop(m.named.insert("c".into(), of(tensor(&[])))),
        ".named` of @f: no further field expected, `c` found",
    )?;
    check(&|m| m.pair.1 = of(tensor(&[3])), ".pair[1]` of @f: f64[2] expected, f64[3] found")?;
    check(
        &|m| m.scale = Tensor { shape: Default::default(), data: wengert::Buffer::I64(vec![1]) },
        ".scale` of @f: f64 expected, i64 found",
    )
}

#[test]
fn a_result_of_another_structure_is_named_by_its_path() -> Result<(), Error> {
    let f = Function::of("f", ["m"], (&model(),), |(m,)| m)?.compile()?;
    let read = |result: Result<(), Error>| message(result);
    assert_eq!(
        read(f.call((&model(),)).map(|_: Model<(f64, f64)>| ())),
        "structure: result.layers[0].w: a tuple of 2 parts expected, one value found"
    );
    assert_eq!(
        read(f.call((&model(),)).map(|_: Layer<f64>| ())),
        "structure: result: field `w`, `b`, `activation` expected, `layers`, `scale`, `named`, `pair`, `arr` found"
    );
    assert_eq!(
        read(f.call((&model(),)).map(|_: f64| ())),
        "structure: result: f64 expected, a record of `layers`, \
         `scale`, `named`, `pair`, `arr` found"
    );
    let choice = Function::of("g", ["x"], (&1.0,), |(_,)| Config { activation: Activation::Tanh })?.compile()?;
    #[derive(Debug, Structure)]
    enum Other {
        Sigmoid,
        Relu,
    }
    #[derive(Debug, Structure)]
    struct OtherConfig {
        activation: Other,
    }
    assert_eq!(choice.call::<1, _, Config>((&1.0,))?.activation, Activation::Tanh);
    assert_eq!(
        read(choice.call((&1.0,)).map(|_: OtherConfig| ())),
        "structure: result.activation: `Sigmoid` or `Relu` expected, `Tanh` found"
    );
    assert!(matches!((Other::Sigmoid, Other::Relu), (Other::Sigmoid, Other::Relu)));
    Ok(())
}

#[test]
fn a_leaf_without_a_derivative_is_named_by_its_path() -> Result<(), Error> {
    let mut found = Vec::new();
    Function::of("f", ["params", "n"], (&model(), &2), |(m, n)| {
        let y = m.scale * m.layers[0].w;
        found.push(message(grad(y, m.clone()).map(|_| ())));
        found.push(message(grad(y, Pair(m.scale, m.named["bias"] * 2.0)).map(|_| ())));
        found.push(message(grad(y, Pair(m.scale, Pair(n, n + 1.0))).map(|_| ())));
        y
    })?;
    assert_eq!(
        found[0],
        "disconnected: the result does not depend on parameter `params.layers[0].b`, parameter `params.layers[1].w`, parameter \
         `params.layers[1].b`, parameter `params.named.bias`, parameter `params.named.slope`, parameter `params.pair[0]`, \
         parameter `params.pair[1]`, parameter `params.arr[0]`, parameter `params.arr[1]`; ask `grad_or_zeros` where zeros are what you want"
    );
    assert!(found[1].contains("depend on `wrt[1]`, which is `mul %params.named.bias: f64, "), "{}", found[1]);
    assert!(found[2].contains("parameter `n`: i64 has no derivative"), "{}", found[2]);
    assert!(found[2].contains("add %n: i64"), "{}", found[2]);
    Ok(())
}

#[test]
fn seeds_and_axes_that_do_not_fit_are_named_by_their_path() -> Result<(), Error> {
    let g = Graph::new();
    let (a, b) = (g.tensor("a", &[2, 3]), g.tensor("b", &[3]));
    let seed = |w: Expr, b: Expr| vec![Pair(w, b)];
    let wrong = vjp(seed(a * 2.0, b * 2.0), seed(a, a), b);
    assert_eq!(message(wrong), "structure: cotangent[0][1]: f64[3] expected, f64[2,3] found");
    let wrong = vjp(seed(a, b), vec![], b);
    assert_eq!(message(wrong), "structure: cotangent: a tuple of 1 part expected, () found");
    let wrong = jvp(a.sum(), seed(a, b), seed(b, b));
    assert_eq!(message(wrong), "structure: tangent[0][0]: f64[2,3] expected, f64[3] found");
    let map = |key: &str, x: Expr| BTreeMap::from([(key.to_string(), x)]);
    let wrong = hvp(b.sum(), map("b", b), map("c", b));
    assert_eq!(message(wrong), "structure: direction: field `b` expected, `c` found");
    let f = Function::of("f", ["p"], (&model(),), |(p,)| p.scale)?;
    let batched = f.vmap(&[Some(1)], 3);
    assert_eq!(
        message(batched),
        "axis: parameter `p.layers[0].w` has no batch axis 1: with the batch it has 1 axes, counted from 0"
    );
    let seed = f.vjp()?.bind(&[("ct", to_value(&Pair(1.0, 2.0)))]);
    assert_eq!(message(seed), "argument: parameter `ct`: f64 expected, a tuple of 2 parts found");
    Ok(())
}

#[test]
fn mistakes_in_tracing_have_their_place() {
    let twice = Function::of("f", ["p", "p"], (&1.0, &2.0), |(x, y)| x + y);
    assert!(message(twice).contains("`p`"));
    let shapes = Tensor::f64(&[2, 3], vec![0.0; 6]).expect("a matrix");
    let wrong = Function::of("f", ["p"], (&Pair(shapes, 1.0),), |(Pair(w, _),)| w.dot(w));
    assert!(message(wrong).contains("%p[0]: f64[2,3]"), "operands are named by their path");
}
