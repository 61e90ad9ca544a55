//! A formula as scalar nodes of a graph, in one pass over its expressions. Equal subexpressions become one node, because
//! the graph interns.

use graph_core::op::Op;
use graph_core::{Graph, NodeId, walk};

use super::{Expr, Formula};

impl Formula {
    /// Builds the formula from nodes for its variables, and returns its node.
    ///
    /// `env` gives the node of a variable, a scalar `f64`; it is asked once for each of [`Formula::variables`], in their
    /// order. `differentiate` gives ∂y/∂x of a node y that depends on the node x, for every `D`, inner ones first; a
    /// `D` by a variable that its expression does not use is the constant 0.
    ///
    /// # Panics
    /// If `env` gives a node that is not a scalar `f64`.
    pub fn lower<E>(
        &self,
        g: &mut Graph,
        env: impl FnMut(&str) -> NodeId,
        differentiate: &mut dyn FnMut(&mut Graph, NodeId, NodeId) -> Result<NodeId, E>,
    ) -> Result<NodeId, E> {
        let variables: Vec<NodeId> = self.variables.iter().map(|name| &**name).map(env).collect();
        let mut nodes: Vec<NodeId> = Vec::with_capacity(self.exprs.len());
        for expr in &self.exprs {
            let node = match *expr {
                Expr::Number(value) => g.scalar(value),
                Expr::Variable(v) => variables[v.index()],
                Expr::Unary(op, x) => g.unary(op, nodes[x.index()]),
                Expr::Nth(op, n, x) => g.nth(op, n, nodes[x.index()]),
                Expr::Binary(op, x, y) => g.binary(op, nodes[x.index()], nodes[y.index()]),
                Expr::Compare(op, x, y) => g.compare(op, nodes[x.index()], nodes[y.index()]),
                Expr::Where(c, yes, no) => {
                    g.node(Op::Select, &[nodes[c.index()], nodes[yes.index()], nodes[no.index()]])
                }
                Expr::Derivative(f, v) => {
                    let (y, x) = (nodes[f.index()], variables[v.index()]);
                    match walk::ancestors(g, &[y]).contains(&x) {
                        true => differentiate(g, y, x)?,
                        false => g.scalar(0.0),
                    }
                }
            };
            nodes.push(node);
        }
        Ok(*nodes.last().expect("a formula has at least one expression"))
    }
}
