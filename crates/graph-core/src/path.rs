//! Places inside structures, as users write them (`params.layers[2].w`), and the place where two structures differ.

use std::fmt;

use crate::arena::NodeId;
use crate::graph::Graph;
use crate::op::Op;
use crate::text::FieldName;
use crate::ty::Type;

/// A place where a structure is not as expected. `Display` is `params.layers[2].w: f64[3,4] expected, f64[4,3] found`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfit {
    /// The place; [`Misfit::within`] puts what is outside before it.
    pub path: String,
    /// What should be there.
    pub expected: String,
    /// What is there.
    pub found: String,
}

impl Misfit {
    /// A misfit of a whole structure.
    pub fn new(expected: impl Into<String>, found: impl Into<String>) -> Misfit {
        Misfit { path: String::new(), expected: expected.into(), found: found.into() }
    }

    /// The same misfit of a part, seen from outside: `outer` is a name, or a step of [`field`] or [`index`].
    #[must_use]
    pub fn within(mut self, outer: &str) -> Misfit {
        self.path.insert_str(0, outer);
        self
    }
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Misfit { path, expected, found } = self;
        write!(f, "{path}: {expected} expected, {found} found")
    }
}

impl std::error::Error for Misfit {}

/// The step to a field of a record: `.w`.
pub fn field(name: &str) -> String {
    match crate::text::is_name(name) {
        true => format!(".{name}"),
        false => format!("[{}]", FieldName(name)),
    }
}

/// The step to a part of a tuple: `[2]`.
pub fn index(at: usize) -> String {
    format!("[{at}]")
}

/// The step to an immediate part of this type.
pub fn step(ty: &Type, at: usize) -> String {
    match ty {
        Type::Record(fields) => field(&fields[at].0),
        Type::Tensor(_) | Type::Tuple(_) => index(at),
    }
}

/// The parameter of which this node is a part, or the whole, with the path to it: `params.layers[2].w`.
pub fn of_param(g: &Graph, mut node: NodeId) -> Option<String> {
    let mut steps = Vec::new();
    loop {
        match g.op(node) {
            Op::Param(at) => {
                let name = g.params()[at as usize].name.to_string();
                return Some(steps.into_iter().rev().fold(name, |path, step: String| path + &step));
            }
            Op::Get(at) => {
                node = g.operands(node)[0];
                steps.push(step(g.ty(node), at as usize));
            }
            _ => return None,
        }
    }
}

impl Type {
    /// A choice among names, as an enum without data is: a record whose only field, of type `()`, is the name chosen.
    pub fn choice(name: &str) -> Type {
        Type::record([(name, Type::tuple([]))])
    }

    /// The name chosen, if this is a [`Type::choice`].
    pub fn as_choice(&self) -> Option<&str> {
        match self {
            Type::Record(fields) => match &fields[..] {
                [(name, Type::Tuple(parts))] if parts.is_empty() => Some(name),
                _ => None,
            },
            Type::Tensor(_) | Type::Tuple(_) => None,
        }
    }

    /// Whether `found` is this type.
    ///
    /// # Errors
    /// The first place where it is not.
    pub fn fit(&self, found: &Type) -> Result<(), Misfit> {
        let part = |at: usize, expected: &Type, found: &Type| {
            expected.fit(found).map_err(|misfit| misfit.within(&step(self, at)))
        };
        match (self, found) {
            (Type::Tuple(expected), Type::Tuple(found)) if expected.len() == found.len() => {
                expected.iter().zip(found.iter()).enumerate().try_for_each(|(at, (x, y))| part(at, x, y))
            }
            (Type::Record(expected), Type::Record(found)) if self.as_choice().is_none() => {
                let names =
                    |fields: &[(_, Type)]| fields.iter().map(|(name, _)| Clone::clone(name)).collect::<Vec<_>>();
                fit_names(&names(expected), &names(found))?;
                expected.iter().zip(found.iter()).enumerate().try_for_each(|(at, (x, y))| part(at, &x.1, &y.1))
            }
            _ if self == found => Ok(()),
            _ => Err(Misfit::new(self.in_words(), found.in_words())),
        }
    }

    /// A tensor type as it is written; of a structure the kind, which is shorter.
    fn in_words(&self) -> String {
        match self {
            Type::Tensor(t) => t.to_string(),
            Type::Tuple(parts) => parts_in_words(parts.len()),
            Type::Record(fields) => match self.as_choice() {
                Some(name) => format!("`{name}`"),
                None => fields_in_words(fields.iter().map(|(name, _)| &**name)),
            },
        }
    }
}

/// `a tuple of 3 parts`
pub fn parts_in_words(count: usize) -> String {
    match count {
        0 => "()".to_string(),
        1 => "a tuple of 1 part".to_string(),
        _ => format!("a tuple of {count} parts"),
    }
}

/// ``a record of `w`, `b` ``
pub fn fields_in_words<'a>(names: impl Iterator<Item = &'a str>) -> String {
    match &quoted(names)[..] {
        "" => "{}".to_string(),
        names => format!("a record of {names}"),
    }
}

/// Whether the names of fields are the same, in the same order.
///
/// # Errors
/// Those that are missing and those that are too many.
pub fn fit_names<N: AsRef<str>>(expected: &[N], found: &[N]) -> Result<(), Misfit> {
    if expected.iter().map(AsRef::as_ref).eq(found.iter().map(AsRef::as_ref)) {
        return Ok(());
    }
    let without = |some: &[N], others: &[N]| {
        let others: std::collections::HashSet<&str> = others.iter().map(AsRef::as_ref).collect();
        quoted(some.iter().map(AsRef::as_ref).filter(|name| !others.contains(name)))
    };
    Err(match (&without(expected, found)[..], &without(found, expected)[..]) {
        ("", "") => Misfit::new(
            format!("the order {}", quoted(expected.iter().map(AsRef::as_ref))),
            quoted(found.iter().map(AsRef::as_ref)),
        ),
        (missing, "") => Misfit::new(format!("field {missing}"), "none"),
        ("", extra) => Misfit::new("no further field", extra),
        (missing, extra) => Misfit::new(format!("field {missing}"), extra),
    })
}

fn quoted<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.map(|name| format!("`{}`", FieldName(name))).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ty::DType;

    fn check(expected: Type, found: Type, message: &str) {
        let misfit = expected.fit(&found).expect_err("two types").within("p");
        assert_eq!(misfit.to_string(), message);
        assert_eq!(expected.fit(&expected), Ok(()));
    }

    #[test]
    fn the_first_difference_is_named_by_its_path() {
        let f64s = |extents: &[usize]| Type::tensor(DType::F64, extents);
        let layer = |w: &[usize]| Type::record([("w", f64s(w)), ("b", f64s(&[3]))]);
        let model = |w: &[usize]| Type::record([("layers", Type::tuple([layer(&[3, 4]), layer(w)]))]);
        check(model(&[3, 4]), model(&[4, 3]), "p.layers[1].w: f64[3,4] expected, f64[4,3] found");
        check(Type::f64(), Type::tensor(DType::I64, &[]), "p: f64 expected, i64 found");
        check(Type::tuple([layer(&[2])]), Type::tuple([]), "p: a tuple of 1 part expected, () found");
        check(layer(&[2]), Type::f64(), "p: a record of `w`, `b` expected, f64 found");
        check(Type::choice("Tanh"), Type::choice("Relu"), "p: `Tanh` expected, `Relu` found");
        check(Type::choice("Tanh"), layer(&[2]), "p: `Tanh` expected, a record of `w`, `b` found");
    }

    #[test]
    fn fields_that_are_missing_or_too_many_are_named() {
        let record = |names: &[&str]| Type::record(names.iter().map(|&name| (name, Type::f64())));
        check(record(&["a", "b"]), record(&["a"]), "p: field `b` expected, none found");
        check(record(&["a"]), record(&["a", "b"]), "p: no further field expected, `b` found");
        check(record(&["a", "b"]), record(&["a", "c"]), "p: field `b` expected, `c` found");
        check(record(&["a", "b"]), record(&["b", "a"]), "p: the order `a`, `b` expected, `b`, `a` found");
    }

    #[test]
    fn a_part_of_a_parameter_is_named_by_its_path() {
        let mut g = Graph::new();
        let inner = Type::record([("w", Type::f64())]);
        let p = g.param("params", Type::record([("layers", Type::tuple([Type::f64(), inner]))])).expect("a name");
        let layers = g.get(p, 0);
        let layer = g.get(layers, 1);
        let w = g.get(layer, 0);
        assert_eq!(of_param(&g, w).as_deref(), Some("params.layers[1].w"));
        assert_eq!(of_param(&g, p).as_deref(), Some("params"));
        let two = g.add(w, w);
        assert_eq!(of_param(&g, two), None);
    }
}
