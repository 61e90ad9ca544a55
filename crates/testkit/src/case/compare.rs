//! When two numbers that should be equal are equal enough.

use super::Failure;
use super::values::show_number;

/// How far two numbers may be apart.
#[derive(Clone, Copy, Debug)]
pub struct Tolerance {
    /// Relative to the larger of both.
    pub relative: f64,
    /// Relative to the terms from which they were computed.
    pub of_terms: f64,
}

impl Tolerance {
    /// Two ways to compute the same in double precision.
    pub const ROUNDING: Tolerance = Tolerance { relative: 1e-12, of_terms: 1e-14 };
    /// A derivative and extrapolated differences.
    pub const DIFFERENCES: Tolerance = Tolerance { relative: 1e-7, of_terms: 1e-10 };
    /// Formulas that are equal as real numbers.
    pub const ALGEBRA: Tolerance = Tolerance { relative: 1e-9, of_terms: 1e-9 };

    /// The same unless the case asks for another.
    pub fn or(self, relative: Option<f64>) -> Tolerance {
        relative.map_or(self, |relative| Tolerance { relative, of_terms: relative })
    }

    /// Whether two numbers are equal enough, if they came from terms of size `terms`. An infinity equals itself only, a
    /// NaN any NaN.
    pub fn equal(self, x: f64, y: f64, terms: f64) -> bool {
        if !x.is_finite() || !y.is_finite() {
            return x == y || (x.is_nan() && y.is_nan());
        }
        (x - y).abs() <= self.relative * x.abs().max(y.abs()) + self.of_terms * terms
    }
}

/// Compares lists of numbers, each taken to have terms as large as the largest.
pub fn equal_lists(what: &str, tolerance: Tolerance, found: &[f64], expected: &[f64]) -> Result<(), Failure> {
    equal_sums(what, tolerance, found, expected, 0.0)
}

/// Compares lists of numbers that have terms as large as the largest and as `terms`.
pub fn equal_sums(
    what: &str,
    tolerance: Tolerance,
    found: &[f64],
    expected: &[f64],
    terms: f64,
) -> Result<(), Failure> {
    assert_eq!(found.len(), expected.len(), "{what}: lists of one type have one length");
    let finite = |x: &&f64| x.is_finite();
    let terms = expected.iter().chain([&terms]).filter(finite).fold(0.0, |largest: f64, x| largest.max(x.abs()));
    for (at, (&x, &y)) in found.iter().zip(expected).enumerate() {
        if !tolerance.equal(x, y, terms) {
            return Err(Failure::new(format!("{what}: element {at} is {x:?}, not {y:?}")));
        }
    }
    Ok(())
}

/// A list of numbers, for messages.
pub fn list(numbers: &[f64]) -> String {
    numbers.iter().map(|&x| show_number(x)).collect::<Vec<_>>().join(", ")
}
