//! The derivatives of a formula as text and pictures, and the names that people call them by.

use wengert::partials::Partials;
use wengert::{svg, text};

use crate::args::Show;
use crate::failure::Mistake;

/// All partials in the form asked for.
pub fn form(show: Show, partials: &Partials) -> Result<String, Mistake> {
    let f = partials.function.core();
    match show {
        Show::None => Ok(String::new()),
        Show::Graph => Ok(text::print(f)),
        Show::Math => Ok(math(partials)),
        Show::Dot => Ok(text::dot(f)),
        Show::Svg => svg(f).map_err(|e| Mistake::from(wengert::Error::from(e)).help("use `--show dot` and Graphviz")),
    }
}

/// `f = …`, `d/dx1 = …`, after the temporaries they share.
fn math(partials: &Partials) -> String {
    let all: Vec<usize> = (0..partials.wrt.len()).collect();
    let formulas = text::Formulas::of(partials.function.core(), &all);
    let lets = formulas.lets.iter().map(|(name, formula)| format!("{name} = {formula}\n"));
    let results = formulas.results.iter().zip(&partials.wrt);
    let results = results.map(|(formula, wrt)| format!("{} = {formula}\n", name(partials, wrt)));
    lets.chain(results).collect()
}

/// `f`, `d/dx1`, `d2/dx1 dx2`.
pub fn name(partials: &Partials, wrt: &[usize]) -> String {
    let by: Vec<String> = wrt.iter().map(|&v| format!("d{}", partials.variables[v])).collect();
    match wrt.len() {
        0 => "f".to_string(),
        1 => format!("d/{}", by[0]),
        order => format!("d{order}/{}", by.join(" ")),
    }
}
