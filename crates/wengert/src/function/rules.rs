//! Derivatives of a function's own, in place of those of its body, and what is made of them: checkpoints.
//!
//! A rule is a function, so it is differentiated for the next order; given for one direction, it is transposed for the
//! other. It is in force wherever the function is called or transformed, in every mode and batched too.

use std::panic::Location;
use std::sync::Arc;

use graph_core::{CustomRule, Opcode};

use super::transforms::at_line;
use super::{Function, Wrt};
use crate::error::Error;
use crate::expr::Expr;
use crate::graph::Graph;
use crate::shape::tuple;
use crate::structure::Structure;

/// Which values of a checkpointed function are kept for reverse mode; all others are computed again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// Only what it is called with.
    Nothing,
    /// Results of contractions, convolutions and linear algebra, which are dear, but not what is elementwise.
    Products,
}

impl Function {
    /// The same function with its own tangent: `rule` has the parameters of this one, then a tangent for each real
    /// parameter, and returns a tangent for each real result.
    ///
    /// ```
    /// use wengert::prelude::*;
    ///
    /// // √x whose derivative at 0 is taken to be 0.
    /// let body = Function::new("root", &[("x", Type::f64())], |v| v[0].sqrt())?;
    /// let rule = |v: &[Expr], dx: &[Expr]| v[0].gt(0.0).select(dx[0] / (v[0].sqrt() * 2.0), 0.0);
    /// let root = body.with_jvp(rule)?;
    /// let gradient = root.grad("x")?.compile()?; // reverse mode transposes the rule
    /// assert_eq!(gradient.run(&[4.0])?, [0.25]);
    /// assert_eq!(gradient.run(&[0.0])?, [0.0]);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// A mistake of the closure; other tangents than there are real results; a rule that is not linear in the tangents.
    #[track_caller]
    pub fn with_jvp<R: Structure<Expr>>(&self, rule: impl FnOnce(&[Expr], &[Expr]) -> R) -> Result<Function, Error> {
        let g = Graph::new();
        let params = self.params_in(&g);
        let tangents = self.real_params().into_iter().map(|i| {
            let param = &self.0.params()[i];
            g.param(&format!("d{}", param.name), self.0.param_type(i).cotangent())
        });
        let tangents: Vec<Expr> = tangents.collect();
        let tangents_first = params.len();
        let rule = g.function(&format!("{}.jvp", self.name()), rule(&params, &tangents))?;
        self.with_rule(CustomRule::Jvp(rule.0), tangents_first)
    }

    /// The same function with its own adjoint: `rule` has the parameters of this one, its results, and a cotangent for each
    /// real result, and returns a cotangent for each real parameter. A result that serves the rule alone is a residual:
    /// kept from the function to its adjoint.
    ///
    /// ```
    /// use wengert::prelude::*;
    ///
    /// // tanh by its result: ∂ tanh x = 1 − y²
    /// let body = Function::new("th", &[("x", Type::f64())], |v| v[0].tanh())?;
    /// let th = body.with_vjp(|_, y, ct| ct[0] * (1.0 - y[0] * y[0]))?;
    /// assert_eq!(th.grad("x")?.compile()?.run(&[0.0])?, [1.0]);
    /// assert_eq!(th.jvp()?.compile()?.run(&[0.0, 3.0])?, [3.0]); // forward mode transposes the rule
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// A mistake of the closure; other cotangents than there are real parameters; a rule that is not linear in the
    /// cotangents, which forward mode could not transpose.
    #[track_caller]
    pub fn with_vjp<R: Structure<Expr>>(
        &self,
        rule: impl FnOnce(&[Expr], &[Expr], &[Expr]) -> R,
    ) -> Result<Function, Error> {
        let g = Graph::new();
        let params = self.params_in(&g);
        let types = self.0.results().iter().map(|&y| self.0.graph().ty(y).clone());
        let types: Vec<graph_core::Type> = types.collect();
        let results: Vec<Expr> =
            types.iter().enumerate().map(|(i, ty)| g.param(&self.free_name("y", i), ty.clone())).collect();
        let real = types.iter().enumerate().filter(|(_, ty)| ty.has_float());
        let cts: Vec<Expr> = real.map(|(i, ty)| g.param(&self.free_name("ct", i), ty.cotangent())).collect();
        let cotangents_first = params.len() + results.len();
        let rule = g.function(&format!("{}.vjp", self.name()), rule(&params, &results, &cts))?;
        self.with_rule(CustomRule::Vjp(rule.0), cotangents_first)
    }

    /// The same function, linear in `wrt` together, with its own transpose: `rule` has the other parameters, then a
    /// cotangent for each real result, and returns a cotangent for each of `wrt`. By the others the body is differentiated.
    ///
    /// # Errors
    /// A mistake of the closure; other cotangents than `wrt` are; a rule that is not linear in the cotangents.
    #[track_caller]
    pub fn with_transpose<R: Structure<Expr>>(
        &self,
        wrt: impl Wrt,
        rule: impl FnOnce(&[Expr], &[Expr]) -> R,
    ) -> Result<Function, Error> {
        let mut wrt = wrt.positions(self)?;
        wrt.sort_unstable();
        let g = Graph::new();
        let others = (0..self.0.params().len()).filter(|i| !wrt.contains(i));
        let others: Vec<Expr> =
            others.map(|i| g.param(&self.0.params()[i].name, self.0.param_type(i).clone())).collect();
        let types = self.0.results().iter().map(|&y| self.0.graph().ty(y)).filter(|ty| ty.has_float());
        let cts: Vec<Expr> =
            types.enumerate().map(|(i, ty)| g.param(&self.free_name("ct", i), ty.cotangent())).collect();
        let cotangents_first = others.len();
        let function = g.function(&format!("{}.transpose", self.name()), rule(&others, &cts))?;
        self.with_rule(CustomRule::Transpose { wrt, function: function.0 }, cotangents_first)
    }

    /// The same function, of which reverse mode keeps only what `keep` says and computes the rest again when it comes to
    /// it: memory against time. Forward mode keeps nothing anyway.
    ///
    /// ```
    /// use wengert::{Keep, prelude::*};
    ///
    /// let layer = Function::new("layer", &[("x", Type::tensor(DType::F64, &[64]))], |v| (v[0].sin() * v[0]).tanh())?;
    /// let layer = layer.checkpoint(Keep::Nothing)?;
    /// let loss = Function::new("loss", &[("x", Type::tensor(DType::F64, &[64]))], |v| {
    ///     (0..10).fold(v[0], |x, _| layer.call(&[x])).sum()
    /// })?;
    /// assert!(loss.grad("x")?.text().contains("call @layer.vjp"));
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// A function without reals in its results.
    #[track_caller]
    pub fn checkpoint(&self, keep: Keep) -> Result<Checkpoint, Error> {
        let results = self.0.results().len();
        let site = Location::caller();
        let function = match keep {
            // The derivative of a call calls a derivative, which starts from what the call started from.
            Keep::Nothing => self.clone(),
            Keep::Products => autodiff::checkpoint::checkpoint(&self.0, is_product).map_err(at_line(site))?.into(),
        };
        Ok(Checkpoint { function, results })
    }

    fn params_in(&self, g: &Graph) -> Vec<Expr> {
        let params = self.0.params().iter().enumerate();
        params.map(|(i, p)| g.param(&p.name, self.0.param_type(i).clone())).collect()
    }

    /// A name that no parameter has.
    fn free_name(&self, stem: &str, index: usize) -> String {
        let mut name = format!("{stem}{index}");
        while self.position(&name).is_ok() {
            name.push('_');
        }
        name
    }

    /// The same function with this rule, whose parameters from `first` on it must be linear in.
    #[track_caller]
    fn with_rule(&self, rule: CustomRule, first: usize) -> Result<Function, Error> {
        let site = Location::caller();
        let ruled = self.0.with_rule(rule).map_err(|source| Error::Build { source, site: Some(site) })?;
        let function = ruled.rule().expect("it was just given").function();
        let derivatives: Vec<usize> = (first..function.params().len()).collect();
        autodiff::linear::transpose(function, &derivatives).map_err(at_line(site))?;
        Ok(Arc::new(ruled).into())
    }
}

/// A function to call that keeps little for reverse mode ([`Function::checkpoint`]).
#[derive(Clone, Debug)]
pub struct Checkpoint {
    function: Function,
    /// Results but for those that are kept values.
    results: usize,
}

impl Checkpoint {
    /// Applies it, as [`Function::call`] does.
    #[track_caller]
    pub fn call(&self, args: &[Expr]) -> Expr {
        let call = self.function.call(args);
        match (self.results, self.function.core().results().len()) {
            (results, all) if results == all => call,
            (1, _) => call.get(0),
            (results, _) => tuple(&(0..results).map(|i| call.get(i)).collect::<Vec<_>>()),
        }
    }
}

fn is_product(op: Opcode) -> bool {
    matches!(op, Opcode::Dot | Opcode::Conv | Opcode::Linalg(_) | Opcode::TriangularSolve)
}
