//! Normal forms of sums and products: like terms and like powers collected over the whole graph, then common factors taken
//! out again.
//!
//! Every elementwise real value is a polynomial over kernels, the values that are no sums or products (`sin u`, `exp u`, a
//! parameter). Reciprocals and roots are powers of their operand. Differentiation maps polynomials over kernels to
//! polynomials over the same kernels, and it is the collecting of their terms that stops the swell of nested sweeps.
//! Written out, a polynomial costs more and rounds worse than it need; so it is factored (a greedy multivariate Horner
//! scheme), equal pieces are built once, and the whole is kept only if it costs less than what was there.
//!
//! Real-number algebra throughout: [`crate::Class::Relaxed`].

mod factor;
mod polynomial;

use std::rc::Rc;

use graph_core::op::{Binary, Nth, Unary};
use graph_core::smallvec::SmallVec;
use graph_core::walk::{self, Translation};
use graph_core::{Graph, NodeId, NodeMap, Op, TensorType};

use factor::Factory;
use polynomial::Polynomial;

/// Terms of all polynomials together, as a multiple of the number of nodes, up to which they grow; and the most and the
/// least that one may have.
const TERMS: usize = 1 << 20;
const MOST: usize = 2048;
const LEAST: usize = 32;

/// The graph with all sums and products collected and factored anew.
pub fn collect(source: &Graph, roots: &[NodeId]) -> (Graph, Vec<NodeId>) {
    let (target, params) = walk::with_params(source);
    let live = walk::ancestors(source, roots);
    let limit = (TERMS / live.len().max(1)).clamp(LEAST, MOST);
    let mut algebra = Algebra { factory: Factory::new(target), values: NodeMap::new(source.len(), None), limit };
    for (param, placed) in params {
        algebra.values[param] = Some(Value::Node(placed));
    }
    let mut attributes = Translation::default();
    for id in live {
        if matches!(source.op(id), Op::Param(_)) {
            continue;
        }
        let origin = walk::moved_origin(source.origin(id), |primal| algebra.placed(primal));
        algebra.factory.g.set_origin(origin);
        let value = match algebra.polynomial(source, id) {
            Some(polynomial) => Value::Polynomial(Rc::new(polynomial), None),
            None => {
                let operands: SmallVec<[NodeId; 4]> =
                    source.operands(id).iter().map(|&x| algebra.node(source, x)).collect();
                let op = attributes.translate(source, source.op(id), &mut algebra.factory.g);
                Value::Node(algebra.factory.g.make(op, &operands).expect("the operands have the types they had"))
            }
        };
        algebra.values[id] = Some(value);
    }
    let roots = roots.iter().map(|&root| algebra.node(source, root)).collect();
    (algebra.factory.g, roots)
}

/// What a source node has become.
#[derive(Clone)]
enum Value {
    /// A node of the target.
    Node(NodeId),
    /// A polynomial over nodes of the target, and its node if it has been built.
    Polynomial(Rc<Polynomial>, Option<NodeId>),
}

struct Algebra {
    factory: Factory,
    values: NodeMap<Option<Value>>,
    /// Most terms of one polynomial.
    limit: usize,
}

impl Algebra {
    /// Where a node is, if it has been built.
    fn placed(&self, id: NodeId) -> Option<NodeId> {
        match &self.values[id] {
            Some(Value::Node(node)) => Some(*node),
            Some(Value::Polynomial(_, node)) => *node,
            None => None,
        }
    }

    /// The target node of a source node, built now at the latest.
    fn node(&mut self, source: &Graph, id: NodeId) -> NodeId {
        match self.values[id].clone().expect("operands are older and live") {
            Value::Node(node) | Value::Polynomial(_, Some(node)) => node,
            Value::Polynomial(polynomial, None) => {
                let ty = source.ty(id).as_tensor().expect("polynomials are tensors");
                let node = self.factory.build(&polynomial, ty);
                self.values[id] = Some(Value::Polynomial(polynomial, Some(node)));
                node
            }
        }
    }

    /// The source node as a polynomial; as a kernel of its own, if it is not one.
    fn operand(&self, id: NodeId) -> Rc<Polynomial> {
        match self.values[id].clone().expect("operands are older and live") {
            Value::Polynomial(polynomial, _) => polynomial,
            Value::Node(node) => Rc::new(match self.factory.g.known(node).filter(|value| value.is_finite()) {
                Some(value) => Polynomial::constant(value),
                None => Polynomial::kernel(node),
            }),
        }
    }

    /// A sum or product as a polynomial; `None` for other ops, and where it would have too many terms.
    fn polynomial(&mut self, source: &Graph, id: NodeId) -> Option<Polynomial> {
        source.ty(id).as_tensor().filter(|ty| ty.dtype.is_float())?;
        let operands = source.operands_vec(id);
        let polynomial = match source.op(id) {
            Op::Const(_) => Polynomial::constant(source.known(id).filter(|value| value.is_finite())?),
            Op::Unary(Unary::Neg) => self.operand(operands[0]).scaled(-1.0),
            Op::Binary(Binary::Add) => self.operand(operands[0]).plus(&self.operand(operands[1]), 1.0),
            Op::Binary(Binary::Sub) => self.operand(operands[0]).plus(&self.operand(operands[1]), -1.0),
            Op::Binary(Binary::Mul) => self.product(operands[0], operands[1])?,
            Op::Unary(Unary::Square) => self.product(operands[0], operands[0])?,
            Op::Nth(Nth::Powi, n @ 3..=4) => {
                let square = self.product(operands[0], operands[0])?;
                let x = self.operand(operands[0]);
                square.times(if n == 3 { &x } else { &square }, self.limit)?
            }
            Op::Nth(Nth::Powi, n) if n.unsigned_abs() <= 64 => self.power(source, operands[0], 2 * n)?,
            Op::Binary(Binary::Pow) => self.moving_power(source, operands[0], operands[1])?,
            Op::Unary(Unary::Recip) => self.power(source, operands[0], -2)?,
            Op::Unary(Unary::Sqrt) => self.power(source, operands[0], 1)?,
            Op::Unary(Unary::Rsqrt) => self.power(source, operands[0], -1)?,
            Op::Binary(Binary::Div) => {
                let reciprocal = self.power(source, operands[1], -2)?;
                self.operand(operands[0]).times(&reciprocal, self.limit)?
            }
            _ => return None,
        };
        (polynomial.is_finite() && polynomial.terms().len() <= self.limit).then_some(polynomial)
    }

    fn product(&self, x: NodeId, y: NodeId) -> Option<Polynomial> {
        let (x, y) = (self.operand(x), self.operand(y));
        x.times(&y, self.limit)
    }

    /// The operand to a power of so many halves. Powers of one kernel add up; of anything else the operand becomes one.
    fn power(&mut self, source: &Graph, x: NodeId, halves: i32) -> Option<Polynomial> {
        let operand = self.operand(x);
        if let Some(power) = operand.power(halves) {
            return Some(power);
        }
        let node = self.node(source, x);
        Polynomial::kernel(node).power(halves)
    }

    /// xʸ⁺ⁿ is xʸ·xⁿ, so that powers a whole number apart share a kernel.
    fn moving_power(&mut self, source: &Graph, x: NodeId, y: NodeId) -> Option<Polynomial> {
        let exponent = self.operand(y);
        let whole = exponent.terms().first().filter(|(m, _)| m.is_empty()).map_or(0.0, |(_, c)| c.floor());
        let steps = (whole.abs() <= 64.0).then_some(whole as i32)?;
        let ty = tensor(source, y);
        let rest = exponent.plus(&Polynomial::constant(whole), -1.0);
        let (base, rest) = (self.node(source, x), self.factory.build(&rest, ty));
        let kernel = self.factory.g.node(Op::Binary(Binary::Pow), &[base, rest]);
        let powers = self.power(source, x, 2 * steps)?;
        Polynomial::kernel(kernel).times(&powers, self.limit)
    }
}

/// The type of a node that is a polynomial.
fn tensor(g: &Graph, id: NodeId) -> &TensorType {
    g.ty(id).as_tensor().expect("kernels are tensors")
}
