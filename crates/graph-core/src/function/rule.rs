//! A derivative rule of a function's own: data beside its body, in force wherever a call of it is differentiated.

use std::sync::Arc;

use super::Function;
use crate::error::Error;
use crate::ty::Type;

/// What a function says about its derivative, in place of the derivative of its body. "Real" parameters and results are
/// those with reals in them; the derivative of one has its [`Type::cotangent`] type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CustomRule {
    /// Parameters, then a tangent for each real parameter, to a tangent for each real result; linear in the tangents.
    Jvp(Arc<Function>),
    /// Parameters, results, then a cotangent for each real result, to a cotangent for each real parameter; linear in the
    /// cotangents. Results of the function that serve the rule alone are the residuals that it keeps.
    Vjp(Arc<Function>),
    /// The function is linear in these parameters together (by the others the body is differentiated).
    Transpose {
        /// Their positions, ascending.
        wrt: Vec<usize>,
        /// The other parameters, then a cotangent for each real result, to a cotangent for each of `wrt`.
        function: Arc<Function>,
    },
}

impl CustomRule {
    /// The function that is the rule.
    pub fn function(&self) -> &Arc<Function> {
        match self {
            CustomRule::Jvp(function) | CustomRule::Vjp(function) | CustomRule::Transpose { function, .. } => function,
        }
    }

    /// The word for it in the text form.
    pub fn word(&self) -> &'static str {
        match self {
            CustomRule::Jvp(_) => "jvp",
            CustomRule::Vjp(_) => "vjp",
            CustomRule::Transpose { .. } => "transpose",
        }
    }

    /// The parameters that a rule of `f` has.
    fn params(&self, f: &Function) -> Vec<Type> {
        let all = |range: std::ops::Range<usize>| range.map(|i| f.param_type(i).clone());
        let params = 0..f.params().len();
        match self {
            CustomRule::Jvp(_) => all(params).chain(real_params(f)).collect(),
            CustomRule::Vjp(_) => {
                let results = f.results().iter().map(|&y| f.graph().ty(y).clone());
                all(params).chain(results).chain(real_results(f)).collect()
            }
            CustomRule::Transpose { wrt, .. } => {
                let others = params.filter(|i| !wrt.contains(i)).map(|i| f.param_type(i).clone());
                others.chain(real_results(f)).collect()
            }
        }
    }

    /// The results that a rule of `f` has.
    fn results(&self, f: &Function) -> Vec<Type> {
        match self {
            CustomRule::Jvp(_) => real_results(f).collect(),
            CustomRule::Vjp(_) => real_params(f).collect(),
            CustomRule::Transpose { wrt, .. } => wrt.iter().map(|&i| f.param_type(i).cotangent()).collect(),
        }
    }

    /// Whether it fits the function.
    pub(super) fn check(&self, f: &Function) -> Result<(), Error> {
        let wrong = |what: String| Err(Error::Rule { function: f.name().to_string(), word: self.word(), what });
        if let CustomRule::Transpose { wrt, .. } = self {
            let all_real = |ty: &Type| ty.has_float() && *ty == ty.cotangent();
            let real = |&i: &usize| i < f.params().len() && all_real(f.param_type(i));
            if wrt.is_empty() || !wrt.is_sorted_by(|a, b| a < b) || !wrt.iter().all(real) {
                return wrong(format!(
                    "{wrt:?} are not positions of parameters of real numbers alone, in ascending order; the first is 0"
                ));
            }
        }
        let rule = self.function();
        let show = |types: &[Type]| types.iter().map(Type::to_string).collect::<Vec<_>>().join(", ");
        let (expected, found) = (self.params(f), (0..rule.params().len()).map(|i| rule.param_type(i).clone()));
        let found: Vec<Type> = found.collect();
        if expected != found {
            return wrong(format!(
                "@{} has parameters ({}); it needs ({})",
                rule.name(),
                show(&found),
                show(&expected)
            ));
        }
        let found: Vec<Type> = rule.results().iter().map(|&y| rule.graph().ty(y).clone()).collect();
        let expected = self.results(f);
        if expected != found {
            return wrong(format!(
                "@{} returns ({}); it needs ({}), as docs/ir.md says",
                rule.name(),
                show(&found),
                show(&expected)
            ));
        }
        Ok(())
    }
}

fn real_params(f: &Function) -> impl Iterator<Item = Type> {
    (0..f.params().len()).map(|i| f.param_type(i)).filter(|ty| ty.has_float()).map(Type::cotangent)
}

fn real_results(f: &Function) -> impl Iterator<Item = Type> {
    f.results().iter().map(|&y| f.graph().ty(y)).filter(|ty| ty.has_float()).map(Type::cotangent)
}
