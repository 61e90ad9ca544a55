//! Bundle adjustment: residuals of many observations, and a block of the Jacobian for each.

use wengert::prelude::*;

use super::{Case, Failure, made, tensor};
use crate::data::Inputs;

/// What one camera (11 numbers) sees of one point (3) with a weight, less what was seen.
fn reprojection(z: Expr, seen: Expr) -> Expr {
    let at = |i: usize| z.at(i);
    let (y, turn) = ([0, 1, 2].map(|i| at(11 + i) - at(3 + i)), [0, 1, 2].map(at));
    let angle = turn.iter().map(|r| r.square()).sum::<Expr>().sqrt();
    let (c, s) = (angle.cos(), angle.sin());
    let v = turn.map(|r| r / angle);
    let cross = [v[1] * y[2] - v[2] * y[1], v[2] * y[0] - v[0] * y[2], v[0] * y[1] - v[1] * y[0]];
    let t = (v[0] * y[0] + v[1] * y[1] + v[2] * y[2]) * (1.0 - c);
    let r = [0, 1, 2].map(|i| y[i] * c + cross[i] * s + v[i] * t);
    let (a, b) = (r[0] / r[2], r[1] / r[2]);
    let square = a.square() + b.square();
    let lens = 1.0 + at(9) * square + at(10) * square.square();
    let project = |x: Expr, i: usize| at(14) * (x * lens * at(6) + at(7 + i) - seen.at(i));
    stack(&[project(a, 0), project(b, 1)])
}

pub fn bundle(inputs: &Inputs) -> Result<Case, Failure> {
    let (n, m, p) = (inputs.shape("cams")?[0], inputs.shape("X")?[0], inputs.shape("w")?[0]);
    let at = inputs.arrays(&["cams", "X", "w", "feats"])?;
    let places = inputs.array("obs")?;
    let column = |j: usize| places.iter().skip(j).step_by(2).map(|&i| i as i64).collect::<Vec<i64>>();
    let (cameras, points) = (column(0), column(1));
    Case::new(|| {
        let one = Function::new("one", &[("z", tensor(&[15])), ("seen", tensor(&[2]))], |v| reprojection(v[0], v[1]))?;
        let over_all = |each: &Function, of_weight: fn(Expr) -> Expr| {
            let each = each.vmap(&[Some(0), Some(0)], p)?;
            let g = Graph::new();
            let (cams, x) = (g.tensor("cams", &[n, 11]), g.tensor("X", &[m, 3]));
            let (w, feats) = (g.tensor("w", &[p]), g.tensor("feats", &[p, 2]));
            let (cameras, points) = (g.integers(&[p], &cameras), g.integers(&[p], &points));
            let z = concat(&[cams.take(0, cameras), x.take(0, points), w.reshape(&[p, 1])], 1);
            g.function("bundle", (each.call(&[z, feats]), of_weight(w)))
        };
        let primal = over_all(&one, |w| 1.0 - w.square())?;
        let jacobian = over_all(&one.jacobian("z")?, |w| -2.0 * w)?;
        Ok(vec![made("primal", primal, &at), made("deriv", jacobian, &at)])
    })
}
