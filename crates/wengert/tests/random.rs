//! Random numbers: what they are, that they are the same everywhere, and how they are distributed.

use wengert::prelude::*;
use wengert::{Buffer, Level, Tensor, random};

const SAMPLES: usize = 100_000;

/// A program without parameters, by the reference evaluator.
fn values(g: &Graph, x: Expr) -> Value {
    let f = g.function("f", x).expect("no mistake was made");
    f.eval(&[]).expect("it has no parameters").remove(0)
}

fn integers(g: &Graph, x: Expr) -> Vec<i64> {
    values(g, x).as_tensor().expect("a tensor").elements().map(|x| x.as_i64()).collect()
}

fn reals(g: &Graph, x: Expr) -> Vec<f64> {
    values(g, x).as_tensor().expect("a tensor").to_f64()
}

#[test]
fn the_numbers_of_key_zero_are_the_known_answer_of_philox() {
    let g = Graph::new();
    let found = integers(&g, random::bits(random::key(&g, 0), &[2]));
    assert_eq!(found, [0xe169_c58d_6627_e8d5_u64 as i64, 0x9b00_dbd8_bc57_ac4c_u64 as i64]);
}

#[test]
fn a_draw_begins_as_a_shorter_one_whatever_its_shape() {
    let g = Graph::new();
    let key = random::key(&g, -7);
    let long = integers(&g, random::bits(key, &[3, 5]));
    for shape in [&[][..], &[1], &[7], &[2, 3], &[0], &[2, 0, 3]] {
        let short = integers(&g, random::bits(key, shape));
        assert_eq!(short, long[..shape.iter().product()], "{shape:?}");
    }
}

#[test]
fn a_key_may_be_a_parameter_and_every_executor_and_level_gives_its_bits() {
    let g = Graph::new();
    let key = g.param("key", Type::tensor(DType::I64, &[]));
    let [a, b] = random::split(key);
    let draws = (random::bits(key, &[5]), random::uniform(a, &[7]), random::normal(random::fold_in(b, 3.0), &[2, 3]));
    let f = g.function("f", draws).expect("no mistake was made");
    for seed in [0, 1, -1, i64::MIN, 0x1234_5678_9abc_def0] {
        let seed =
            Value::Tensor(Tensor::new(graph_core::Shape::scalar(), Buffer::I64(vec![seed])).expect("one element"));
        let expected = f.eval(std::slice::from_ref(&seed)).expect("an argument that fits");
        for level in Level::ALL {
            let p = f.compile_at(level).expect("it fits");
            for _ in 0..2 {
                let found = p.run_values(std::slice::from_ref(&seed)).expect("an argument that fits");
                assert!(found.iter().zip(&expected).all(|(x, y)| x.same_bits(y)), "{level}");
            }
        }
    }
}

/// The largest distance between the distribution of samples and the uniform one (Kolmogorov and Smirnov), times √n.
fn distance(mut samples: Vec<f64>) -> f64 {
    samples.sort_by(f64::total_cmp);
    let n = samples.len() as f64;
    let gap = |(i, &u): (usize, &f64)| (u - i as f64 / n).max((i + 1) as f64 / n - u);
    samples.iter().enumerate().map(gap).fold(0.0, f64::max) * n.sqrt()
}

/// Mean and variance.
fn moments(samples: &[f64]) -> (f64, f64) {
    let n = samples.len() as f64;
    let mean = samples.iter().sum::<f64>() / n;
    (mean, samples.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n)
}

/// Exceeded once in a thousand draws of a true distribution.
const DISTANCE: f64 = 1.95;
/// Standard errors of an estimate, exceeded as rarely.
const ERRORS: f64 = 3.3;

#[test]
fn uniform_numbers_are_uniform() {
    let g = Graph::new();
    for seed in [1, 2, 3, -4, i64::MAX] {
        let samples = reals(&g, random::uniform(random::key(&g, seed), &[SAMPLES]));
        assert!(samples.iter().all(|u| (0.0..1.0).contains(u)));
        let (mean, variance) = moments(&samples);
        let root = (SAMPLES as f64).sqrt();
        assert!((mean - 0.5).abs() < ERRORS * (1.0f64 / 12.0).sqrt() / root, "{seed}: mean {mean}");
        assert!((variance - 1.0 / 12.0).abs() < ERRORS * (1.0f64 / 180.0).sqrt() / root, "{seed}: variance {variance}");
        let distance = distance(samples);
        assert!(distance < DISTANCE, "{seed}: {distance}");
    }
}

#[test]
fn normal_numbers_are_normal() {
    let g = Graph::new();
    for seed in [1, 2, 3, -4, i64::MAX] {
        let z = random::normal(random::key(&g, seed), &[SAMPLES]);
        let samples = reals(&g, z);
        let (mean, variance) = moments(&samples);
        let root = (SAMPLES as f64).sqrt();
        assert!(mean.abs() < ERRORS / root, "{seed}: mean {mean}");
        assert!((variance - 1.0).abs() < ERRORS * 2f64.sqrt() / root, "{seed}: variance {variance}");
        let fourth = samples.iter().map(|z| z.powi(4)).sum::<f64>() / SAMPLES as f64;
        assert!((fourth - 3.0).abs() < ERRORS * 96f64.sqrt() / root, "{seed}: fourth moment {fourth}");
        let distance = distance(reals(&g, z.ndtr()));
        assert!(distance < DISTANCE, "{seed}: {distance}");
    }
}

/// The correlation of two standardised samples, in standard errors.
fn correlation(x: &[f64], y: &[f64]) -> f64 {
    x.iter().zip(y).map(|(x, y)| x * y).sum::<f64>() / (x.len() as f64).sqrt()
}

#[test]
fn keys_that_come_from_one_have_independent_numbers() {
    let g = Graph::new();
    let key = random::key(&g, 11);
    let [a, b] = random::split(key);
    let keys = [key, a, b, random::fold_in(key, 0.0), random::fold_in(key, 1.0), random::key(&g, 12)];
    let samples = keys.map(|key| reals(&g, random::normal(key, &[SAMPLES / 10])));
    for (i, x) in samples.iter().enumerate() {
        for (j, y) in samples[..i].iter().enumerate() {
            let errors = correlation(x, y).abs();
            assert!(errors < ERRORS, "keys {i} and {j}: {errors}");
        }
        let errors = correlation(&x[1..], &x[..x.len() - 1]).abs();
        assert!(errors < ERRORS, "neighbours of key {i}: {errors}");
    }
}

/// The mean of x² with x = μ + σz has the derivatives 2·mean(x) and 2·mean(x·z), as for any fixed z.
#[test]
fn noise_is_a_constant_to_the_derivative_by_location_and_scale() {
    let g = Graph::new();
    let (mean, scale) = (g.scalar("mean"), g.scalar("scale"));
    let z = random::normal(random::key(&g, 5), &[1000]);
    let x = mean + scale * z;
    let y = (x * x).sum() / 1000.0;
    let gradient = grad(y, [mean, scale]).expect("it is smooth");
    let second = grad(gradient[1], [mean, scale]).expect("it is smooth");
    let found = g.compile((gradient, second)).expect("it fits").run(&[0.5, 2.0]).expect("two numbers");
    let alone = Graph::new();
    let z = reals(&alone, random::normal(random::key(&alone, 5), &[1000]));
    let average = |f: &dyn Fn(f64) -> f64| z.iter().map(|&z| f(z)).sum::<f64>() / z.len() as f64;
    let expected = [
        average(&|z| 2.0 * (0.5 + 2.0 * z)),
        average(&|z| 2.0 * (0.5 + 2.0 * z) * z),
        average(&|z| 2.0 * z),
        average(&|z| 2.0 * z * z),
    ];
    assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12), "{found:?}, {expected:?}");
}

#[test]
fn what_is_no_key_is_a_mistake_that_says_so() {
    let g = Graph::new();
    let x = g.scalar("x");
    let mistake = g.function("f", random::bits(x, &[3])).expect_err("a real is no key").to_string();
    assert!(mistake.contains("a key is an i64 scalar, not f64; `random::key` makes one of a seed"), "{mistake}");
    let g = Graph::new();
    let large = random::uniform(random::key(&g, 1), &[1 << 30, 1 << 30]);
    assert!(g.function("f", large).is_err(), "more elements than the limit");
}
