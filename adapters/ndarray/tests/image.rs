//! A noisy image made smooth: the u that makes ½‖u − f‖² + λ/2·‖∇u‖² least, by conjugate gradients on products with the
//! Hessian, which nobody writes down.

use ndarray::{Array2, ArrayD, Axis, Slice, array};
use wengert::prelude::*;
use wengert_ndarray::{Call, array as from_tensor, tensor};

const ROUGHNESS: f64 = 3.0;

/// The energy of an image u beside the noisy one f.
fn energy(shape: [usize; 2]) -> Function {
    let g = Graph::new();
    let (u, f) = (g.tensor("u", &shape), g.tensor("f", &shape));
    let slopes = |axis: usize| {
        let n = shape[axis];
        (u.slice_along(axis, 1..n) - u.slice_along(axis, 0..n - 1)).square().sum()
    };
    let energy = 0.5 * (u - f).square().sum() + 0.5 * ROUGHNESS * (slopes(0) + slopes(1));
    g.function("energy", energy).expect("a program")
}

/// A disc with noise of a fixed sequence.
fn noisy(shape: [usize; 2]) -> Array2<f64> {
    Array2::from_shape_fn(shape, |(i, j)| {
        let (y, x) = (i as f64 - shape[0] as f64 / 2.0, j as f64 - shape[1] as f64 / 2.0);
        let noise = ((12.9898 * i as f64 + 78.233 * j as f64).sin() * 43758.5453).fract();
        f64::from(x * x + y * y < 80.0) + 0.3 * noise
    })
}

/// Minus the gradient of the energy, written by hand: f − u + λ·Δu, with no flow over the border.
fn by_hand(u: &Array2<f64>, f: &Array2<f64>) -> Array2<f64> {
    let mut residual = f - u;
    for axis in [Axis(0), Axis(1)] {
        let n = u.len_of(axis);
        for i in 1..n {
            let flow = (&u.index_axis(axis, i) - &u.index_axis(axis, i - 1)) * ROUGHNESS;
            let mut before = residual.index_axis_mut(axis, i - 1);
            before += &flow;
            let mut after = residual.index_axis_mut(axis, i);
            after -= &flow;
        }
    }
    residual
}

#[test]
fn an_image_is_made_smooth() {
    let shape = [24, 40];
    let f = noisy(shape);
    let energy = energy(shape);
    let gradient = energy.grad("u").and_then(|g| g.compile()).expect("a number");
    let product = energy.hvp("u").and_then(|h| h.compile()).expect("a number");
    let zero = Array2::zeros(shape).into_dyn();
    let call = |p: &Program, args: &[&ArrayD<f64>]| -> ArrayD<f64> {
        let views: Vec<_> = args.iter().map(|x| x.view()).collect();
        p.call_arrays(&views).expect("finite").remove(0)
    };
    let noisy = f.clone().into_dyn();
    let mut u = zero.clone();
    let mut r = -call(&gradient, &[&u, &noisy]);
    let mut p = r.clone();
    let mut square = (&r * &r).sum();
    let mut steps = 0;
    while square.sqrt() > 1e-12 {
        let hp = call(&product, &[&u, &noisy, &p]);
        let length = square / (&p * &hp).sum();
        u = u + &p * length;
        r = r - &hp * length;
        let next = (&r * &r).sum();
        p = &r + &p * (next / square);
        square = next;
        steps += 1;
        assert!(steps < 100, "{square:e}");
    }
    let u = u.into_dimensionality().expect("a matrix");
    let missed = by_hand(&u, &f).iter().fold(0.0, |most: f64, x| most.max(x.abs()));
    assert!(missed < 1e-12, "{missed:e} after {steps} steps");
    assert!(u.std(0.0) < f.std(0.0), "it is smoother");
}

/// Transposed and stepped views have another order in memory, and are read by their indices.
#[test]
fn layouts_do_not_matter() {
    let whole = Array2::from_shape_fn([4, 6], |(i, j)| (10 * i + j) as f64);
    let view = whole.slice_axis(Axis(0), Slice::new(0, None, 2));
    let view = view.slice_axis(Axis(1), Slice::new(1, None, 2));
    assert_eq!(from_tensor(&tensor(&view.t())).expect("reals"), view.t().into_dyn());
    let g = Graph::new();
    let x = g.tensor("x", &[3, 2]);
    let p = g.function("f", x.transpose()).and_then(|f| f.compile()).expect("a program");
    assert_eq!(p.call_arrays(&[view.t().into_dyn()]).expect("it fits"), [view.into_dyn()]);
    let wrong = p.call_arrays(&[array![1.0].view().into_dyn()]).expect_err("another shape").to_string();
    assert!(wrong.contains("f64[3,2]") && wrong.contains("f64[1]"), "{wrong}");
}
