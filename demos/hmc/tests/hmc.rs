//! What the demo samples has the moments that are exact, and its gradients are those written by hand.

use hmc::{
    Chain, Density, Plan, densities, estimates, gaussian, plot, posterior, potential, rosenbrock, sample, schools,
};

/// A point without special structure.
fn point(dims: usize) -> Vec<f64> {
    (0..dims).map(|i| 2.0 * (i as f64 * 0.618_033_988_749_894_9).fract() - 0.9).collect()
}

fn drawn(density: &Density, draws: usize) -> Chain {
    let program = density.traced().expect("it compiles");
    let plan = Plan { warmup: draws / 4, draws, steps: density.steps, seed: 7 };
    sample(potential(&program), program.inputs(), &plan).expect("it samples")
}

/// Every mean is exact within four standard errors, which are below `error` deviations after that many draws.
fn check(density: &Density, draws: usize, error: f64) {
    for e in estimates(density, &drawn(density, draws)).expect("it evaluates") {
        assert!(e.z().abs() < 4.0 && e.error < error * e.exact_deviation, "{}: {e:?}", density.name);
        assert!((e.deviation / e.exact_deviation - 1.0).abs() < 4.0 * error, "{}: {e:?}", density.name);
    }
}

#[test]
fn gradients_are_those_written_by_hand() {
    for density in densities().expect("they are built") {
        let program = density.traced().expect("it compiles");
        let q = point(program.inputs());
        let traced = program.run(&q).expect("it runs");
        let mut by_hand = vec![0.0; traced.len()];
        (density.by_hand)(&q, &mut by_hand);
        for (k, (x, y)) in traced.iter().zip(&by_hand).enumerate() {
            assert!((x - y).abs() <= 1e-12 * y.abs(), "{}, number {k}: {x} and {y}", density.name);
        }
    }
}

#[test]
fn the_posterior_of_the_schools_has_the_moments_of_the_quadrature() {
    check(&schools().expect("it is built"), 8000, 0.05);
}

#[test]
fn gaussians_of_2_10_and_100_dimensions_have_their_moments() {
    for n in [2, 10, 100] {
        check(&gaussian(n).expect("it is built"), 1500, 0.1);
    }
}

#[test]
fn the_banana_has_its_moments() {
    check(&rosenbrock().expect("it is built"), 4000, 0.1);
}

#[test]
fn a_chain_is_the_same_every_time_and_that_of_the_gradient_by_hand() {
    let density = schools().expect("it is built");
    let (once, again) = (drawn(&density, 40), drawn(&density, 40));
    assert_eq!(once.draws, again.draws);
    let plan = Plan { warmup: 10, draws: 40, steps: density.steps, seed: 7 };
    let by_hand = sample(&density.by_hand, 10, &plan).expect("it samples");
    for (x, y) in once.draws.iter().zip(&by_hand.draws) {
        assert!(x.iter().zip(y).all(|(x, y)| (x - y).abs() < 1e-6), "rounding grows, but not so fast");
    }
}

#[test]
fn the_table_has_a_line_for_each_quantity_and_the_picture_both_effects() {
    let density = schools().expect("it is built");
    let found = estimates(&density, &drawn(&density, 100)).expect("it evaluates");
    assert_eq!(posterior(&found).lines().count(), 11);
    let svg = plot(&found[2..]).expect("it draws");
    assert!(svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"));
    assert_eq!(svg.matches("<circle").count(), 16);
}
