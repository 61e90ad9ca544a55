//! Programs as plain functions of slices, for optimisers, solvers and integrators that know nothing of graphs.
//!
//! [`Objective`] is a real number of n real numbers, [`Mapping`] m real numbers of n. Both take a function of any
//! structure of reals as one of a single vector ([`Function::flattened`]), compile what is asked for once, and are shared
//! by threads.

use std::sync::{Arc, OnceLock};

use graph_core::op::Op;
use graph_core::{DType, Graph, Misfit, NodeId, Shape, TensorType, Type, path, walk};

use crate::error::Error;
use crate::function::Function;
use crate::program::Program;

impl Program {
    /// A closure from the elements of all parameters to those of all results.
    ///
    /// ```
    /// use wengert::prelude::*;
    ///
    /// let f = Function::new("f", &[("x", Type::f64()), ("y", Type::f64())], |v| (v[0] * v[1], v[0].exp()))?;
    /// let f = f.compile()?.into_fn();
    /// let mut out = [0.0; 2];
    /// f(&[0.0, 5.0], &mut out);
    /// assert_eq!(out, [0.0, 1.0]);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Panics
    /// The closure does, where [`Program::run_into`] answers with an error: for slices of another length, and where a node
    /// fails when it runs.
    pub fn into_fn(self) -> impl Fn(&[f64], &mut [f64]) + Clone + Send + Sync {
        let program = Arc::new(self);
        move |x: &[f64], y: &mut [f64]| program.run_into(x, y).unwrap_or_else(|e| panic!("{e}"))
    }
}

impl Function {
    /// The same function of one vector `x`, the elements of all parameters one after the other, with one vector of the
    /// elements of all results. Single precision is converted at both ends.
    ///
    /// # Errors
    /// A parameter or result that holds integers or truth values; its path is named. Bind it first ([`Function::bind`]).
    #[track_caller]
    pub fn flattened(&self) -> Result<Function, Error> {
        let site = std::panic::Location::caller();
        let misfit = |misfit| Error::Structure { misfit, site: Some(site) };
        let core = self.core();
        let types: Vec<Type> = (0..core.params().len()).map(|i| core.param_type(i).clone()).collect();
        let n = types.iter().flat_map(|ty| ty.leaves()).map(|leaf| leaf.shape.elements()).sum();
        let mut g = Graph::new();
        let x = g.param("x", Type::tensor(DType::F64, &[n]))?;
        let (mut args, mut next) = (Vec::new(), 0);
        for (param, ty) in core.params().iter().zip(&types) {
            let arg = part(&mut g, x, ty, &mut next).map_err(|m| misfit(m.within(&param.name)))?;
            args.push(arg);
        }
        let results = match core.rule() {
            None => {
                let given: Vec<_> = core.params().iter().map(|p| p.node).zip(args).collect();
                walk::copy(core.graph(), core.results(), &mut g, &given)
            }
            Some(_) => {
                let callee = g.add_function(core);
                vec![g.make(Op::Call(callee), &args)?]
            }
        };
        let mut elements = Vec::new();
        for y in results {
            flatten(&mut g, y, &mut elements).map_err(|m| misfit(m.within("result")))?;
        }
        let result = match elements[..] {
            [] => g.splat(0.0, &TensorType { dtype: DType::F64, shape: Shape::new(&[0]) }),
            [one] => one,
            _ => g.concat(&elements, 0),
        };
        let flat = graph_core::Function::new(core.name(), &g, &[result])?;
        Ok(Arc::new(flat).into())
    }
}

/// A value of this type from the elements of `x` from `next` on. Recursion ends at the nesting limit of types.
fn part(g: &mut Graph, x: NodeId, ty: &Type, next: &mut usize) -> Result<NodeId, Misfit> {
    let mut parts = |g: &mut Graph, types: &mut dyn Iterator<Item = &Type>| -> Result<Vec<NodeId>, Misfit> {
        let each = |(at, of): (usize, &Type)| part(g, x, of, next).map_err(|m| m.within(&path::step(ty, at)));
        types.enumerate().map(each).collect()
    };
    match ty {
        Type::Tensor(t) => {
            real(t)?;
            let (start, one) = (Shape::new(&[*next]), Shape::new(&[1]));
            *next += t.shape.elements();
            let slice = g.slice(x, &start, &Shape::new(&[*next]), &one);
            let tensor = g.reshape(slice, &t.shape);
            Ok(if t.dtype == DType::F64 { tensor } else { g.cast(t.dtype, tensor) })
        }
        Type::Tuple(types) => {
            let parts = parts(g, &mut types.iter())?;
            Ok(g.node(Op::Tuple, &parts))
        }
        Type::Record(fields) => {
            let parts = parts(g, &mut fields.iter().map(|(_, ty)| ty))?;
            let names = g.intern_fields(fields.iter().map(|(name, _)| name.clone()).collect());
            Ok(g.node(Op::Record(names), &parts))
        }
    }
}

/// Appends the tensors inside a value as vectors. Recursion ends at the nesting limit of types.
fn flatten(g: &mut Graph, y: NodeId, elements: &mut Vec<NodeId>) -> Result<(), Misfit> {
    let ty = g.ty(y).clone();
    if let Type::Tensor(t) = &ty {
        real(t)?;
        let vector = g.reshape(y, &Shape::new(&[t.shape.elements()]));
        elements.push(if t.dtype == DType::F64 { vector } else { g.cast(DType::F64, vector) });
        return Ok(());
    }
    for at in (0..).take_while(|&at| ty.part(at).is_some()) {
        let part = g.get(y, at);
        flatten(g, part, elements).map_err(|m| m.within(&path::step(&ty, at)))?;
    }
    Ok(())
}

fn real(t: &TensorType) -> Result<(), Misfit> {
    if t.dtype.is_float() { Ok(()) } else { Err(Misfit::new("real numbers", t.to_string())) }
}

/// A real number of n real numbers, to be made small, with its derivatives. Each is compiled when it is first asked for.
///
/// ```
/// use wengert::plain::Objective;
/// use wengert::prelude::*;
///
/// let f = Function::new("f", &[("x", Type::tensor(DType::F64, &[2]))], |v| v[0].at(0).square() * v[0].at(1))?;
/// let f = Objective::new(&f)?;
/// assert_eq!(f.value_and_gradient(&[3.0, 2.0])?, (18.0, vec![12.0, 9.0]));
/// assert_eq!(f.hessian(&[3.0, 2.0])?, [4.0, 6.0, 6.0, 0.0]);
/// assert_eq!(f.hessian_product(&[3.0, 2.0], &[1.0, 1.0])?, [10.0, 6.0]);
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug)]
pub struct Objective {
    function: Function,
    inputs: usize,
    value: Lazy,
    value_and_gradient: Lazy,
    hessian: Lazy,
    product: Lazy,
}

impl Objective {
    /// Of all parameters of a function with one real number as its result.
    ///
    /// # Errors
    /// Those of [`Function::flattened`]; another result than one real number; a mistake in the derivative.
    #[track_caller]
    pub fn new(f: &Function) -> Result<Objective, Error> {
        let flat = f.flattened()?;
        let (g, _, results) = flat.open();
        let number = match results[0].shape().as_deref() {
            Some([1]) => results[0].reshape(&[]),
            _ => results[0], // the gradient says that it is no number
        };
        let function = g.function(f.name(), number)?;
        let objective = Objective {
            inputs: function.core().param_type(0).leaves()[0].shape.elements(),
            function,
            value: Lazy::default(),
            value_and_gradient: Lazy::default(),
            hessian: Lazy::default(),
            product: Lazy::default(),
        };
        objective.both()?;
        Ok(objective)
    }

    /// Of how many numbers.
    pub fn inputs(&self) -> usize {
        self.inputs
    }

    /// The function of one vector.
    pub fn function(&self) -> &Function {
        &self.function
    }

    /// Its value at `x`.
    ///
    /// # Errors
    /// Another number of elements; the first node that fails, as for all methods.
    pub fn value(&self, x: &[f64]) -> Result<f64, Error> {
        let mut value = [0.0];
        self.value.get(|| self.function.compile())?.run_into(x, &mut value)?;
        Ok(value[0])
    }

    /// Its gradient at `x`.
    ///
    /// # Errors
    /// Those of [`Objective::value`].
    pub fn gradient(&self, x: &[f64]) -> Result<Vec<f64>, Error> {
        Ok(self.value_and_gradient(x)?.1)
    }

    /// Both, by one forward and one reverse sweep.
    ///
    /// # Errors
    /// Those of [`Objective::value`].
    pub fn value_and_gradient(&self, x: &[f64]) -> Result<(f64, Vec<f64>), Error> {
        let mut both = self.both()?.run(x)?;
        let value = both.remove(0);
        Ok((value, both))
    }

    /// As [`Objective::value_and_gradient`], into a slice of 1 + n elements, the value first. Allocates nothing.
    ///
    /// # Errors
    /// Those of [`Objective::value`].
    pub fn evaluate_into(&self, x: &[f64], value_and_gradient: &mut [f64]) -> Result<(), Error> {
        self.both()?.run_into(x, value_and_gradient)
    }

    /// The Hessian at `x`, row by row.
    ///
    /// # Errors
    /// Those of [`Objective::value`]; more than [`autodiff::function::MAX_COLUMNS`] numbers.
    pub fn hessian(&self, x: &[f64]) -> Result<Vec<f64>, Error> {
        self.hessian.get(|| self.function.hessian(0)?.compile())?.run(x)
    }

    /// The Hessian at `x` times `v`.
    ///
    /// # Errors
    /// Those of [`Objective::value`].
    pub fn hessian_product(&self, x: &[f64], v: &[f64]) -> Result<Vec<f64>, Error> {
        self.product.get(|| self.function.hvp(0)?.compile())?.run(&[x, v].concat())
    }

    fn both(&self) -> Result<&Program, Error> {
        self.value_and_gradient.get(|| self.function.value_and_grad(0)?.compile())
    }
}

/// m real numbers of n real numbers, with their derivatives. Each is compiled when it is first asked for.
///
/// ```
/// use wengert::plain::Mapping;
/// use wengert::prelude::*;
///
/// let polar = [("r", Type::f64()), ("phi", Type::f64())];
/// let f = Function::new("cartesian", &polar, |v| (v[0] * v[1].cos(), v[0] * v[1].sin()))?;
/// let f = Mapping::new(&f)?;
/// assert_eq!(f.values(&[2.0, 0.0])?, [2.0, 0.0]);
/// assert_eq!(f.jacobian(&[2.0, 0.0])?, [1.0, 0.0, 0.0, 2.0]);
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug)]
pub struct Mapping {
    function: Function,
    inputs: usize,
    outputs: usize,
    values: Lazy,
    jacobian: Lazy,
    tangent: Lazy,
    adjoint: Lazy,
}

impl Mapping {
    /// Of all parameters of a function, to all its results.
    ///
    /// # Errors
    /// Those of [`Function::flattened`].
    #[track_caller]
    pub fn new(f: &Function) -> Result<Mapping, Error> {
        let function = f.flattened()?;
        let elements = |ty: &Type| ty.leaves()[0].shape.elements();
        Ok(Mapping {
            inputs: elements(function.core().param_type(0)),
            outputs: elements(&function.core().result_type()),
            function,
            values: Lazy::default(),
            jacobian: Lazy::default(),
            tangent: Lazy::default(),
            adjoint: Lazy::default(),
        })
    }

    /// n.
    pub fn inputs(&self) -> usize {
        self.inputs
    }

    /// m.
    pub fn outputs(&self) -> usize {
        self.outputs
    }

    /// The function of one vector.
    pub fn function(&self) -> &Function {
        &self.function
    }

    /// The values at `x`.
    ///
    /// # Errors
    /// Another number of elements; the first node that fails, as for all methods.
    pub fn values(&self, x: &[f64]) -> Result<Vec<f64>, Error> {
        self.values.get(|| self.function.compile())?.run(x)
    }

    /// The Jacobian at `x`, row by row: m rows of n.
    ///
    /// # Errors
    /// Those of [`Mapping::values`]; more than [`autodiff::function::MAX_COLUMNS`] rows and columns.
    pub fn jacobian(&self, x: &[f64]) -> Result<Vec<f64>, Error> {
        self.jacobian.get(|| self.function.jacobian(0)?.compile())?.run(x)
    }

    /// The Jacobian at `x` times `v`, of n elements.
    ///
    /// # Errors
    /// Those of [`Mapping::values`].
    pub fn tangent(&self, x: &[f64], v: &[f64]) -> Result<Vec<f64>, Error> {
        self.tangent.get(|| self.function.jvp()?.compile())?.run(&[x, v].concat())
    }

    /// `u`, of m elements, times the Jacobian at `x`.
    ///
    /// # Errors
    /// Those of [`Mapping::values`].
    pub fn adjoint(&self, x: &[f64], u: &[f64]) -> Result<Vec<f64>, Error> {
        self.adjoint.get(|| self.function.vjp()?.compile())?.run(&[x, u].concat())
    }
}

/// A program that is compiled when it is first needed.
#[derive(Debug, Default)]
struct Lazy(OnceLock<Program>);

impl Lazy {
    fn get(&self, compile: impl FnOnce() -> Result<Program, Error>) -> Result<&Program, Error> {
        match self.0.get() {
            Some(program) => Ok(program),
            None => {
                let program = compile()?;
                Ok(self.0.get_or_init(|| program))
            }
        }
    }
}
