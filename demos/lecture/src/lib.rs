//! The lecture on automatic differentiation, method by method, on its one function
//! y = ln x₁ + x₁x₂ − sin x₂ at (2, 5).
//!
//! Each module is a section: it computes what it shows with the engine and writes it as text. [`report`] is all of them.

mod dictionary;
mod extension;
mod list;
mod matrix;
mod numerical;
mod plot;
mod symbolical;
mod tables;

use std::fmt::Write as _;

use wengert::prelude::*;

pub use numerical::steps;
pub use plot::plot;

/// Where the lecture looks.
pub const AT: [f64; 2] = [2.0, 5.0];

/// The lecture's function, for numbers and for tracing alike.
pub fn lecture<S: Scalar>(x1: S, x2: S) -> S {
    x1.ln() + x1 * x2 - x2.sin()
}

/// The same as text.
pub const FORMULA: &str = "ln(x1) + x1*x2 - sin(x2)";

/// A section: writes what it shows.
type Section = fn(&mut String) -> Result<(), Error>;

const SECTIONS: [(&str, Section); 8] = [
    ("Numerical differentiation", numerical::section),
    ("Symbolic differentiation", symbolical::section),
    ("Forward mode", tables::forward),
    ("Reverse mode", tables::reverse),
    ("Reverse mode by graph extension", extension::first_order),
    ("The gradient of the gradient", extension::second_order),
    ("A matrix case", matrix::section),
    ("A dictionary", dictionary::section),
];

/// The whole lecture.
///
/// # Errors
/// None, unless the engine is broken.
pub fn report() -> Result<String, Error> {
    let mut out = format!("y = {FORMULA} at x1 = {}, x2 = {}\n", AT[0], AT[1]);
    for (number, (title, section)) in SECTIONS.iter().enumerate() {
        let _ = writeln!(out, "\n{}. {title}\n", number + 1);
        section(&mut out)?;
    }
    Ok(out)
}
