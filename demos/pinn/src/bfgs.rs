//! The quasi-Newton method of Broyden, Fletcher, Goldfarb and Shanno, with the line search of A. S. Lewis and
//! M. L. Overton (*Nonsmooth optimization via quasi-Newton methods*, Math. Program. 141, 2013), which bisects until the
//! weak Wolfe conditions hold.

/// A minimisation under way: where it is, and what it knows of the curvature.
pub struct Bfgs<F> {
    objective: F,
    /// The point.
    pub x: Vec<f64>,
    /// The value there.
    pub value: f64,
    gradient: Vec<f64>,
    /// The inverse of the Hessian, as far as steps have shown it; row by row.
    inverse: Vec<f64>,
    /// Whether a step has been made.
    moved: bool,
    /// How often the objective was asked.
    pub evaluations: usize,
}

/// A point of a line search.
struct Trial {
    x: Vec<f64>,
    value: f64,
    gradient: Vec<f64>,
}

impl<F: Fn(&[f64]) -> Vec<f64>> Bfgs<F> {
    /// Starts; `objective` gives the value, then the gradient.
    pub fn new(objective: F, x: Vec<f64>) -> Bfgs<F> {
        let at = objective(&x);
        let n = x.len();
        let inverse = (0..n * n).map(|i| if i / n == i % n { 1.0 } else { 0.0 }).collect();
        Bfgs { objective, x, value: at[0], gradient: at[1..].to_vec(), inverse, moved: false, evaluations: 1 }
    }

    /// One step; `false` where rounding leaves nothing to gain.
    pub fn step(&mut self) -> bool {
        let n = self.x.len();
        let direction: Vec<f64> = self.inverse.chunks(n).map(|row| -dot(row, &self.gradient)).collect();
        let Some(next) = self.search(&direction) else { return false };
        let moved = difference(&next.x, &self.x);
        let bent = difference(&next.gradient, &self.gradient);
        self.learn(&moved, &bent);
        (self.x, self.value, self.gradient) = (next.x, next.value, next.gradient);
        true
    }

    /// A point along the direction with enough descent that the slope has become flatter.
    fn search(&mut self, direction: &[f64]) -> Option<Trial> {
        let slope = dot(&self.gradient, direction);
        let (mut low, mut high, mut t) = (0.0, f64::INFINITY, 1.0);
        for _ in 0..60 {
            let x: Vec<f64> = self.x.iter().zip(direction).map(|(x, d)| x + t * d).collect();
            let at = (self.objective)(&x);
            self.evaluations += 1;
            let (value, gradient) = (at[0], at[1..].to_vec());
            if value.is_nan() || value > self.value + 1e-4 * t * slope {
                high = t;
            } else if dot(&gradient, direction) < 0.9 * slope {
                low = t;
            } else {
                return (value < self.value).then_some(Trial { x, value, gradient });
            }
            t = if high.is_finite() { (low + high) / 2.0 } else { 2.0 * low };
        }
        None
    }

    /// H ← (1 − ρsyᵀ)H(1 − ρysᵀ) + ρssᵀ with ρ = 1/sᵀy > 0.
    fn learn(&mut self, s: &[f64], y: &[f64]) {
        let n = s.len();
        let rho = 1.0 / dot(s, y);
        if !std::mem::replace(&mut self.moved, true) {
            let scale = 1.0 / (rho * dot(y, y)); // the first step shows how large the Hessian is
            self.inverse.iter_mut().for_each(|h| *h *= scale);
        }
        let hy: Vec<f64> = self.inverse.chunks(n).map(|row| dot(row, y)).collect();
        let both = rho * (1.0 + rho * dot(y, &hy));
        for i in 0..n {
            for j in 0..n {
                self.inverse[i * n + j] += both * s[i] * s[j] - rho * (hy[i] * s[j] + s[i] * hy[j]);
            }
        }
    }
}

fn dot(x: &[f64], y: &[f64]) -> f64 {
    x.iter().zip(y).map(|(x, y)| x * y).sum()
}

fn difference(x: &[f64], y: &[f64]) -> Vec<f64> {
    x.iter().zip(y).map(|(x, y)| x - y).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rosenbrocks_valley_is_followed_to_its_end() {
        let objective = |q: &[f64]| {
            let (off, x) = (q[1] - q[0] * q[0], q[0]);
            vec![100.0 * off * off + (1.0 - x).powi(2), 2.0 * (x - 1.0) - 400.0 * off * x, 200.0 * off]
        };
        let mut bfgs = Bfgs::new(objective, vec![-1.2, 1.0]);
        let steps = (0..100).take_while(|_| bfgs.step()).count();
        assert!(steps < 60 && bfgs.value < 1e-20 && bfgs.x.iter().all(|x| (x - 1.0).abs() < 1e-9), "{:?}", bfgs.x);
    }
}
