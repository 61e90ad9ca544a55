//! A formula as nodes of a graph, in one pass over its expressions. Equal subexpressions become one node, because the
//! graph interns. Here the shapes are known, so here it is found whether they fit; scalars of one type meet no check.

use graph_core::op::{Op, Unary};
use graph_core::{Graph, NodeId, walk};

use super::array::{self, ArrayCall, ArrayOp, Misfit};
use super::error::FormulaError;
use super::{Expr, ExprId, Formula, VariableId};

impl Formula {
    /// Builds the formula from nodes for its variables, and returns its node.
    ///
    /// `env` gives the node of a variable, a tensor of `f64`; it is asked once for each of [`Formula::variables`], in
    /// their order. `differentiate` gives ∂y/∂x of a scalar y that depends on the scalar x, for every `D`, inner ones
    /// first; a `D` by a variable that its expression does not use is the constant 0.
    ///
    /// # Errors
    /// Shapes that do not fit, each at its place; what `differentiate` fails with.
    ///
    /// # Panics
    /// If `env` gives a node that is not a tensor of `f64`.
    pub fn lower<E: From<FormulaError>>(
        &self,
        g: &mut Graph,
        env: impl FnMut(&str) -> NodeId,
        differentiate: &mut dyn FnMut(&mut Graph, NodeId, NodeId) -> Result<NodeId, E>,
    ) -> Result<NodeId, E> {
        let variables: Vec<NodeId> = self.variables.iter().map(|name| &**name).map(env).collect();
        let mut nodes: Vec<NodeId> = Vec::with_capacity(self.exprs.len());
        for (at, expr) in self.exprs.iter().enumerate() {
            let node = match *expr {
                Expr::Number(value) => Ok(g.scalar(value)),
                Expr::Variable(v) => Ok(variables[v.index()]),
                Expr::Unary(op, x) => match self.log_softmax(op, x) {
                    Some(call) => build(g, &call, &nodes),
                    None => Ok(g.unary(op, nodes[x.index()])),
                },
                Expr::Nth(op, n, x) => Ok(g.nth(op, n, nodes[x.index()])),
                Expr::Binary(op, x, y) => elementwise(g, Op::Binary(op), [nodes[x.index()], nodes[y.index()]]),
                Expr::Compare(op, x, y) => elementwise(g, Op::Compare(op), [nodes[x.index()], nodes[y.index()]]),
                Expr::Where(c, yes, no) => {
                    elementwise(g, Op::Select, [nodes[c.index()], nodes[yes.index()], nodes[no.index()]])
                }
                Expr::Array(id) => build(g, self.array(id), &nodes),
                Expr::Derivative(f, v) => {
                    let (y, x) = (nodes[f.index()], variables[v.index()]);
                    self.check_scalars(g, (f, y), (v, x), at)?;
                    match walk::ancestors(g, &[y]).contains(&x) {
                        true => Ok(differentiate(g, y, x)?),
                        false => Ok(g.scalar(0.0)),
                    }
                }
            };
            nodes.push(node.map_err(|misfit| self.at_place(misfit, at))?);
        }
        Ok(*nodes.last().expect("a formula has at least one expression"))
    }

    /// `log(softmax(x))` is `log_softmax(x)`, so that nothing underflows on the way.
    fn log_softmax(&self, op: Unary, x: ExprId) -> Option<ArrayCall> {
        match (op, self.exprs[x.index()]) {
            (Unary::Log, Expr::Array(id)) if self.array(id).op == ArrayOp::Softmax => {
                Some(ArrayCall { op: ArrayOp::LogSoftmax, ..self.array(id).clone() })
            }
            _ => None,
        }
    }

    fn at_place(&self, misfit: Misfit, at: usize) -> FormulaError {
        let Misfit { code, message, help } = misfit;
        FormulaError::new(code, &self.text, self.places[at].clone(), message).help(help)
    }

    /// A `D` is of numbers, by numbers.
    fn check_scalars(
        &self,
        g: &Graph,
        (f, y): (ExprId, NodeId),
        (v, x): (VariableId, NodeId),
        at: usize,
    ) -> Result<(), FormulaError> {
        let error = |place, message: String| {
            let error = FormulaError::new("type", &self.text, place, message);
            Err(error.help("`D` takes the derivative of a number by a number; `--wrt` differentiates by arrays"))
        };
        if g.shape(y).rank() > 0 {
            let message = format!("`D` differentiates numbers, and this is an array of shape {}", g.shape(y));
            return error(self.span(f), message);
        }
        if g.shape(x).rank() > 0 {
            let name = &self.variables[v.index()];
            let message = format!("`D` differentiates by numbers, and `{name}` is an array of shape {}", g.shape(x));
            return error(self.places[at].clone(), message);
        }
        Ok(())
    }
}

fn build(g: &mut Graph, call: &ArrayCall, nodes: &[NodeId]) -> Result<NodeId, Misfit> {
    let operands: Vec<NodeId> = call.operands.iter().map(|x| nodes[x.index()]).collect();
    array::build(g, call, &operands)
}

/// An elementwise op; operands of different shapes are broadcast.
fn elementwise<const N: usize>(g: &mut Graph, op: Op, operands: [NodeId; N]) -> Result<NodeId, Misfit> {
    let alike = operands.windows(2).all(|pair| g.shape(pair[0]) == g.shape(pair[1]));
    let operands = if alike { operands } else { array::align(g, operands)? };
    Ok(g.node(op, &operands))
}
