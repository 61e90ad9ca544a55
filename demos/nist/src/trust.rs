//! A quadratic model of the sum of squares, minimised inside a ball (J. J. Moré and D. C. Sorensen, *Computing a trust
//! region step*, SIAM J. Sci. Stat. Comput. 4, 1983). Few parameters, so the matrix is diagonalised and the rest is
//! arithmetic with scalars.

use faer::{Mat, Side};

/// gᵀz + ½·zᵀHz in the basis of the eigenvectors of H.
#[derive(Clone, Debug)]
pub struct Quadratic {
    /// Ascending.
    eigenvalues: Vec<f64>,
    gradient: Vec<f64>,
    vectors: Mat<f64>,
}

/// The minimiser inside the ball.
#[derive(Clone, Debug)]
pub struct Step {
    /// The step.
    pub z: Vec<f64>,
    /// By how much the model decreases.
    pub decrease: f64,
    /// Whether it is the minimiser of the whole model, and the ball does not matter.
    pub free: bool,
}

impl Quadratic {
    /// Diagonalises H; `None` if that does not converge, which takes numbers that are not finite.
    pub fn new(h: &Mat<f64>, g: &[f64]) -> Option<Quadratic> {
        let eigen = h.self_adjoint_eigen(Side::Lower).ok()?;
        let vectors = eigen.U().to_owned();
        let eigenvalues = (0..g.len()).map(|j| eigen.S()[j]).collect();
        let along = |j: usize| g.iter().enumerate().map(|(i, g)| vectors[(i, j)] * g).sum();
        let gradient = (0..g.len()).map(along).collect();
        Some(Quadratic { eigenvalues, gradient, vectors })
    }

    /// JᵀJ for H and Jᵀr for g, by the singular values of J, so that nothing is squared before it is used.
    pub fn gauss_newton(j: &Mat<f64>, r: &[f64]) -> Option<Quadratic> {
        let svd = j.thin_svd().ok()?;
        let p = j.ncols();
        let singular = |k: usize| svd.S()[p - 1 - k];
        let along =
            |k: usize| singular(k) * r.iter().enumerate().map(|(i, r)| svd.U()[(i, p - 1 - k)] * r).sum::<f64>();
        let eigenvalues = (0..p).map(|k| singular(k) * singular(k)).collect();
        let vectors = Mat::from_fn(p, p, |i, k| svd.V()[(i, p - 1 - k)]);
        Some(Quadratic { eigenvalues, gradient: (0..p).map(along).collect(), vectors })
    }

    /// Whether H is positive, by more than rounding.
    pub fn is_convex(&self) -> bool {
        let largest = self.eigenvalues[self.eigenvalues.len() - 1];
        self.eigenvalues[0] > f64::EPSILON * largest
    }

    /// The step to the minimum in a ball of this radius.
    pub fn step(&self, radius: f64) -> Step {
        let least = self.eigenvalues[0];
        let free = least > 0.0 && self.length(0.0) <= radius;
        let shift = if free { 0.0 } else { self.shift(radius) };
        let mut along = self.along(shift);
        let missing = radius * radius - along.iter().map(|z| z * z).sum::<f64>();
        if least < 0.0 && missing > 0.1 * radius * radius {
            // The gradient says nothing about the direction in which the model falls most: go there.
            along[0] += if along[0] < 0.0 { -missing.sqrt() } else { missing.sqrt() };
        }
        let terms = along.iter().zip(&self.gradient).zip(&self.eigenvalues);
        let decrease = terms.map(|((z, g), w)| -z * (g + 0.5 * w * z)).sum();
        let z = (0..along.len()).map(|i| (0..along.len()).map(|k| self.vectors[(i, k)] * along[k]).sum());
        Step { z: z.collect(), decrease, free }
    }

    /// −(H + λ)⁻¹g
    fn along(&self, shift: f64) -> Vec<f64> {
        let component = |(g, w): (&f64, &f64)| if *g == 0.0 { 0.0 } else { -g / (w + shift) };
        self.gradient.iter().zip(&self.eigenvalues).map(component).collect()
    }

    fn length(&self, shift: f64) -> f64 {
        self.along(shift).iter().map(|z| z * z).sum::<f64>().sqrt()
    }

    /// The λ for which the step reaches the ball; H + λ is then positive. The length falls as λ grows, so it is bracketed.
    fn shift(&self, radius: f64) -> f64 {
        let slope = self.gradient.iter().map(|g| g * g).sum::<f64>().sqrt();
        let mut low = (-self.eigenvalues[0]).max(0.0);
        let mut high = low + slope / radius;
        for _ in 0..200 {
            let middle = if low > 0.0 && high > 4.0 * low { (low * high).sqrt() } else { 0.5 * (low + high) };
            if middle <= low || middle >= high {
                break;
            }
            let length = self.length(middle);
            if (length - radius).abs() <= 0.01 * radius {
                return middle;
            }
            if length > radius { low = middle } else { high = middle }
        }
        high
    }
}
