//! The check of first derivatives: a gradient against differences of the formula as it was written, which was neither
//! differentiated nor simplified.

use std::fmt;

use wengert::formula::Formula;
use wengert::numeric::{Agreement, Verdict, check_direction};
use wengert::partials::{Partials, Settings};
use wengert::{Error, Level, Program};

use crate::report::Shown;

/// Relative to the terms of the directional derivative; tells a wrong rule from rounding.
const TOLERANCE: f64 = 1e-6;
/// Which direction is taken.
const SEED: u64 = 1;

/// The formula as it was written, to take differences of.
pub struct Witness {
    program: Program,
    /// The argument that holds each variable of differentiation.
    places: Vec<usize>,
}

impl Witness {
    /// Plans the formula.
    pub fn new(formula: &Formula, settings: &Settings) -> Result<Witness, Error> {
        let plain = Settings { order: 0, level: Level::None, ..settings.clone() };
        let Partials { variables, function, .. } = Partials::new(formula, &plain)?;
        let params = function.core().params();
        let mut by_name: Vec<(&str, usize)> = params.iter().enumerate().map(|(at, p)| (&*p.name, at)).collect();
        by_name.sort_unstable();
        let place = |name: &String| by_name.binary_search_by_key(&&**name, |(known, _)| known).map(|at| by_name[at].1);
        let places = variables.iter().filter_map(|name| place(name).ok()).collect();
        Ok(Witness { program: function.compile_at(Level::None)?, places })
    }

    /// Compares a gradient at a point with differences along one direction.
    pub fn compare(&self, gradient: &[f64], arguments: &[f64]) -> Agreement {
        let value = |x: &[f64]| {
            let mut moved = arguments.to_vec();
            self.places.iter().zip(x).for_each(|(&place, &x)| moved[place] = x);
            self.program.run(&moved).map_or(f64::NAN, |values| values[0])
        };
        let at: Vec<f64> = self.places.iter().map(|&place| arguments[place]).collect();
        check_direction(value, gradient, &at, SEED)
    }
}

/// What the differences say.
pub fn verdict(agreement: &Agreement) -> Verdict {
    agreement.verdict(TOLERANCE)
}

/// The name of a verdict in JSON.
pub fn name(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Agrees => "agrees",
        Verdict::Disagrees => "disagrees",
        Verdict::Undecided => "undecided",
    }
}

/// A verdict for people.
pub struct Sentence<'a>(pub &'a Agreement);

impl fmt::Display for Sentence<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Agreement { claimed, measured, .. } = self.0;
        let numbers = format!("{} by derivatives, {} by differences", Shown(*claimed), Shown(measured.value));
        match verdict(self.0) {
            Verdict::Agrees => write!(f, "agrees: along one direction {numbers}"),
            Verdict::Disagrees => {
                write!(f, "DISAGREES: along one direction {numbers}, known to {:.1e}", measured.error)
            }
            Verdict::Undecided => {
                f.write_str("undecided: differences cannot tell at a kink, a pole or an edge of the domain")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, wrt: &[&str], gradient: &[f64], arguments: &[f64]) -> Verdict {
        let formula = Formula::parse(text).expect("a formula");
        let wrt = Some(wrt.iter().map(|name| name.to_string()).collect());
        let witness = Witness::new(&formula, &Settings { wrt, ..Settings::default() }).expect("a small formula");
        verdict(&witness.compare(gradient, arguments))
    }

    #[test]
    fn a_right_gradient_agrees_and_a_wrong_one_does_not() {
        assert_eq!(check("x^2*y", &["x", "y"], &[12.0, 4.0], &[2.0, 3.0]), Verdict::Agrees);
        assert_eq!(check("x^2*y", &["y", "x"], &[4.0, 12.0], &[2.0, 3.0]), Verdict::Agrees);
        assert_eq!(check("x^2*y", &["x", "y"], &[12.0, 4.001], &[2.0, 3.0]), Verdict::Disagrees);
        assert_eq!(check("x^2*y", &["x", "y"], &[4.0, 12.0], &[2.0, 3.0]), Verdict::Disagrees);
    }

    #[test]
    fn only_the_variables_of_differentiation_move() {
        assert_eq!(check("x^2*y", &["y"], &[4.0], &[2.0, 3.0]), Verdict::Agrees);
        assert_eq!(check("x^2*y", &["y", "unused"], &[4.0, 0.0], &[2.0, 3.0, 0.0]), Verdict::Agrees);
    }
}
