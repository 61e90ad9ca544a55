//! Data structures: the adjoint of a dictionary is a dictionary.

use std::fmt::Write as _;

use wengert::prelude::*;

pub fn section(out: &mut String) -> Result<(), Error> {
    let ty = Type::record([("rate", Type::f64()), ("scale", Type::f64()), ("unused", Type::f64())]);
    let f = Function::new("decay", &[("p", ty), ("t", Type::f64())], |args| {
        let (p, t) = (args[0], args[1]);
        p.field("scale") * (-p.field("rate") * t).exp()
    })?;
    let gradient = f.grad(0)?.optimize(wengert::Level::Safe).0;
    let at = Value::Record(vec![
        ("rate".into(), Value::from(0.5)),
        ("scale".into(), Value::from(3.0)),
        ("unused".into(), Value::from(7.0)),
    ]);
    let _ = writeln!(
        out,
        "scale·exp(−rate·t), the parameters looked up in a dictionary. Its gradient by the dictionary:\n"
    );
    let _ = writeln!(out, "{}", gradient.text());
    let found = gradient.eval(&[at, Value::from(2.0)])?;
    for (index, name) in ["rate", "scale", "unused"].into_iter().enumerate() {
        let value = found[0].part(index).and_then(Value::as_scalar).unwrap_or(f64::NAN);
        let _ = writeln!(out, "  {name:<7} {value:.10}");
    }
    Ok(())
}
