//! When two numbers that should be equal may differ, and why. A difference is explained only by what can be shown without
//! the derivative rules: the numbers move as far when inputs move by a few ulps, or the function itself has different
//! slopes on both sides. A rule that is wrong on an open set is wrong beside a kink, too, and so is not excused.

use super::check::Reason;

/// Ulps by which inputs are moved to see how well a number is determined.
pub const ULPS: f64 = 16.0;
/// So many times as far as the numbers move, rounding may put them apart.
pub const ROUNDINGS: f64 = 64.0;

/// What two numbers say to each other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Outcome {
    /// They are equal.
    Equal,
    /// They differ for this reason.
    Explained(Reason),
    /// They differ.
    Different,
}

/// Relative tolerance and rounding of the arithmetic of a program.
#[derive(Clone, Copy, Debug)]
pub struct Precision {
    /// Differences that need no explanation.
    pub tolerance: f64,
    /// Distance of neighbouring numbers near 1.
    pub epsilon: f64,
}

impl Precision {
    /// Double precision.
    pub const DOUBLE: Precision = Precision { tolerance: 1e-9, epsilon: f64::EPSILON };
    /// Single precision.
    pub const SINGLE: Precision = Precision { tolerance: 2e-4, epsilon: f32::EPSILON as f64 };
}

/// A list of numbers as a function of the point.
pub type Numbers<'n> = &'n mut dyn FnMut(&[f64]) -> Vec<f64>;

/// Compares two functions that should be equal, at a point and, if they differ, around it.
pub fn compare(point: &[f64], left: Numbers<'_>, right: Numbers<'_>, terms: f64, precision: Precision) -> Outcome {
    let (a, b) = (left(point), right(point));
    let size = a.iter().chain(&b).filter(|x| x.is_finite()).fold(terms, |size: f64, x| size.max(x.abs()));
    let apart = apart(&a, &b);
    if apart <= precision.tolerance * size {
        return Outcome::Equal;
    }
    let spread = spread(point, left, &a, precision).max(spread(point, right, &b, precision));
    match apart <= ROUNDINGS * spread {
        true => Outcome::Explained(Reason::Conditioning),
        false => Outcome::Different,
    }
}

/// The largest distance; none between equal infinities and between NaNs.
pub fn apart(a: &[f64], b: &[f64]) -> f64 {
    let distance = |(&x, &y): (&f64, &f64)| match x == y || (x.is_nan() && y.is_nan()) {
        true => 0.0,
        false => (x - y).abs(),
    };
    let distances = a.iter().zip(b).map(distance);
    distances
        .fold(if a.len() == b.len() { 0.0 } else { f64::NAN }, |all, x| if x > all || x.is_nan() { x } else { all })
}

/// How far numbers move when the point moves by a few ulps.
pub fn spread(point: &[f64], f: Numbers<'_>, at: &[f64], precision: Precision) -> f64 {
    let moved = |round: usize| -> Vec<f64> {
        let sign = |i: usize| if (i * 7 + round * 3 + i * round) % 5 < 2 { -1.0 } else { 1.0 };
        let step = |i: usize, x: f64| sign(i) * (1 + round) as f64 / 6.0 * ULPS * precision.epsilon * x.abs().max(0.5);
        point.iter().enumerate().map(|(i, &x)| if x.fract() == 0.0 { x } else { x + step(i, x) }).collect()
    };
    (0..6).map(|round| apart(&f(&moved(round)), at)).filter(|x| x.is_finite()).fold(0.0, f64::max)
}

/// A derivative by differences.
#[derive(Clone, Copy, Debug)]
pub struct Slope {
    /// The derivative.
    pub value: f64,
    /// How far off it may be: by the distance of two extrapolations and by rounding.
    pub doubt: f64,
}

/// The first step of differences at the point, and of those beside it.
const STEPS: [f64; 2] = [1.0 / 64.0, 1.0 / 4096.0];

/// The derivative at `s` by central differences, extrapolated once, from the step with the least doubt.
pub fn slope(f: &mut dyn FnMut(f64) -> f64, s: f64, first: f64) -> Slope {
    let rounding = 64.0 * f64::EPSILON * f(s).abs().max(1.0);
    let mut central = |h: f64| (f(s + h) - f(s - h)) / (2.0 * h);
    let mut best = Slope { value: f64::NAN, doubt: f64::INFINITY };
    let (mut coarse, mut before) = (central(first), f64::NAN);
    for step in 1..14 {
        let h = first / f64::from(1 << step);
        let fine = central(h);
        let value = (4.0 * fine - coarse) / 3.0;
        let doubt = (value - before).abs() + rounding / h;
        if doubt < best.doubt {
            best = Slope { value, doubt };
        }
        (coarse, before) = (fine, value);
    }
    best
}

/// Compares a derivative along a line with differences of the function.
pub fn compare_slope(f: &mut dyn FnMut(f64) -> f64, derivative: &mut dyn FnMut(f64) -> f64) -> Outcome {
    let here = STEPS.map(|first| at(f, derivative, 0.0, first));
    if here.contains(&Outcome::Equal) {
        return Outcome::Equal;
    }
    let beside = [-0.00137, 0.000_713].map(|s| at(f, derivative, s, STEPS[1] / 4.0));
    let unsure = Outcome::Explained(Reason::Unsure);
    match beside {
        [Outcome::Equal, Outcome::Equal] if has_kink(f, derivative(0.0)) => Outcome::Explained(Reason::Kink),
        beside if here == [unsure; 2] && !beside.contains(&Outcome::Different) => unsure,
        _ => Outcome::Different,
    }
}

fn at(f: &mut dyn FnMut(f64) -> f64, derivative: &mut dyn FnMut(f64) -> f64, s: f64, first: f64) -> Outcome {
    let Slope { value, doubt } = slope(f, s, first);
    let exact = derivative(s);
    let size = value.abs().max(exact.abs());
    if (value - exact).abs() <= 1e-6 * size + 1e-9 {
        return Outcome::Equal;
    }
    if doubt.is_nan() || doubt > 1e-3 * size.max(0.1) {
        return Outcome::Explained(Reason::Unsure);
    }
    if (value - exact).abs() <= 10.0 * doubt { Outcome::Equal } else { Outcome::Different }
}

/// Whether slopes on both sides differ by about as much as the derivative is off.
fn has_kink(f: &mut dyn FnMut(f64) -> f64, exact: f64) -> bool {
    [1e-5, 1e-6].into_iter().all(|h| {
        let here = f(0.0);
        let (above, below) = ((f(h) - here) / h, (here - f(-h)) / h);
        let off = (above - exact).abs().max((below - exact).abs());
        (above - below).abs() > 0.2 * off
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn along(mut f: impl FnMut(f64) -> f64, mut derivative: impl FnMut(f64) -> f64) -> Outcome {
        compare_slope(&mut f, &mut derivative)
    }

    #[test]
    fn a_derivative_that_is_right_is_equal_and_one_that_is_not_different() {
        for curvature in [0.1, 1.0, 9.0] {
            let (f, derivative) = (|s: f64| (curvature * s).sin(), |s: f64| curvature * (curvature * s).cos());
            assert_eq!(along(f, derivative), Outcome::Equal);
            assert_eq!(along(f, |s| derivative(s) * 1.00001), Outcome::Different);
        }
    }

    #[test]
    fn a_kink_or_jump_is_explained_and_excuses_no_derivative_that_is_wrong_beside_it() {
        let (ramp, step) = (|s: f64| s.max(0.0), |s: f64| f64::from(u8::from(s > 0.0)));
        assert_eq!(along(ramp, step), Outcome::Explained(Reason::Kink));
        assert_eq!(along(|s| s.floor() + s, |_| 1.0), Outcome::Explained(Reason::Kink));
        assert_eq!(along(ramp, |s| 1.01 * step(s)), Outcome::Different);
        assert_eq!(along(|s| s.floor() + s, |_| 0.99), Outcome::Different);
        assert_eq!(along(|s| s * s, |s| 2.0 * s + 0.01), Outcome::Different);
    }

    #[test]
    fn cancellation_is_explained_as_far_as_rounding_goes() {
        let cancelled = |p: &[f64]| vec![(p[0] * 1e9).sin()];
        let rounded = |p: &[f64]| vec![(p[0] * (1e9 * (1.0 + f64::EPSILON))).sin()];
        let wrong = |p: &[f64]| vec![1.01 * (p[0] * 1e9).sin()];
        let against = |mut f: fn(&[f64]) -> Vec<f64>| {
            compare(&[0.7371], &mut cancelled.clone(), &mut f, 0.0, Precision { tolerance: 1e-12, ..Precision::DOUBLE })
        };
        assert_eq!(against(rounded), Outcome::Explained(Reason::Conditioning));
        assert_eq!(against(wrong), Outcome::Different);
    }
}
