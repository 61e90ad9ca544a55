//! The check of first derivatives: a gradient against differences of the formula as it was written, which was neither
//! differentiated nor simplified.

use std::fmt;
use std::ops::Range;

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
    /// The arguments that hold each variable of differentiation.
    places: Vec<Range<usize>>,
}

impl Witness {
    /// Plans the formula, of variables of these extents.
    pub fn new<'s>(
        formula: &Formula,
        settings: &Settings,
        extents: impl Fn(&str) -> &'s [usize],
    ) -> Result<Witness, Error> {
        let plain = Settings { order: 0, level: Level::None, ..settings.clone() };
        let Partials { variables, function, .. } = Partials::with_shapes(formula, &plain, extents)?;
        let graph = function.core().graph();
        let mut end = 0;
        let mut by_name: Vec<(&str, Range<usize>)> = Vec::new();
        for param in graph.params() {
            let start = end;
            end += graph.shape(param.node).elements();
            by_name.push((&*param.name, start..end));
        }
        by_name.sort_unstable_by_key(|(name, _)| *name);
        let place = |name: &String| by_name.binary_search_by_key(&&**name, |(known, _)| known);
        let places = variables.iter().filter_map(|name| place(name).ok()).map(|at| by_name[at].1.clone()).collect();
        Ok(Witness { program: function.compile_at(Level::None)?, places })
    }

    /// Compares first derivatives at a point, a block for each variable, with differences along one direction. Of an
    /// array the sum of the elements is taken, each with a weight of its own.
    pub fn compare(&self, blocks: &[&[f64]], arguments: &[f64]) -> Agreement {
        let weights = weights(self.program.outputs());
        let value = |x: &[f64]| {
            let mut moved = arguments.to_vec();
            self.places.iter().cloned().flatten().zip(x).for_each(|(place, &x)| moved[place] = x);
            self.program.run(&moved).map_or(f64::NAN, |values| weights.iter().zip(values).map(|(w, y)| w * y).sum())
        };
        let at: Vec<f64> = self.places.iter().cloned().flatten().map(|place| arguments[place]).collect();
        let mut gradient = Vec::with_capacity(at.len());
        for (block, place) in blocks.iter().zip(&self.places) {
            let column =
                |j: usize| block[j..].iter().step_by(place.len()).zip(&weights).map(|(d, w)| w * d).sum::<f64>();
            gradient.extend((0..place.len()).map(|j| if weights.is_empty() { 0.0 } else { column(j) }));
        }
        check_direction(value, &gradient, &at, SEED)
    }
}

/// One for a number; for arrays numbers from ½ to 3/2 without a pattern: multiples of the golden ratio.
fn weights(count: usize) -> Vec<f64> {
    match count {
        1 => vec![1.0],
        _ => (1..=count).map(|i| 0.5 + (i as f64 * 0.618_033_988_749_894_9).fract()).collect(),
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
        let settings = Settings { wrt, ..Settings::default() };
        let witness = Witness::new(&formula, &settings, |_| &[]).expect("a small formula");
        let blocks: Vec<&[f64]> = gradient.chunks(1).collect();
        verdict(&witness.compare(&blocks, arguments))
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
