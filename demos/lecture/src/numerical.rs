//! Differences of values: easy, and never exact. A smaller step cuts the truncation error and raises the rounding error.

use std::fmt::Write as _;

use wengert::Error;
use wengert::numeric::{StepErrors, central_step, check_direction, errors, one_sided_step};

use crate::{AT, lecture};

/// ∇y by hand, to which differences are held.
fn exact() -> [f64; 2] {
    [1.0 / AT[0] + AT[1], AT[0] - AT[1].cos()]
}

/// The errors of both differences of y along x₁ and along x₂, for steps from 10⁻¹ to 10⁻¹⁵.
pub fn steps() -> [Vec<StepErrors>; 2] {
    let powers: Vec<f64> = (1..=15).map(|digits| 10f64.powi(-digits)).collect();
    let [d1, d2] = exact();
    [errors(|x1| lecture(x1, AT[1]), d1, AT[0], &powers), errors(|x2| lecture(AT[0], x2), d2, AT[1], &powers)]
}

pub fn section(out: &mut String) -> Result<(), Error> {
    let _ = writeln!(out, "Errors of differences of values, step by step:\n");
    let _ = writeln!(out, "            dy/dx1 = 1/x1 + x2    dy/dx2 = x1 - cos x2");
    let _ = writeln!(out, "  step      one-sided  central    one-sided  central");
    let [along_x1, along_x2] = steps();
    for (one, two) in along_x1.iter().zip(&along_x2) {
        let _ = write!(out, "  {:<8.0e}  {:<9.1e}  {:<9.1e}", one.h, one.one_sided, one.central);
        let _ = writeln!(out, "  {:<9.1e}  {:.1e}", two.one_sided, two.central);
    }
    let _ =
        writeln!(out, "\nTruncation falls with the step h, as h one-sided and as h² central; rounding grows as 1/h.");
    let _ =
        writeln!(out, "Their sum is least near √ε·x one-sided, with half of the digits right, and near ∛ε·x central,");
    let (one, two) = (one_sided_step(AT[1]), central_step(AT[1]));
    let _ = writeln!(out, "with two thirds: at x2 these are {one:.1e} and {two:.1e}.");
    let agreement = check_direction(|x| lecture(x[0], x[1]), &exact(), &AT, 1);
    let (claimed, measured) = (agreement.claimed, agreement.measured.value);
    let _ = writeln!(out, "\nAlong a random direction δ one difference checks the whole gradient:");
    let _ = writeln!(out, "δᵀ∇f = {claimed:.10}, measured {measured:.10}.");
    Ok(())
}
