//! The chain of transforms of a case.

use std::sync::Arc;

use autodiff::{Error, function};
use graph_core::{Function, Type};

use super::Failure;
use super::directives::Directives;

/// A transform of functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transform {
    /// Parameters to gradient.
    Grad,
    /// Parameters and cotangents to adjoints.
    Vjp,
    /// Parameters and tangents to tangents.
    Jvp,
    /// Parameters and a direction to the Hessian times that.
    Hvp,
    /// Parameters to all second derivatives.
    Hessian,
    /// Parameters to all first derivatives.
    Jacobian,
}

impl Transform {
    const ALL: [Transform; 6] =
        [Transform::Grad, Transform::Vjp, Transform::Jvp, Transform::Hvp, Transform::Hessian, Transform::Jacobian];

    fn name(self) -> &'static str {
        match self {
            Transform::Grad => "grad",
            Transform::Vjp => "vjp",
            Transform::Jvp => "jvp",
            Transform::Hvp => "hvp",
            Transform::Hessian => "hessian",
            Transform::Jacobian => "jacobian",
        }
    }

    /// The transform of this name.
    pub fn named(name: &str) -> Result<Transform, Failure> {
        let found = Transform::ALL.into_iter().find(|transform| transform.name() == name);
        found.ok_or_else(|| Failure::new(format!("unknown transform `{name}`")))
    }

    fn apply(self, f: &Arc<Function>, wrt: &[usize]) -> Result<Arc<Function>, Error> {
        match self {
            Transform::Grad => function::grad(f, wrt),
            Transform::Vjp => function::vjp(f, wrt),
            Transform::Jvp => function::jvp(f, wrt),
            Transform::Hvp => function::hvp(f, wrt),
            Transform::Hessian => function::hessian(f, wrt),
            Transform::Jacobian => function::jacobian(f, wrt),
        }
    }

    /// Whether it is the derivative of the gradient.
    fn is_second(self) -> bool {
        match self {
            Transform::Hvp | Transform::Hessian => true,
            Transform::Grad | Transform::Vjp | Transform::Jvp | Transform::Jacobian => false,
        }
    }
}

/// A function of the chain.
#[derive(Debug)]
pub struct Stage {
    /// `primal`, `grad`, `grad.jvp` …
    pub name: String,
    /// The function.
    pub f: Arc<Function>,
    /// How it came to be; `None` for the primal.
    pub derived: Option<Derived>,
}

/// What a function is the derivative of.
#[derive(Debug)]
pub struct Derived {
    /// By which transform.
    pub transform: Transform,
    /// Of which function.
    pub base: Arc<Function>,
    /// By which of its parameters.
    pub wrt: Vec<usize>,
}

impl Derived {
    /// The types of the results, with the structure of the parameters or results that they belong to; `None` for dense
    /// derivatives, which are all tensors.
    pub fn types(&self) -> Option<Vec<Type>> {
        let f = &self.base;
        match self.transform {
            Transform::Grad | Transform::Vjp => Some(self.wrt.iter().map(|&i| f.param_type(i).cotangent()).collect()),
            Transform::Jvp | Transform::Hvp => Some(f.results().iter().map(|&y| f.graph().ty(y).cotangent()).collect()),
            Transform::Hessian | Transform::Jacobian => None,
        }
    }
}

/// The primal and its derivatives, `simplify`d after each step. The gradient stands before its own derivatives, because
/// it is what they are checked against.
pub fn chain(
    primal: &Arc<Function>,
    directives: &Directives,
    simplify: impl Fn(Arc<Function>) -> Arc<Function>,
) -> Result<Vec<Stage>, Error> {
    let names = match &directives.wrt {
        Some((_, names)) => names.clone(),
        None => function::real_params(primal).iter().map(|&i| primal.params()[i].name.to_string()).collect(),
    };
    let mut stages = vec![Stage { name: "primal".into(), f: simplify(Arc::clone(primal)), derived: None }];
    let mut path: Vec<&str> = Vec::new();
    for &transform in &directives.transforms {
        let mut base = Arc::clone(&stages.last().expect("the primal is there").f);
        let wrt = positions(&base, &names);
        let derivative = simplify(transform.apply(&base, &wrt)?);
        if transform.is_second() {
            let gradient = function::grad(&base, &wrt)?;
            let derived = Derived { transform: Transform::Grad, base, wrt: wrt.clone() };
            let name = [&path[..], &["grad"]].concat().join(".");
            stages.push(Stage { name, f: Arc::clone(&gradient), derived: Some(derived) });
            base = gradient;
        }
        path.push(transform.name());
        let derived = Some(Derived { transform, base, wrt });
        stages.push(Stage { name: path.join("."), f: derivative, derived });
    }
    Ok(stages)
}

/// Derivatives have the parameters of the primal, which has these.
fn positions(f: &Arc<Function>, names: &[String]) -> Vec<usize> {
    let position = |name: &String| f.params().iter().position(|param| *param.name == **name);
    names.iter().map(|name| position(name).expect("names are checked")).collect()
}
