//! Nonlinear least squares: Levenberg and Marquardt's method from afar, Newton's at the end.
//!
//! From afar each step minimises |r + Jz|² in a ball, in units in which every column of J has had length 1 at most (J. J.
//! Moré, *The Levenberg-Marquardt algorithm: implementation and theory*, Lecture Notes in Mathematics 630, 1978). This
//! leaves ravines and plateaus, but near the minimum it is only linear, and the sum of squares, flat there, cannot tell
//! more than half of the digits. So the end belongs to Newton's method on the gradient Jᵀr with the exact Hessian
//! JᵀJ + Σ rᵢ∇²rᵢ, until its steps stop shrinking.

use faer::Mat;

use crate::deviation::deviations;
use crate::model::{Model, Residuals};
use crate::trust::{Quadratic, Step};

/// Most steps from afar, for each radius tried.
const MOST_STEPS: usize = 2000;
/// First radii, in units of the length of the start. The first one nearly always leads to a minimum.
const RADII: [f64; 4] = [1.0, 0.1, 0.01, 100.0];
/// Newton's method takes over where the sum of squares would fall by less than this part of it.
const NEAR: f64 = 1e-6;
/// Largest last step of Newton's method at a minimum, relative to each parameter.
const LAST: f64 = 1e-8;

/// What was found.
#[derive(Clone, Debug)]
pub struct Fit {
    /// The parameters.
    pub parameters: Vec<f64>,
    /// Their standard deviations.
    pub deviations: Vec<f64>,
    /// The residual sum of squares.
    pub rss: f64,
    /// Steps taken.
    pub iterations: usize,
    /// How often all residuals with all derivatives were computed.
    pub evaluations: usize,
    /// Whether this is a minimum: the Hessian is positive, and Newton's method ends.
    pub converged: bool,
}

/// Fits a model from a starting point.
///
/// # Errors
/// A start with the wrong number of parameters.
pub fn fit(model: &Model<'_>, start: &[f64]) -> Result<Fit, wengert::Error> {
    let mut search = Search { model, iterations: 0, evaluations: 0 };
    let start = search.look(start.to_vec())?;
    let mut best: Option<(Place, bool)> = None;
    for radius in RADII {
        let place = search.descend(start.clone(), radius)?;
        let (place, converged) = search.polish(place)?;
        let better = |(so_far, _): &(Place, bool)| converged || place.residuals.rss < so_far.residuals.rss;
        if best.as_ref().is_none_or(better) {
            best = Some((place, converged));
        }
        if converged {
            break;
        }
    }
    let (place, converged) = best.expect("there is a radius to try");
    Ok(Fit {
        deviations: deviations(&place.residuals),
        rss: place.residuals.rss,
        parameters: place.b,
        iterations: search.iterations,
        evaluations: search.evaluations,
        converged,
    })
}

struct Search<'m> {
    model: &'m Model<'m>,
    iterations: usize,
    evaluations: usize,
}

/// A point with the residuals there.
#[derive(Clone)]
struct Place {
    b: Vec<f64>,
    residuals: Residuals,
}

impl Search<'_> {
    fn look(&mut self, b: Vec<f64>) -> Result<Place, wengert::Error> {
        self.evaluations += 1;
        let residuals = self.model.at(&b)?;
        Ok(Place { b, residuals })
    }

    /// The place a scaled step away.
    fn moved(&mut self, from: &Place, z: &[f64], scales: &[f64]) -> Result<Place, wengert::Error> {
        let b = from.b.iter().zip(z).zip(scales).map(|((b, z), d)| b + z / d).collect();
        self.look(b)
    }

    /// Levenberg and Marquardt's method, until little is left to gain or nothing is gained.
    fn descend(&mut self, mut here: Place, first_radius: f64) -> Result<Place, wengert::Error> {
        let mut scales = vec![0.0; here.b.len()];
        let mut radius = None;
        for _ in 0..MOST_STEPS {
            for (scale, now) in scales.iter_mut().zip(here.residuals.scales()) {
                *scale = now.max(*scale);
            }
            let size = length(here.b.iter().zip(&scales).map(|(b, d)| b * d));
            let mut ball = Ball {
                radius: radius.unwrap_or(first_radius * if size > 0.0 { size } else { 1.0 }),
                least: f64::EPSILON * size,
            };
            let Some((there, near)) = self.step_down(&here, &scales, &mut ball)? else { break };
            here = there;
            radius = Some(ball.radius);
            if near {
                break;
            }
        }
        Ok(here)
    }

    /// A step that lowers the sum of squares, and whether it leads near to a minimum; the ball shrinks until there is one.
    fn step_down(
        &mut self,
        here: &Place,
        scales: &[f64],
        ball: &mut Ball,
    ) -> Result<Option<(Place, bool)>, wengert::Error> {
        let jacobian = scaled_jacobian(&here.residuals, scales);
        let Some(model) = Quadratic::gauss_newton(&jacobian, &here.residuals.values) else { return Ok(None) };
        self.iterations += 1;
        loop {
            let step = model.step(ball.radius);
            let there = self.moved(here, &step.z, scales)?;
            let gained = match there.residuals.is_finite() {
                true => 0.5 * (here.residuals.rss - there.residuals.rss),
                false => f64::NEG_INFINITY,
            };
            ball.resize(&step, gained);
            let near = step.free && step.decrease <= NEAR * 0.5 * here.residuals.rss;
            if gained > 0.0 {
                return Ok(Some((there, near)));
            }
            if near || ball.radius <= ball.least {
                return Ok(None);
            }
        }
    }

    /// Newton's method while its steps at least halve, and whether it ends at a minimum.
    fn polish(&mut self, mut here: Place) -> Result<(Place, bool), wengert::Error> {
        let mut last = f64::INFINITY;
        loop {
            let scales = here.residuals.scales();
            let Some(model) = newton(&here.residuals, &scales).filter(Quadratic::is_convex) else {
                return Ok((here, false));
            };
            let step = model.step(f64::INFINITY).z;
            let now = length(step.iter().copied());
            if now.is_nan() || now >= 0.5 * last {
                let small = |((z, d), b): ((&f64, &f64), &f64)| (z / d).abs() <= LAST * b.abs();
                let ended = step.iter().zip(&scales).zip(&here.b).all(small);
                return Ok((here, ended));
            }
            last = now;
            self.iterations += 1;
            let there = self.moved(&here, &step, &scales)?;
            if !there.residuals.is_finite() {
                return Ok((here, false));
            }
            here = there;
        }
    }
}

/// Where the quadratic model is trusted.
struct Ball {
    radius: f64,
    /// Steps below this are rounding.
    least: f64,
}

impl Ball {
    /// Grows where the model held at the edge, shrinks where it did not hold.
    fn resize(&mut self, step: &Step, gained: f64) {
        if gained <= 0.0 || gained < 0.25 * step.decrease {
            self.radius = 0.25 * self.radius.min(length(step.z.iter().copied()));
        } else if gained > 0.75 * step.decrease && !step.free {
            self.radius *= 2.0;
        }
    }
}

fn length(x: impl Iterator<Item = f64>) -> f64 {
    x.map(|x| x * x).sum::<f64>().sqrt()
}

fn scaled_jacobian(at: &Residuals, scales: &[f64]) -> Mat<f64> {
    Mat::from_fn(at.values.len(), scales.len(), |i, k| at.jacobian[(i, k)] / scales[k])
}

/// Half of the sum of squares to second order, in scaled parameters.
fn newton(at: &Residuals, scales: &[f64]) -> Option<Quadratic> {
    let p = scales.len();
    let j = scaled_jacobian(at, scales);
    let normal = j.transpose() * &j;
    let hessian = Mat::from_fn(p, p, |i, k| normal[(i, k)] + at.curvature[(i, k)] / scales[i] / scales[k]);
    let gradient: Vec<f64> = at.gradient().iter().zip(scales).map(|(g, d)| g / d).collect();
    Quadratic::new(&hessian, &gradient)
}
