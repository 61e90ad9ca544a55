//! The derivatives of log Φ: λ(x) = φ(x)/Φ(x), the inverse Mills ratio of −x, and its own derivatives.
//!
//! As x → −∞, λ' = −λ(x + λ) cancels, and each further derivative cancels more. There, with t = −x, λ is the continued
//! fraction (DLMF 7.9.1 in terms of φ)
//!
//! ```text
//! λ = t + 1/(t + 2/(t + 3/(t + …)))
//! ```
//!
//! which is evaluated with power series in t in place of numbers: nothing cancels, since the terms that are added differ by
//! factors of t². Elsewhere the differential equation gives coefficient after coefficient.

use super::erf::ndtr;

/// 1/√(2π)
const DENSITY: f64 = 0.3989422804014327;
/// Below, the continued fraction is worth its terms.
const LOWER: f64 = -0.6;
/// Highest derivative that is computed.
const HIGHEST: u32 = 128;

/// The `n`-th derivative of φ(x)/Φ(x): a few ulp below -0.6 and above 2, up to some hundreds between for n of 3 and more,
/// where terms of the recurrence cancel. NaN beyond the 128-th.
pub fn mills_n(n: u32, x: f64) -> f64 {
    if x.is_nan() || n > HIGHEST {
        return f64::NAN;
    }
    if x.is_infinite() {
        return match (x < 0.0, n) {
            (true, 0) => f64::INFINITY,
            (true, 1) => -1.0,
            _ => 0.0,
        };
    }
    let order = n as usize;
    let mut coefficients = [0.0; HIGHEST as usize + 1];
    let series = &mut coefficients[..=order];
    if x < LOWER {
        by_continued_fraction(-x, series);
    } else {
        by_recurrence(x, series);
    }
    let factorial = (1..=n).fold(1.0, |product, k| product * f64::from(k));
    let sign = if x < LOWER && n % 2 == 1 { -1.0 } else { 1.0 };
    sign * series[order] * factorial
}

/// Taylor coefficients at x from λ' = −λ(x + λ).
fn by_recurrence(x: f64, series: &mut [f64]) {
    series[0] = DENSITY * (-0.5 * x * x).exp() / ndtr(x);
    for k in 0..series.len() - 1 {
        let sum = |i: usize| match i {
            0 => x + series[0],
            1 => 1.0 + series[1],
            _ => series[i],
        };
        let product: f64 = (0..=k).map(|i| series[k - i] * sum(i)).sum();
        series[k + 1] = -product / (k + 1) as f64;
    }
}

/// Taylor coefficients at t of the continued fraction, from its far end.
fn by_continued_fraction(t: f64, series: &mut [f64]) {
    let terms = 30.0 + series.len() as f64 + 0.5 * ((20.0 + 2.0 * series.len() as f64) / t).powi(2);
    let terms = terms as usize;
    let root = (t * t + 4.0 * (terms as f64 + 1.0)).sqrt();
    series[0] = 0.5 * (t + root);
    if let Some(slope) = series.get_mut(1) {
        *slope = 0.5 * (1.0 + t / root);
    }
    let mut quotient = [0.0; HIGHEST as usize + 1];
    for k in (1..=terms).rev() {
        divide(k as f64, series, &mut quotient[..series.len()]);
        series.copy_from_slice(&quotient[..series.len()]);
        series[0] += t;
        if let Some(slope) = series.get_mut(1) {
            *slope += 1.0;
        }
    }
}

/// The series of k/r.
fn divide(k: f64, r: &[f64], quotient: &mut [f64]) {
    quotient[0] = k / r[0];
    for j in 1..r.len() {
        let sum: f64 = (1..=j).map(|i| r[i] * quotient[j - i]).sum();
        quotient[j] = -sum / r[0];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By mpmath, with 60 digits.
    #[test]
    fn derivatives_keep_their_digits_in_the_tail() {
        let table = [
            (0, -40.0, 40.02496884720726),
            (1, -40.0, -0.9993773316214086),
            (2, -40.0, 3.101744039648625e-5),
            (0, -1.0, 1.525135276160982),
            (0, 3.0, 0.004437839042125664),
        ];
        for (n, x, expected) in table {
            let found = mills_n(n, x);
            assert!((found - expected).abs() <= 4e-15 * expected.abs(), "{n} at {x}: {found:e}, not {expected:e}");
        }
    }

    #[test]
    fn both_methods_meet() {
        for n in 0..6 {
            let (left, right) = (mills_n(n, LOWER - 1e-16), mills_n(n, LOWER));
            assert!((left - right).abs() <= 1e-11 * right.abs().max(1.0), "{n}: {left:e} and {right:e}");
        }
    }

    #[test]
    fn ends_of_the_line_are_limits() {
        assert_eq!([0, 1, 2].map(|n| mills_n(n, f64::NEG_INFINITY)), [f64::INFINITY, -1.0, 0.0]);
        assert_eq!([0, 1, 2].map(|n| mills_n(n, f64::INFINITY)), [0.0; 3]);
        assert!(mills_n(0, f64::NAN).is_nan());
        assert_eq!(mills_n(0, -1e200), 1e200);
        assert_eq!(mills_n(1, -1e200), -1.0);
    }
}
