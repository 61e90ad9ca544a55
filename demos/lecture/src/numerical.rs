//! Differences of values: easy, and never exact. A smaller step cuts the truncation error and raises the rounding error.

use std::fmt::Write as _;

use wengert::Error;
use wengert::numeric::{StepErrors, central_step, check_direction, errors, one_sided_step};

use crate::{AT, lecture};

/// The errors of both differences of y along x₂, for steps from 10⁻¹ to 10⁻¹⁵.
pub fn steps() -> Vec<StepErrors> {
    let exact = AT[0] - AT[1].cos();
    let steps: Vec<f64> = (1..=15).map(|digits| 10f64.powi(-digits)).collect();
    errors(|x2| lecture(AT[0], x2), exact, AT[1], &steps)
}

pub fn section(out: &mut String) -> Result<(), Error> {
    let _ = writeln!(out, "Error of dy/dx2 = x1 - cos x2 by differences of values, step by step:\n");
    let _ = writeln!(out, "  step      one-sided  central");
    for e in steps() {
        let _ = writeln!(out, "  {:<8.0e}  {:<9.1e}  {:.1e}", e.h, e.one_sided, e.central);
    }
    let (one, two) = (one_sided_step(AT[1]), central_step(AT[1]));
    let _ = writeln!(out, "\nBest steps: {one:.1e} one-sided (√ε·x), {two:.1e} central (∛ε·x).");
    let gradient = [1.0 / AT[0] + AT[1], AT[0] - AT[1].cos()];
    let agreement = check_direction(|x| lecture(x[0], x[1]), &gradient, &AT, 1);
    let _ = writeln!(
        out,
        "Along a random direction δ one difference checks the whole gradient: δᵀ∇f = {:.10}, measured {:.10}.",
        agreement.claimed, agreement.measured.value
    );
    Ok(())
}
