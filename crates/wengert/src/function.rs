//! Closed functions: traced from a closure, parsed from text, or cut from a graph. Derivatives of functions are
//! functions, so they compose: `f.grad(0)?.grad(0)`.

use std::panic::Location;
use std::sync::Arc;

use graph_core::op::Op;
use graph_core::{Type, text};
use interp::Value;
use opt::{Level, Report};

use crate::error::Error;
use crate::expr::{Expr, Repr, build, make};
use crate::exprs::Exprs;
use crate::graph::Graph;
use crate::program::Program;

/// A closed function with named parameters: immutable, cheap to clone, `Send + Sync`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function(Arc<graph_core::Function>);

impl From<Arc<graph_core::Function>> for Function {
    fn from(core: Arc<graph_core::Function>) -> Function {
        Function(core)
    }
}

impl Function {
    /// Traces a closure: it is called once, with expressions for the parameters in `specs`.
    ///
    /// # Errors
    /// The first mistake that the closure makes, with its line.
    #[track_caller]
    pub fn new<R: Exprs>(
        name: &str,
        specs: &[(&str, Type)],
        body: impl FnOnce(&[Expr]) -> R,
    ) -> Result<Function, Error> {
        let g = Graph::new();
        let mut args = Vec::with_capacity(specs.len());
        for (name, ty) in specs {
            args.push(g.param(name, ty.clone()));
        }
        let results = body(&args);
        g.function(name, results)
    }

    /// Reads the text form. The last function of the text is the result, those before it may be called.
    ///
    /// # Errors
    /// The place of the mistake, with what was expected.
    pub fn parse(source: &str) -> Result<Function, Error> {
        Ok(Function(text::parse(source)?))
    }

    /// As [`Function::parse`], with every mistake of the text that does not follow from another, at most
    /// [`text::MOST_MISTAKES`], or else every violation of the invariants of graphs.
    ///
    /// ```
    /// use wengert::Function;
    ///
    /// let text = "graph @f(%x: f64) -> f64 { %0 = mul %x, %y : f64 %1 = sinn %0 : f64 %2 = exp %1 : f64 return %2 }";
    /// let mistakes = Function::check(text).unwrap_err();
    /// let messages: Vec<String> = mistakes.iter().map(|e| e.to_string()).collect();
    /// assert!(messages[0].contains("unknown value %y") && messages[1].contains("unknown op `sinn`"));
    /// assert_eq!(messages.len(), 2, "the others follow");
    /// ```
    ///
    /// # Errors
    /// The mistakes.
    pub fn check(source: &str) -> Result<Function, Vec<Error>> {
        let read = text::check(source);
        let f = Function(
            read.map_err(|all| all.into_iter().map(|e| graph_core::Error::from(e).into()).collect::<Vec<_>>())?,
        );
        f.verify().map_err(|violations| vec![violations])?;
        Ok(f)
    }

    /// The text form: parses back to an equal function.
    pub fn text(&self) -> String {
        text::print(&self.0)
    }

    /// The graph behind it, for the other crates of the engine.
    pub fn core(&self) -> &Arc<graph_core::Function> {
        &self.0
    }

    /// Its name.
    pub fn name(&self) -> &str {
        self.0.name()
    }

    /// Number of nodes, parameters included.
    pub fn nodes(&self) -> usize {
        self.0.graph().len()
    }

    /// Every violation of the invariants of graphs, or nothing.
    ///
    /// # Errors
    /// All violations, each at a printed node.
    pub fn verify(&self) -> Result<(), Error> {
        Ok(graph_core::verify(self.0.graph())?)
    }

    /// Applies it: a node that calls it. Several results come as a tuple. At least one argument belongs to a graph;
    /// numbers alone give NaN.
    #[track_caller]
    pub fn call(&self, args: &[Expr]) -> Expr {
        let site = Location::caller();
        let Some(first) = args.iter().copied().find(|x| x.graph_id().is_some()) else {
            return Expr::from(f64::NAN);
        };
        let mut nodes = Vec::with_capacity(args.len());
        for &x in args {
            let placed = build([first, x], |[_, x]| x, |_, [_, x], _| Ok(x));
            let Repr::Node(_, node) = placed.repr else { return placed };
            nodes.push(node);
        }
        build(
            [first],
            |[x]| x,
            |core, _, _| {
                let f = core.add_function(&self.0);
                make(core, Op::Call(f), &nodes, site)
            },
        )
    }

    /// The gradient by parameter `wrt`; this function returns one real number.
    pub fn grad(&self, wrt: usize) -> Result<Function, Error> {
        Ok(autodiff::function::grad(&self.0, &[wrt])?.into())
    }

    /// The gradient by every real parameter, as many results.
    pub fn grad_all(&self) -> Result<Function, Error> {
        Ok(autodiff::function::grad(&self.0, &self.real_params())?.into())
    }

    /// Parameters, then a cotangent for each result, to the adjoint of each real parameter.
    pub fn vjp(&self) -> Result<Function, Error> {
        Ok(autodiff::function::vjp(&self.0, &self.real_params())?.into())
    }

    /// Parameters, then a tangent for each real parameter, to the tangent of each result.
    pub fn jvp(&self) -> Result<Function, Error> {
        Ok(autodiff::function::jvp(&self.0, &self.real_params())?.into())
    }

    /// The dense Hessian by parameter `wrt`, of the parameter's shape twice.
    pub fn hessian(&self, wrt: usize) -> Result<Function, Error> {
        Ok(autodiff::function::hessian(&self.0, &[wrt])?.into())
    }

    /// Parameters, then a direction for parameter `wrt`, to the Hessian times the direction.
    pub fn hvp(&self, wrt: usize) -> Result<Function, Error> {
        Ok(autodiff::function::hvp(&self.0, &[wrt])?.into())
    }

    /// The dense Jacobian of each result by parameter `wrt`: the shape of the result, then of the parameter.
    pub fn jacobian(&self, wrt: usize) -> Result<Function, Error> {
        Ok(autodiff::function::jacobian(&self.0, &[wrt])?.into())
    }

    /// Positions of the parameters that hold real numbers: those that one can differentiate by.
    pub fn real_params(&self) -> Vec<usize> {
        autodiff::function::real_params(&self.0)
    }

    /// The gradient by the parameters at these positions, as many results.
    pub fn grad_by(&self, wrt: &[usize]) -> Result<Function, Error> {
        Ok(autodiff::function::grad(&self.0, wrt)?.into())
    }

    /// As [`Function::vjp`], to the adjoints of the parameters at these positions.
    pub fn vjp_by(&self, wrt: &[usize]) -> Result<Function, Error> {
        Ok(autodiff::function::vjp(&self.0, wrt)?.into())
    }

    /// As [`Function::jvp`], from tangents of the parameters at these positions.
    pub fn jvp_by(&self, wrt: &[usize]) -> Result<Function, Error> {
        Ok(autodiff::function::jvp(&self.0, wrt)?.into())
    }

    /// As [`Function::hvp`], with directions for the parameters at these positions and as many results.
    pub fn hvp_by(&self, wrt: &[usize]) -> Result<Function, Error> {
        Ok(autodiff::function::hvp(&self.0, wrt)?.into())
    }

    /// Parameters, then a direction for each real parameter, to the Taylor coefficients 1 to `order` of each result.
    pub fn taylor(&self, order: usize) -> Result<Function, Error> {
        self.taylor_by(&self.real_params(), order)
    }

    /// As [`Function::taylor`], with directions for the parameters at these positions.
    pub fn taylor_by(&self, wrt: &[usize], order: usize) -> Result<Function, Error> {
        Ok(autodiff::function::taylor(&self.0, wrt, order)?.into())
    }

    /// The dense Hessian by the parameters at these positions: one block for each pair, row by row.
    pub fn hessian_by(&self, wrt: &[usize]) -> Result<Function, Error> {
        Ok(autodiff::function::hessian(&self.0, wrt)?.into())
    }

    /// The dense Jacobian by the parameters at these positions: one block for each result and parameter, row by row.
    pub fn jacobian_by(&self, wrt: &[usize]) -> Result<Function, Error> {
        Ok(autodiff::function::jacobian(&self.0, wrt)?.into())
    }

    /// The function of a batch of `size` members. A parameter with an axis holds the members along that axis of each of
    /// its tensors, one without is the same for all; each result holds them along its first axis. Every op has a rule of
    /// its own, none loops over the batch.
    ///
    /// ```
    /// use wengert::prelude::*;
    ///
    /// // The gradient of a squared residual by the weights, for each of three observations.
    /// let residual = Function::parse(
    ///     "graph @r(%w: f64[2], %x: f64[2]) -> f64 {
    ///        %0 = dot %w, %x {lhs=[0], rhs=[0]}
    ///        %1 = square %0
    ///        return %1
    ///      }",
    /// )?;
    /// let each = residual.grad(0)?.vmap(&[None, Some(0)], 3)?;
    /// let gradients = each.compile()?.run(&[1.0, 2.0, 1.0, 0.0, 0.0, 1.0, 1.0, 1.0])?;
    /// assert_eq!(gradients, [2.0, 0.0, 0.0, 4.0, 6.0, 6.0]);
    /// # Ok::<(), wengert::Error>(())
    /// ```
    ///
    /// # Errors
    /// Another number of axes than of parameters, an axis that a batched tensor would not have, too many axes or elements.
    pub fn vmap(&self, axes: &[Option<usize>], size: usize) -> Result<Function, Error> {
        Ok(autodiff::vmap(&self.0, axes, size)?.into())
    }

    /// An equal function with fewer or cheaper nodes, and what was done.
    pub fn optimize(&self, level: Level) -> (Function, Report) {
        let (core, report) = opt::optimize(&self.0, level);
        (core.into(), report)
    }

    /// Optimises at the default level and plans.
    ///
    /// # Errors
    /// If the plan needs more memory than the limit.
    pub fn compile(&self) -> Result<Program, Error> {
        self.compile_at(Level::default())
    }

    /// Optimises at a level and plans.
    ///
    /// # Errors
    /// If the plan needs more memory than the limit.
    pub fn compile_at(&self, level: Level) -> Result<Program, Error> {
        Program::new(self.optimize(level).0.core())
    }

    /// Its results, by the reference evaluator.
    ///
    /// # Errors
    /// Arguments that do not fit the parameters.
    pub fn eval(&self, args: &[Value]) -> Result<Vec<Value>, Error> {
        Ok(interp::evaluate(&self.0, args)?)
    }

    /// One real number at a point of named scalars, by the reference evaluator. A parameter that is not used needs no
    /// value.
    pub(crate) fn eval_scalar(&self, point: &[(&str, f64)]) -> Result<f64, Error> {
        let used = graph_core::walk::use_counts(self.0.graph());
        let mut args = Vec::new();
        let mut missing = Vec::new();
        for (index, param) in self.0.params().iter().enumerate() {
            let given = point.iter().find(|(name, _)| *name == &*param.name);
            let unused = used[param.node] == 0 && !self.0.results().contains(&param.node);
            match given {
                Some((_, value)) => args.push(Value::from(*value)),
                None if unused => args.push(zero(self.0.param_type(index))),
                None => missing.push(format!("`{}`", param.name)),
            }
        }
        if !missing.is_empty() {
            return Err(Error::NoValue { names: missing });
        }
        let results = self.eval(&args)?;
        match &results[..] {
            [only] => only.as_scalar().ok_or(Error::Count {
                what: "numbers in the result",
                expected: 1,
                found: only.leaves().len(),
            }),
            many => Err(Error::Count { what: "results", expected: 1, found: many.len() }),
        }
    }

    /// This function as a graph under construction, with its parameters and results as expressions.
    pub fn open(&self) -> (Graph, Vec<Expr>, Vec<Expr>) {
        let g = Graph::from_core(self.0.graph().clone());
        let params = self.0.params().iter().map(|p| Expr::node(g.id, p.node)).collect();
        let results = self.0.results().iter().map(|&y| Expr::node(g.id, y)).collect();
        (g, params, results)
    }
}

/// A value of a type for a parameter whose value does not matter.
fn zero(ty: &Type) -> Value {
    let tensor = |t: &graph_core::TensorType| {
        let zeros = std::iter::repeat_n(graph_core::Scalar::F64(0.0), t.shape.elements());
        let data = graph_core::Buffer::collect(t.dtype, zeros);
        interp::Tensor::new(t.shape.clone(), data).expect("as many elements as the shape has")
    };
    let mut leaves = ty.leaves().into_iter().map(tensor);
    Value::from_leaves(ty, &mut leaves).expect("one tensor for each leaf")
}
