//! Standard deviations of fitted parameters.

use faer::Mat;

use crate::model::Residuals;

/// √(s²·diag (JᵀJ)⁻¹) with s² = rss/(n − p), by the singular values of J with columns scaled to length 1, so that
/// parameters of very different size and nearly dependent columns lose no digits to the squaring in JᵀJ. Infinite for
/// parameters that the data say nothing about.
pub fn deviations(at: &Residuals) -> Vec<f64> {
    let (n, p) = (at.values.len(), at.jacobian.ncols());
    let scales = at.scales();
    let scaled = Mat::from_fn(n, p, |i, j| at.jacobian[(i, j)] / scales[j]);
    let Ok(svd) = scaled.thin_svd() else { return vec![f64::NAN; p] };
    let s = (at.rss / (n - p) as f64).sqrt();
    let component = |j: usize, k: usize| match svd.V()[(j, k)] {
        0.0 => 0.0,
        v => v / svd.S()[k],
    };
    let spread = |j: usize| (0..p).map(|k| component(j, k) * component(j, k)).sum::<f64>().sqrt();
    (0..p).map(|j| s / scales[j] * spread(j)).collect()
}
