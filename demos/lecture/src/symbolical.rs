//! Symbolic differentiation of the expression tree, rule by rule: exact, and it repeats its work.

use std::fmt::Write as _;

use wengert::Error;
use wengert::formula::Formula;
use wengert::symbolic::{Tree, TreeError};

use crate::{AT, FORMULA};

/// A product of all kinds, to see trees grow.
const PRODUCT: &str = "x*sin(x)*exp(x)*ln(x)";

pub fn section(out: &mut String) -> Result<(), Error> {
    let y = tree(FORMULA)?;
    for name in ["x1", "x2"] {
        let d = derivative(&y, name)?;
        let value = d.eval(|name| if name == "x1" { AT[0] } else { AT[1] });
        let clean = d.simplify();
        let _ = writeln!(out, "dy/d{name} = {d}");
        let _ = writeln!(out, "       = {clean} = {value:.10}  ({} nodes, {} cleaned up)", d.size(), clean.size());
    }
    let _ = writeln!(out, "\nA tree shares nothing. For {PRODUCT}:\n");
    let _ = writeln!(out, "  order  nodes in the tree  distinct  repeated");
    let mut tree = tree(PRODUCT)?;
    for order in 0..=5 {
        let (size, distinct, repeated) = (tree.size(), tree.distinct(), tree.repeated());
        let _ = writeln!(out, "  {order:<5}  {size:<17}  {distinct:<8}  {repeated}");
        tree = derivative(&tree, "x")?;
    }
    Ok(())
}

fn tree(text: &str) -> Result<Tree, Error> {
    Tree::from_formula(&Formula::parse(text)?).map_err(unsupported)
}

fn derivative(tree: &Tree, name: &str) -> Result<Tree, Error> {
    tree.differentiate(name).map_err(unsupported)
}

fn unsupported(e: TreeError) -> Error {
    Error::Unsupported(e.to_string())
}
