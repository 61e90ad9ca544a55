//! How many digits of a fit are those that NIST certifies.

use crate::dataset::Dataset;
use crate::fit::Fit;

/// Digits of the certified values.
pub const CERTIFIED: f64 = 11.0;
/// Digits that a fit must agree to.
pub const REQUIRED: f64 = 8.0;

/// Number of agreeing digits: −log₁₀ of the relative error, the absolute one where the certified value is 0; at most
/// [`CERTIFIED`], at least 0.
pub fn digits(found: f64, certified: f64) -> f64 {
    let error = if certified == 0.0 { found.abs() } else { ((found - certified) / certified).abs() };
    match error.is_nan() {
        true => 0.0,
        false => (-error.log10()).clamp(0.0, CERTIFIED),
    }
}

/// A fit beside the certified results.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// Agreeing digits of each parameter.
    pub parameters: Vec<f64>,
    /// Agreeing digits of each standard deviation.
    pub deviations: Vec<f64>,
    /// Agreeing digits of the residual sum of squares.
    pub rss: f64,
    /// Digits of residuals of this size that f64 keeps, where these are fewer than [`REQUIRED`]. The standard deviations
    /// are proportional to the residuals and have no more.
    pub residual_digits: Option<f64>,
}

impl Comparison {
    /// Compares.
    pub fn new(set: &Dataset, fit: &Fit) -> Comparison {
        let pairs = || fit.parameters.iter().zip(&fit.deviations).zip(&set.parameters);
        let largest = set.rows.iter().map(|row| row[0].abs()).fold(0.0, f64::max);
        let certified = (set.rss / (set.rows.len() - set.parameters.len()) as f64).sqrt();
        let kept = (certified / (f64::EPSILON * largest)).log10();
        Comparison {
            parameters: pairs().map(|((b, _), known)| digits(*b, known.value)).collect(),
            deviations: pairs().map(|((_, s), known)| digits(*s, known.deviation)).collect(),
            rss: digits(fit.rss, set.rss),
            residual_digits: Some(kept).filter(|kept| *kept < REQUIRED),
        }
    }

    /// Fewest agreeing digits of any parameter.
    pub fn worst_parameter(&self) -> f64 {
        self.parameters.iter().copied().fold(CERTIFIED, f64::min)
    }

    /// Fewest agreeing digits of any standard deviation.
    pub fn worst_deviation(&self) -> f64 {
        self.deviations.iter().copied().fold(CERTIFIED, f64::min)
    }

    /// Whether everything that f64 can know agrees to [`REQUIRED`] digits.
    pub fn passed(&self) -> bool {
        let deviations = self.residual_digits.is_some() || self.worst_deviation() >= REQUIRED;
        self.worst_parameter() >= REQUIRED && deviations
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_count_from_the_first_that_differs() {
        assert_eq!(
            (digits(1.0, 1.0), digits(2.0, 1.0), digits(-1.0, 1.0), digits(f64::NAN, 1.0)),
            (11.0, 0.0, 0.0, 0.0)
        );
        assert!((digits(1.000_01, 1.0) - 5.0).abs() < 0.01 && (digits(-3e-9 * 1.001, -3e-9) - 3.0).abs() < 0.01);
        assert!((digits(1e-4, 0.0) - 4.0).abs() < 1e-12 && digits(f64::INFINITY, 1.0) == 0.0);
    }
}
