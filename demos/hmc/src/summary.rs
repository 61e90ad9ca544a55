//! Means of correlated draws, with an error that knows of the correlation.

use wengert::prelude::*;

use crate::density::Density;
use crate::sampler::Chain;

/// One quantity of a chain, beside what is exact.
#[derive(Clone, Debug)]
pub struct Estimate {
    /// Its name.
    pub name: String,
    /// Mean of the draws.
    pub mean: f64,
    /// Standard deviation of the draws.
    pub deviation: f64,
    /// Standard error of the mean, from means of batches.
    pub error: f64,
    /// The exact mean.
    pub exact: f64,
    /// The exact standard deviation.
    pub exact_deviation: f64,
}

impl Estimate {
    /// By how many standard errors the mean is off.
    pub fn z(&self) -> f64 {
        (self.mean - self.exact) / self.error
    }

    /// How many independent draws would know as much: (deviation/error)².
    pub fn effective(&self) -> f64 {
        (self.exact_deviation / self.error).powi(2)
    }
}

/// The quantities of a density over a chain.
///
/// # Errors
/// None, unless the engine is broken.
pub fn estimates(density: &Density, chain: &Chain) -> Result<Vec<Estimate>, Error> {
    let program = density.quantities.compile()?;
    let rows = chain.draws.iter().map(|q| program.run(q)).collect::<Result<Vec<_>, _>>()?;
    let estimate = |(k, (name, exact, exact_deviation)): (usize, &(String, f64, f64))| {
        let values: Vec<f64> = rows.iter().map(|row| row[k]).collect();
        let (mean, deviation) = moments(&values);
        let error = batch_error(&values);
        Estimate { name: name.clone(), mean, deviation, error, exact: *exact, exact_deviation: *exact_deviation }
    };
    Ok(density.exact.iter().enumerate().map(estimate).collect())
}

/// Mean and standard deviation.
fn moments(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|v| (v - mean) * (v - mean)).sum();
    (mean, (squares / (n - 1.0)).sqrt())
}

/// The spread of the means of √n batches of √n draws, over the root of their number.
fn batch_error(values: &[f64]) -> f64 {
    let size = (values.len() as f64).sqrt() as usize;
    let means: Vec<f64> = values.chunks_exact(size).map(|batch| moments(batch).0).collect();
    moments(&means).1 / (means.len() as f64).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_draws_do_not_count_twice() {
        let once: Vec<f64> = (0..900).map(|i| (f64::from(i) * 0.618_033_988_749_894_9).fract()).collect();
        let held: Vec<f64> = once[..30].iter().flat_map(|v| [*v; 30]).collect();
        let (_, deviation) = moments(&once);
        assert!(batch_error(&once) < deviation / 30.0, "an even spread is better than chance");
        let expected = deviation / 30f64.sqrt();
        assert!((batch_error(&held) - expected).abs() < 0.1 * expected, "30 draws, held for 30 each");
    }
}
