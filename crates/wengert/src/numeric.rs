//! Differences of values: the oldest way to a derivative, kept as a witness of the others and to show what it costs.
//!
//! A difference has two errors. Truncation falls with the step h: h/2·f'' for the one-sided quotient
//! (f(x+h) − f(x))/h, h²/6·f''' for the central (f(x+h) − f(x−h))/2h. Rounding grows as h falls: values known to ε·|f|
//! give a quotient known to about 2ε·|f|/h, or ε·|f|/h. Their sum is least at
//!
//! ```text
//! one-sided   h = 2·√(ε·|f/f''|)      error ~ √ε   ~ 1e-8
//! central     h = ∛(3ε·|f/f'''|)      error ~ ε^⅔  ~ 4e-11
//! ```
//! so with the ratios unknown and taken as the scale of x, [`one_sided_step`] is √ε·max(|x|, 1) and [`central_step`]
//! ∛ε·max(|x|, 1): half of the digits, or two thirds, and never all (Griewank and Walther, *Evaluating Derivatives*,
//! 2008, ch. 1; Press et al., *Numerical Recipes*, 2007, §5.7). A gradient takes 2n values of f, where reverse mode
//! takes the cost of a few.
//!
//! Where a step leaves the domain of f the answer is NaN; nothing here panics for any f and x.

/// √ε·max(|x|, 1), the step for [`one_sided`].
pub fn one_sided_step(x: f64) -> f64 {
    representable(x, f64::EPSILON.sqrt() * x.abs().max(1.0))
}

/// ∛ε·max(|x|, 1), the step for [`central`].
pub fn central_step(x: f64) -> f64 {
    representable(x, f64::EPSILON.cbrt() * x.abs().max(1.0))
}

/// The step nearest to h that leads from x to another f64, so that x + h is exact.
fn representable(x: f64, h: f64) -> f64 {
    (x + h) - x
}

/// (f(x+h) − f(x))/h, in error by h/2·f''(x) + O(h²).
pub fn one_sided(f: impl Fn(f64) -> f64, x: f64, h: f64) -> f64 {
    (f(x + h) - f(x)) / h
}

/// (f(x+h) − f(x−h))/2h, in error by h²/6·f'''(x) + O(h⁴).
pub fn central(f: impl Fn(f64) -> f64, x: f64, h: f64) -> f64 {
    (f(x + h) - f(x - h)) / (2.0 * h)
}

/// A number and how far off it may be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The number.
    pub value: f64,
    /// An estimate of its absolute error, infinite if nothing is known.
    pub error: f64,
}

impl Estimate {
    /// Nothing is known.
    pub const UNKNOWN: Estimate = Estimate { value: f64::NAN, error: f64::INFINITY };
}

/// f'(x) by central differences extrapolated to h = 0, with an estimate of the error.
///
/// The error of a central difference is a series in h², so differences at h, h/1.4, h/1.4² … are combined as Neville's
/// scheme does, and the combination that moved least against its neighbours is taken (C. Ridders, *Accurate computation
/// of F'(x) and F'(x)F''(x)*, Advances in Engineering Software 4, 1982). Up to 40 values of f; 11 digits or so of a
/// smooth one.
pub fn adaptive(f: impl Fn(f64) -> f64, x: f64) -> Estimate {
    ridders(f, x, 0.1 * x.abs().max(1.0))
}

/// [`adaptive`], from a first step over which f should change a good deal, and inside its domain.
pub fn ridders(f: impl Fn(f64) -> f64, x: f64, first_step: f64) -> Estimate {
    const ROWS: usize = 20;
    const SHRINK: f64 = 1.4;
    /// Rows whose best error is this much worse than the best so far mean that rounding has taken over.
    const WORSE: f64 = 2.0;
    let mut h = first_step;
    let mut row = vec![central(&f, x, h)];
    let mut best = Estimate { value: row[0], error: f64::INFINITY };
    for _ in 1..ROWS {
        h /= SHRINK;
        let next = neville(&row, central(&f, x, h), SHRINK * SHRINK);
        for (k, &value) in next.iter().enumerate().skip(1) {
            let error = (value - next[k - 1]).abs().max((value - row[k - 1]).abs());
            if error <= best.error || best.value.is_nan() {
                best = Estimate { value, error: if error.is_nan() { f64::INFINITY } else { error } };
            }
        }
        let (corner, before) = (next[next.len() - 1], row[row.len() - 1]);
        if (corner - before).abs() >= WORSE * best.error {
            break;
        }
        row = next;
    }
    best
}

/// The next row of Neville's scheme for a series in h², each step h shrunk so that h² shrinks by `shrink`.
fn neville(row: &[f64], first: f64, shrink: f64) -> Vec<f64> {
    let mut next = vec![first];
    let mut power = shrink;
    for &above in row {
        let left = next[next.len() - 1];
        next.push((left * power - above) / (power - 1.0));
        power *= shrink;
    }
    next
}

/// ∇f by central differences, two values of f for each variable.
pub fn gradient(f: impl Fn(&[f64]) -> f64, at: &[f64]) -> Vec<f64> {
    let mut point = at.to_vec();
    let mut along = |i: usize| {
        let moved = |t: f64, point: &mut Vec<f64>| {
            point[i] = t;
            f(point)
        };
        let h = central_step(at[i]);
        let (above, below) = (moved(at[i] + h, &mut point), moved(at[i] - h, &mut point));
        point[i] = at[i];
        (above - below) / (2.0 * h)
    };
    (0..at.len()).map(&mut along).collect()
}

/// The derivative along a direction δ, δᵀ∇f ≈ (f(a + hδ) − f(a − hδ))/2h: two values of f, whatever the dimension.
pub fn directional(f: impl Fn(&[f64]) -> f64, at: &[f64], direction: &[f64], h: f64) -> f64 {
    let along = |t: f64| f(&at.iter().zip(direction).map(|(a, d)| a + t * d).collect::<Vec<_>>());
    central(along, 0.0, h)
}

/// What differences say about a gradient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// They agree with it.
    Agrees,
    /// They do not.
    Disagrees,
    /// They cannot tell: a kink, a pole, the edge of the domain.
    Undecided,
}

/// A gradient held against differences of values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Agreement {
    /// δᵀ∇f from the gradient.
    pub claimed: f64,
    /// The same from values of f alone.
    pub measured: Estimate,
    /// Sum of the magnitudes of the terms of δᵀ∇f, to which its rounding is relative.
    pub scale: f64,
    /// Whether f looks smooth along δ, so that `measured` is a derivative.
    pub smooth: bool,
}

impl Agreement {
    /// Whether both are within `tolerance` of each other relative to the terms, or within the error of the
    /// measurement. A tolerance of 1e-6 tells a wrong rule from rounding.
    pub fn verdict(&self, tolerance: f64) -> Verdict {
        let Agreement { claimed, measured, scale, smooth } = *self;
        match smooth {
            false => Verdict::Undecided,
            true if (claimed - measured.value).abs() <= tolerance * scale + 4.0 * measured.error => Verdict::Agrees,
            true => Verdict::Disagrees,
        }
    }
}

/// Compares δᵀ∇f for a pseudo-random direction δ, the same for the same seed, with differences of f along δ.
///
/// A random direction finds an error in any component of the gradient with probability 1, for at most 126 values of f.
pub fn check_direction(f: impl Fn(&[f64]) -> f64, gradient: &[f64], at: &[f64], seed: u64) -> Agreement {
    let direction: Vec<f64> = random(seed).zip(at).map(|(d, a)| d * a.abs().max(1.0)).collect();
    let along = |t: f64| f(&at.iter().zip(&direction).map(|(a, d)| a + t * d).collect::<Vec<_>>());
    let terms = || gradient.iter().zip(&direction).map(|(g, d)| g * d);
    let (claimed, scale) = (terms().sum(), terms().map(f64::abs).sum::<f64>());
    let value = along(0.0);
    // The widest step whose differences stay inside the domain of f.
    let mut tries = [1e-2, 1e-5, 1e-8].into_iter().map(|step| (step, ridders(along, 0.0, step)));
    let found = tries.find(|(_, estimate)| estimate.error.is_finite());
    let (step, Estimate { value: slope, error }) = found.unwrap_or((1.0, Estimate::UNKNOWN));
    // Differences know nothing below the rounding of the values they subtract.
    let measured = Estimate { value: slope, error: error.max(1e-11 * value.abs()) };
    // Half of what the slopes on both sides of the point differ by.
    let h = 1e-5 * step;
    let bend = (along(h) - 2.0 * value + along(-h)).abs() / (2.0 * h);
    let slack = 1e-3 * scale.max(slope.abs()) + 1e-6 * value.abs();
    let smooth = slack.is_finite() && bend <= slack && measured.error <= slack;
    Agreement { claimed, measured, scale, smooth }
}

/// Numbers of magnitude ½ to 1, either sign (splitmix64: Steele, Lea and Flood 2014).
fn random(seed: u64) -> impl Iterator<Item = f64> {
    let mut state = seed;
    std::iter::repeat_with(move || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^= z >> 31;
        let magnitude = 0.5 + 0.5 * (z >> 11) as f64 / (1_u64 << 53) as f64;
        if z & 1 == 0 { magnitude } else { -magnitude }
    })
}

/// How far both differences are from the exact derivative at one step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StepErrors {
    /// The step.
    pub h: f64,
    /// Absolute error of [`one_sided`].
    pub one_sided: f64,
    /// Absolute error of [`central`].
    pub central: f64,
}

/// The errors at every step, to draw: a V for each method, truncation on the right and rounding on the left.
pub fn errors(f: impl Fn(f64) -> f64, exact: f64, x: f64, steps: &[f64]) -> Vec<StepErrors> {
    let at = |&h: &f64| StepErrors {
        h,
        one_sided: (one_sided(&f, x, h) - exact).abs(),
        central: (central(&f, x, h) - exact).abs(),
    };
    steps.iter().map(at).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Functions with their derivatives, and places.
    type Case = (fn(f64) -> f64, fn(f64) -> f64, f64);
    const CASES: [Case; 5] = [
        (f64::exp, f64::exp, 1.0),
        (f64::sin, f64::cos, 0.7),
        (f64::ln, f64::recip, 2.0),
        (|x| x * x * x, |x| 3.0 * x * x, 0.0),
        (f64::tanh, |x| x.cosh().powi(-2), 0.5),
    ];

    #[test]
    fn at_the_best_step_a_one_sided_difference_has_half_of_the_digits_and_a_central_one_two_thirds() {
        for (f, df, x) in CASES {
            let one = (one_sided(f, x, one_sided_step(x)) - df(x)).abs();
            let two = (central(f, x, central_step(x)) - df(x)).abs();
            assert!(one <= 5e-8 && two <= 1e-10, "at {x}: {one:e}, {two:e}");
        }
    }

    #[test]
    fn truncation_falls_as_h_and_as_h_squared() {
        let found = errors(f64::exp, 1.0, 0.0, &[1e-2, 1e-3]);
        assert!((found[0].one_sided / found[1].one_sided - 10.0).abs() < 0.1);
        assert!((found[0].central / found[1].central - 100.0).abs() < 0.1);
        assert!((found[0].one_sided - 0.5e-2).abs() < 1e-4 && (found[0].central - 1e-4 / 6.0).abs() < 1e-8);
    }

    #[test]
    fn both_errors_have_their_least_near_the_best_step() {
        let steps: Vec<f64> = (0..=16).map(|k| 10.0_f64.powi(-k)).collect();
        let found = errors(f64::exp, 1.0_f64.exp(), 1.0, &steps);
        let least = |error: fn(&StepErrors) -> f64| {
            found.iter().min_by(|a, b| error(a).total_cmp(&error(b))).expect("there are steps").h
        };
        let near = |h: f64, best: f64| (h / best).log10().abs() <= 1.5;
        assert!(near(least(|e| e.one_sided), one_sided_step(1.0)), "{found:?}");
        assert!(near(least(|e| e.central), central_step(1.0)), "{found:?}");
    }

    #[test]
    fn extrapolation_gains_digits_and_knows_its_error() {
        for (f, df, x) in CASES {
            let Estimate { value, error } = adaptive(f, x);
            let off = (value - df(x)).abs();
            assert!(off <= 1e-11 && error <= 1e-9 && off <= 10.0 * error.max(1e-15), "at {x}: {off:e}, said {error:e}");
        }
    }

    #[test]
    fn outside_the_domain_the_answer_is_not_a_number_and_nothing_panics() {
        assert!(central(f64::sqrt, 0.0, 0.1).is_nan() && adaptive(f64::sqrt, -1.0).value.is_nan());
        assert_eq!(adaptive(f64::sqrt, -1.0).error, f64::INFINITY);
        for x in [f64::INFINITY, f64::NAN, f64::MAX, 0.0] {
            adaptive(f64::ln, x);
            one_sided(f64::ln, x, one_sided_step(x));
        }
        assert!((adaptive(f64::sqrt, 0.05).value - 0.5 / 0.05_f64.sqrt()).abs() < 1e-6, "later steps are inside");
    }

    /// log x₁ + x₁x₂ − sin x₂
    fn lecture(x: &[f64]) -> f64 {
        x[0].ln() + x[0] * x[1] - x[1].sin()
    }

    #[test]
    fn the_gradient_of_the_lecture_formula() {
        let found = gradient(lecture, &[2.0, 5.0]);
        assert!((found[0] - 5.5).abs() < 1e-9 && (found[1] - 1.7163378145367738).abs() < 1e-9, "{found:?}");
        let along = directional(lecture, &[2.0, 5.0], &[1.0, -2.0], 1e-5);
        assert!((along - (5.5 - 2.0 * 1.7163378145367738)).abs() < 1e-9, "{along}");
        assert!(gradient(|_| 1.0, &[]).is_empty());
    }

    #[test]
    fn a_right_gradient_agrees_and_a_wrong_one_does_not_whatever_the_direction() {
        let right = [5.5, 1.7163378145367738];
        let wrong = [[5.5, 1.7163], [5.5001, 1.7163378145367738], [-5.5, 1.7163378145367738], [0.0, 0.0]];
        for seed in 0..100 {
            let agreement = check_direction(lecture, &right, &[2.0, 5.0], seed);
            assert_eq!(agreement.verdict(1e-6), Verdict::Agrees, "{seed}: {agreement:?}");
            assert_eq!(agreement, check_direction(lecture, &right, &[2.0, 5.0], seed));
            for wrong in wrong {
                let agreement = check_direction(lecture, &wrong, &[2.0, 5.0], seed);
                assert_eq!(agreement.verdict(1e-6), Verdict::Disagrees, "{seed}: {agreement:?}");
            }
        }
    }

    #[test]
    fn where_differences_cannot_tell_they_say_so() {
        let verdict =
            |f: fn(f64) -> f64, slope: f64, x: f64| check_direction(|x| f(x[0]), &[slope], &[x], 7).verdict(1e-6);
        assert_eq!(verdict(|x| x.max(0.0), 0.0, 0.0), Verdict::Undecided, "a kink");
        assert_eq!(verdict(f64::sqrt, f64::INFINITY, 0.0), Verdict::Undecided, "an edge");
        assert_eq!(verdict(f64::recip, f64::NEG_INFINITY, 0.0), Verdict::Undecided, "a pole");
        assert_eq!(verdict(f64::exp, f64::NAN, f64::NAN), Verdict::Undecided, "not a number");
        for x in [1e-3, 1e-6] {
            assert_eq!(verdict(f64::ln, 1.0 / x, x), Verdict::Agrees, "inside, near an edge");
            assert_eq!(verdict(f64::ln, 1.01 / x, x), Verdict::Disagrees, "wrong by a hundredth");
        }
        assert_eq!(verdict(f64::cos, 0.0, 0.0), Verdict::Agrees, "a flat place");
        assert_eq!(verdict(|x| 1e3 + (x - 1.0).cos(), 0.0, 1.0), Verdict::Agrees, "flat beside a large constant");
        assert_eq!(verdict(f64::cos, 1e-3, 0.0), Verdict::Disagrees, "not as flat as that");
        assert_eq!(verdict(|_| 2.0, 0.0, 1e9), Verdict::Agrees, "a constant");
    }
}
