//! Transforms: functions made of a function, which compose in any order and depth. `wrt` is a parameter or a list of them,
//! by position or by name ([`Wrt`]).
//!
//! A derivative is simplified before it is differentiated again, which is what stops the swell of nested sweeps; what comes
//! out is the raw derivative of that. (`autodiff::function` differentiates functions as they are.)

use std::panic::Location;
use std::sync::Arc;

use graph_core::provenance::Site;
use graph_core::{Literal, Shape, walk};
use interp::{Tensor, Value};
use opt::Level;

use super::{Function, Wrt};
use crate::error::Error;

type Core = Arc<graph_core::Function>;

impl Function {
    /// The gradient: parameters to the adjoint of each of `wrt`. This function returns one real number.
    ///
    /// ```
    /// use wengert::prelude::*;
    ///
    /// let f = Function::new("f", &[("x", Type::f64()), ("y", Type::f64())], |v| v[0].sin() * v[1])?;
    /// let third = f.grad("x")?.grad(0)?.grad("y")?; // ∂³f/∂x∂x∂y
    /// assert_eq!(third.compile()?.run(&[1.0, 5.0])?, [-1f64.sin()]);
    /// # Ok::<(), Error>(())
    /// ```
    #[track_caller]
    pub fn grad(&self, wrt: impl Wrt) -> Result<Function, Error> {
        self.derived(wrt, autodiff::function::grad)
    }

    /// The gradient by every real parameter, as many results.
    #[track_caller]
    pub fn grad_all(&self) -> Result<Function, Error> {
        self.grad(self.real_params())
    }

    /// The result, then the gradient; what both need is computed once.
    #[track_caller]
    pub fn value_and_grad(&self, wrt: impl Wrt) -> Result<Function, Error> {
        self.derived(wrt, autodiff::function::value_and_grad)
    }

    /// Parameters, then a cotangent for each result, to the adjoint of each real parameter.
    #[track_caller]
    pub fn vjp(&self) -> Result<Function, Error> {
        self.vjp_by(self.real_params())
    }

    /// As [`Function::vjp`], to the adjoints of these parameters.
    #[track_caller]
    pub fn vjp_by(&self, wrt: impl Wrt) -> Result<Function, Error> {
        self.derived(wrt, autodiff::function::vjp)
    }

    /// Parameters, then a tangent for each real parameter, to the tangent of each result.
    #[track_caller]
    pub fn jvp(&self) -> Result<Function, Error> {
        self.jvp_by(self.real_params())
    }

    /// As [`Function::jvp`], from tangents of these parameters.
    #[track_caller]
    pub fn jvp_by(&self, wrt: impl Wrt) -> Result<Function, Error> {
        self.derived(wrt, autodiff::function::jvp)
    }

    /// The dense Jacobian: one block for each result and each of `wrt`, row by row, of the shape of the result, then of the
    /// parameter. One batched sweep, forward over the elements of the parameters or reverse over those of the results,
    /// whichever are fewer; where neither are by a factor of two, whichever costs less ([`opt::total_cost`]).
    #[track_caller]
    pub fn jacobian(&self, wrt: impl Wrt) -> Result<Function, Error> {
        self.derived(wrt, |f, wrt| {
            let ways = autodiff::function::jacobians(f, wrt)?;
            let cost = |f: &Core| opt::total_cost(f.graph(), f.results());
            Ok(ways.into_iter().min_by_key(cost).expect("one way at least"))
        })
    }

    /// The dense Hessian: one block for each pair of `wrt`, row by row, of the shape of the one, then of the other.
    #[track_caller]
    pub fn hessian(&self, wrt: impl Wrt) -> Result<Function, Error> {
        self.derived(wrt, autodiff::function::hessian)
    }

    /// Parameters, then a direction for each of `wrt`, to the Hessian times the direction: a tangent of the gradient.
    #[track_caller]
    pub fn hvp(&self, wrt: impl Wrt) -> Result<Function, Error> {
        self.derived(wrt, autodiff::function::hvp)
    }

    /// As [`Function::hvp`], as an adjoint of the gradient: nested reverse mode.
    #[track_caller]
    pub fn vhp(&self, wrt: impl Wrt) -> Result<Function, Error> {
        self.derived(wrt, autodiff::function::vhp)
    }

    /// All partial derivatives of this order: one block for each result and each `order` of `wrt`, row by row, of the shape
    /// of the result, then of each parameter; order 2 is [`Function::hessian`] of any results. By power series along
    /// several directions, in one batched sweep, so that the graph does not grow with the number of elements; the price
    /// is about a decimal digit for every two orders.
    ///
    /// ```
    /// use wengert::prelude::*;
    ///
    /// let f = Function::new("f", &[("x", Type::tensor(DType::F64, &[2]))], |v| v[0].at(0).exp() * v[0].at(1).square())?;
    /// let third = f.derivative_tensor("x", 3)?.compile()?.run(&[0.0, 3.0])?;
    /// // ∂³/∂x₀³, ∂³/∂x₀²∂x₁ (three times), ∂³/∂x₀∂x₁² (three times), ∂³/∂x₁³
    /// for (found, expected) in third.iter().zip([9.0, 6.0, 6.0, 2.0, 6.0, 2.0, 2.0, 0.0]) {
    ///     assert!((found - expected).abs() < 1e-13);
    /// }
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// Results or parameters that are not tensors of reals; order 0; more than 4096 directions, C(n + order − 1, order) for
    /// n elements.
    #[track_caller]
    pub fn derivative_tensor(&self, wrt: impl Wrt, order: usize) -> Result<Function, Error> {
        self.derived(wrt, |f, wrt| autodiff::function::derivative_tensor(f, wrt, order))
    }

    /// Σ ∂²y/∂xᵢ² over all elements xᵢ of `wrt`, for each result y and of its shape: by power series of order two along all
    /// axes in one batched sweep, without a Hessian. (At equal eigenvalues or singular values it is not finite; the trace
    /// of [`Function::hessian`] is.)
    ///
    /// ```
    /// use wengert::prelude::*;
    ///
    /// let f = Function::new("f", &[("x", Type::tensor(DType::F64, &[3]))], |v| v[0].square().sum().square())?;
    /// let laplacian = f.laplacian("x")?.compile()?; // of |x|⁴: 4·(2 + 3)·|x|²
    /// assert_eq!(laplacian.run(&[1.0, 2.0, 3.0])?, [20.0 * 14.0]);
    /// # Ok::<(), Error>(())
    /// ```
    #[track_caller]
    pub fn laplacian(&self, wrt: impl Wrt) -> Result<Function, Error> {
        self.derived(wrt, autodiff::function::laplacian)
    }

    /// Parameters, then a direction for each of `wrt`, to the derivative of this order along it, Dᵏf(x)\[v, …, v\], of each
    /// result; its cost grows with the square of the order.
    #[track_caller]
    pub fn directional(&self, wrt: impl Wrt, order: usize) -> Result<Function, Error> {
        self.derived(wrt, |f, wrt| autodiff::function::directional(f, wrt, order))
    }

    /// Parameters, then a direction for each real parameter, to the Taylor coefficients 1 to `order` of each result.
    #[track_caller]
    pub fn taylor(&self, order: usize) -> Result<Function, Error> {
        self.taylor_by(self.real_params(), order)
    }

    /// As [`Function::taylor`], with directions for these parameters.
    #[track_caller]
    pub fn taylor_by(&self, wrt: impl Wrt, order: usize) -> Result<Function, Error> {
        self.derived(wrt, |f, wrt| autodiff::function::taylor(f, wrt, order))
    }

    /// The function at a point and its derivative there, as two functions: the first from parameters to the results, then
    /// residuals; the second from the residuals, then a tangent for each of `wrt`, to the tangent of each result. What
    /// depends on the point alone is done once, in the first; the second is linear in the tangents and can be
    /// [transposed](Function::transpose).
    ///
    /// ```
    /// use wengert::prelude::*;
    ///
    /// let f = Function::new("f", &[("x", Type::f64())], |v| v[0].exp().sin())?;
    /// let (primal, linear) = f.linearize("x")?;
    /// let at = primal.compile()?.run(&[0.5])?; // the result, and residuals
    /// let (residuals, tangent) = (&at[1..], linear.compile()?);
    /// let slope = 0.5f64.exp() * 0.5f64.exp().cos();
    /// assert!((tangent.run(&[residuals, &[3.0]].concat())?[0] - 3.0 * slope).abs() < 1e-15);
    /// let adjoint = linear.transpose("dx")?.compile()?;
    /// assert!((adjoint.run(&[residuals, &[2.0]].concat())?[0] - 2.0 * slope).abs() < 1e-15);
    /// # Ok::<(), Error>(())
    /// ```
    #[track_caller]
    pub fn linearize(&self, wrt: impl Wrt) -> Result<(Function, Function), Error> {
        let wrt = wrt.positions(self)?;
        let split = autodiff::linear::linearize(&self.0, &wrt).map_err(at_line(Location::caller()))?;
        Ok((split.primal.into(), split.linear.into()))
    }

    /// For a function that is linear in `wrt` together: the other parameters, then a cotangent for each result, to the
    /// adjoint of each of `wrt`.
    ///
    /// # Errors
    /// The node at which it is not linear, as far as ops say; a function of its own rule may say more.
    #[track_caller]
    pub fn transpose(&self, wrt: impl Wrt) -> Result<Function, Error> {
        self.derived(wrt, autodiff::linear::transpose)
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
    /// let each = residual.grad("w")?.vmap(&[None, Some(0)], 3)?;
    /// let gradients = each.compile()?.run(&[1.0, 2.0, 1.0, 0.0, 0.0, 1.0, 1.0, 1.0])?;
    /// assert_eq!(gradients, [2.0, 0.0, 0.0, 4.0, 6.0, 6.0]);
    /// # Ok::<(), wengert::Error>(())
    /// ```
    ///
    /// # Errors
    /// Another number of axes than of parameters, an axis that a batched tensor would not have, too many axes or elements.
    #[track_caller]
    pub fn vmap(&self, axes: &[Option<usize>], size: usize) -> Result<Function, Error> {
        Ok(autodiff::vmap(&self.0, axes, size).map_err(at_line(Location::caller()))?.into())
    }

    /// The function of the other parameters, with these values for some: partial application.
    ///
    /// ```
    /// use wengert::prelude::*;
    ///
    /// let f = Function::new("f", &[("x", Type::f64()), ("a", Type::f64())], |v| v[0].pow(v[1]))?;
    /// let cube = f.bind(&[("a", 3.0.into())])?;
    /// assert_eq!(cube.grad("x")?.compile()?.run(&[2.0])?, [12.0]);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// A name that no parameter has; a value of another type.
    pub fn bind(&self, values: &[(&str, Value)]) -> Result<Function, Error> {
        let mut bound: Vec<Option<&Value>> = vec![None; self.0.params().len()];
        for (name, value) in values {
            let index = self.position(name)?;
            let fit = self.0.param_type(index).fit(&value.ty());
            fit.map_err(|misfit| Error::Argument(misfit.within(name)))?;
            bound[index] = Some(value);
        }
        let (body, params, results) = autodiff::function::open(&self.0, &(0..bound.len()).collect::<Vec<_>>())?;
        let mut g = graph_core::Graph::new();
        let mut given = Vec::new();
        for (index, (&param, value)) in params.iter().zip(bound).enumerate() {
            let image = match value {
                Some(value) => constant(&mut g, value),
                None => g.param(&self.0.params()[index].name, self.0.param_type(index).clone())?,
            };
            given.push((param, image));
        }
        let results = walk::copy(&body, &results, &mut g, &given);
        Ok(Arc::new(graph_core::Function::new(self.name(), &g, &results)?).into())
    }

    /// A derivative, with the caller's line in its mistake.
    #[track_caller]
    fn derived(
        &self,
        wrt: impl Wrt,
        transform: impl FnOnce(&Core, &[usize]) -> Result<Core, autodiff::Error>,
    ) -> Result<Function, Error> {
        let site = Location::caller();
        let wrt = wrt.positions(self)?;
        Ok(transform(&self.between_orders(), &wrt).map_err(at_line(site))?.into())
    }

    /// This function; simplified, if it holds a derivative.
    fn between_orders(&self) -> Core {
        let g = self.0.graph();
        let holds_derivative = walk::ancestors(g, self.0.results()).into_iter().any(|id| g.derived(id).is_some());
        if holds_derivative { opt::optimize(&self.0, Level::default()).0 } else { self.0.clone() }
    }
}

/// Gives a mistake the line of the user's program.
pub fn at_line(site: Site) -> impl Fn(autodiff::Error) -> Error {
    move |source| Error::Derivative { source, site: Some(site) }
}

/// A value as a node.
fn constant(g: &mut graph_core::Graph, value: &Value) -> graph_core::NodeId {
    let mut parts = |parts: &mut dyn Iterator<Item = &Value>| parts.map(|part| constant(g, part)).collect::<Vec<_>>();
    match value {
        Value::Tensor(tensor) => g.literal_node(literal(tensor)),
        Value::Tuple(all) => {
            let nodes = parts(&mut all.iter());
            g.node(graph_core::Op::Tuple, &nodes)
        }
        Value::Record(fields) => {
            let nodes = parts(&mut fields.iter().map(|(_, part)| part));
            let names = g.intern_fields(fields.iter().map(|(name, _)| name.clone()).collect());
            g.node(graph_core::Op::Record(names), &nodes)
        }
    }
}

fn literal(tensor: &Tensor) -> Literal {
    let shape = Shape::new(&tensor.shape);
    Literal::dense(tensor.data.clone(), shape).expect("a tensor has as many elements as its shape says")
}
