//! Data structures: the adjoint of a dictionary is a dictionary.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use wengert::prelude::*;

pub fn section(out: &mut String) -> Result<(), Error> {
    let at: BTreeMap<String, f64> = [("rate", 0.5), ("scale", 3.0), ("unused", 7.0)].map(|(k, v)| (k.into(), v)).into();
    let f = Function::of("decay", ["p", "t"], (&at, &2.0), |(p, t)| p["scale"] * (-p["rate"] * t).exp())?;
    let gradient = f.grad("p")?.optimize(wengert::Level::Safe).0;
    let _ = writeln!(
        out,
        "scale·exp(−rate·t), the parameters looked up in a dictionary. Its gradient by the dictionary:\n"
    );
    let _ = writeln!(out, "{}", gradient.text());
    let found: BTreeMap<String, f64> = gradient.compile()?.call((&at, &2.0))?;
    for (name, value) in found {
        let _ = writeln!(out, "  {name:<7} {value:.10}");
    }
    Ok(())
}
