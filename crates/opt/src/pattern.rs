//! Patterns: the two sides of an equation, written with Rust operators over variables and a constructor for each op.
//!
//! A pattern is kept in normal form, because the nodes that it meets are: operands of commutative ops stand in both
//! orders in turn ([`Pattern::orientations`]) but constants come last, and `x - 1.0` is the pattern `x + -1.0`.
//! Matching and building allocate nothing but nodes; they recurse over the pattern, which the table bounds.

use std::fmt;
use std::ops::{Add, Div, Mul, Neg, Sub};

use graph_core::op::{Binary, Integer, Logic, Nth, Unary};
use graph_core::smallvec::SmallVec;
use graph_core::{DType, Graph, NodeId, Op, TensorType};

use crate::rules::constants::folds;

/// A shape of graph, over variables.
#[derive(Clone, Debug, PartialEq)]
pub enum Pattern {
    /// Any node; a variable that occurs twice is the same node twice.
    Any(Variable),
    /// A constant that folds with others, so that laws may gather constants in it.
    Constant(Variable),
    /// A constant whose elements are all this number, bit by bit (after conversion to its dtype).
    Number(f64),
    /// An elementwise op, which has no attributes of a graph.
    Node(Op, Vec<Pattern>),
}

/// A name in a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Variable(u8);

const VARIABLES: [&str; 6] = ["x", "y", "z", "a", "b", "w"];

/// Any node.
pub const X: Pattern = Pattern::Any(Variable(0));
/// Any node.
pub const Y: Pattern = Pattern::Any(Variable(1));
/// Any node.
pub const Z: Pattern = Pattern::Any(Variable(2));
/// Any constant that folds.
pub const A: Pattern = Pattern::Constant(Variable(3));
/// Any constant that folds.
pub const B: Pattern = Pattern::Constant(Variable(4));
/// Any node.
pub const W: Pattern = Pattern::Any(Variable(5));
/// `true` everywhere.
pub const TRUE: Pattern = Pattern::Number(1.0);
/// `false` everywhere.
pub const FALSE: Pattern = Pattern::Number(0.0);

/// What the variables of a pattern stand for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Bindings([Option<NodeId>; VARIABLES.len()]);

impl Bindings {
    fn bind(&mut self, variable: Variable, id: NodeId) -> bool {
        *self.0[variable.0 as usize].get_or_insert(id) == id
    }

    fn of(&self, variable: Variable) -> NodeId {
        self.0[variable.0 as usize].expect("a right side uses the variables of its left side")
    }
}

/// A match of a left side, as side conditions see it.
pub struct Match<'g> {
    g: &'g Graph,
    bound: &'g Bindings,
}

impl<'g> Match<'g> {
    pub(crate) fn new(g: &'g Graph, bound: &'g Bindings) -> Match<'g> {
        Match { g, bound }
    }

    /// The node that a variable stands for.
    pub fn node(&self, variable: &Pattern) -> NodeId {
        match variable {
            Pattern::Any(v) | Pattern::Constant(v) => self.bound.of(*v),
            Pattern::Number(_) | Pattern::Node(..) => panic!("a variable of the pattern, not {variable}"),
        }
    }

    /// The number that all elements of a constant are.
    pub fn number(&self, variable: &Pattern) -> Option<f64> {
        self.g.known(self.node(variable))
    }

    /// The element kind of a variable.
    pub fn dtype(&self, variable: &Pattern) -> Option<DType> {
        self.g.ty(self.node(variable)).as_tensor().map(|t| t.dtype)
    }
}

impl Pattern {
    /// Whether `id` has this shape; binds the variables.
    pub fn matches(&self, g: &Graph, id: NodeId, bound: &mut Bindings) -> bool {
        match self {
            Pattern::Any(v) => bound.bind(*v, id),
            Pattern::Constant(v) => g.literal(id).is_some_and(folds) && bound.bind(*v, id),
            Pattern::Number(value) => is_number(g, id, *value),
            Pattern::Node(op, parts) => {
                g.op(id) == *op && parts.iter().zip(g.operands(id)).all(|(part, &x)| part.matches(g, x, bound))
            }
        }
    }

    /// Builds this shape; numbers are of type `ty`.
    pub fn build(&self, g: &mut Graph, bound: &Bindings, ty: &TensorType) -> NodeId {
        match self {
            Pattern::Any(v) | Pattern::Constant(v) => bound.of(*v),
            Pattern::Number(value) => g.splat(*value, ty),
            Pattern::Node(op, parts) => {
                let operands: SmallVec<[NodeId; 3]> = parts.iter().map(|part| part.build(g, bound, ty)).collect();
                g.node(*op, &operands)
            }
        }
    }

    /// This pattern with the operands of commutative ops in every order that normal nodes can have.
    pub fn orientations(&self) -> Vec<Pattern> {
        let Pattern::Node(op, parts) = self else {
            return vec![self.clone()];
        };
        let mut found = vec![Vec::new()];
        for choices in parts.iter().map(Pattern::orientations) {
            found = found
                .iter()
                .flat_map(|done: &Vec<Pattern>| {
                    choices.iter().map(|choice| [done, std::slice::from_ref(choice)].concat())
                })
                .collect();
        }
        if commutes(*op) && !parts[0].is_constant() && !parts[1].is_constant() && parts[0] != parts[1] {
            let swapped: Vec<_> = found.iter().map(|pair| vec![pair[1].clone(), pair[0].clone()]).collect();
            found.extend(swapped);
        }
        found.into_iter().map(|parts| Pattern::Node(*op, parts)).collect()
    }

    fn is_constant(&self) -> bool {
        match self {
            Pattern::Constant(_) | Pattern::Number(_) => true,
            Pattern::Any(_) | Pattern::Node(..) => false,
        }
    }
}

fn is_number(g: &Graph, id: NodeId, value: f64) -> bool {
    let Some(scalar) = g.literal(id).and_then(graph_core::Literal::as_splat) else {
        return false;
    };
    scalar.bits() == graph_core::Scalar::F64(value).cast(scalar.dtype()).bits()
}

/// Whether both orders of the operands give the same bits (and, at kinks, the same derivatives).
pub fn commutes(op: Op) -> bool {
    match op {
        Op::Binary(op) => match op {
            Binary::Add | Binary::Mul | Binary::Max | Binary::Min | Binary::Hypot | Binary::Logaddexp => true,
            Binary::Sub | Binary::Div | Binary::Pow | Binary::Atan2 | Binary::Xlogy | Binary::Xlog1py => false,
            Binary::Lbeta | Binary::Fmod | Binary::Copysign => false,
        },
        Op::Logic(op) => op.arity() == 2,
        Op::Integer(op) => op.commutes(),
        Op::Test(_) | Op::Bitcast(_) => false,
        Op::Compare(op) => op.swapped() == op,
        Op::Param(_) | Op::Const(_) | Op::Iota(_) | Op::Unary(_) | Op::Nth(..) | Op::Select | Op::Cast(_) => false,
        Op::Broadcast(_) | Op::Reshape(_) | Op::Permute(_) | Op::Slice(_) | Op::Pad(_) | Op::Concat(_) => false,
        Op::Gather(_) | Op::Scatter(..) => false,
        Op::Cumulate(..) | Op::Sort(_) => false,
        Op::Linalg(_) | Op::TriangularSolve(_) => false,
        Op::Conv(_) | Op::ReduceWindow(..) => false,
        Op::Reverse(_) | Op::Reduce(..) | Op::Dot(_) | Op::Tuple | Op::Record(_) | Op::Get(_) | Op::Call(_) => false,
    }
}

/// One constructor for each op, named as the op is.
#[expect(dead_code, reason = "the constructors are complete; the rules use those that they need")]
pub mod ops {
    use super::{Binary, Integer, Logic, Nth, Op, Pattern, Unary};

    macro_rules! unary {
        ($($op:ident $name:ident,)*) => { $(
            pub fn $name(x: Pattern) -> Pattern { Pattern::Node(Op::Unary(Unary::$op), vec![x]) }
        )* };
    }
    graph_core::for_each_unary!(unary);

    macro_rules! binary {
        ($($op:ident $name:ident,)*) => { $(
            pub fn $name(x: Pattern, y: Pattern) -> Pattern { Pattern::Node(Op::Binary(Binary::$op), vec![x, y]) }
        )* };
    }
    graph_core::for_each_binary!(binary);

    macro_rules! logic {
        ($($op:ident $name:ident ($($x:ident)*),)*) => { $(
            pub fn $name($($x: Pattern),*) -> Pattern { Pattern::Node(Op::Logic(Logic::$op), vec![$($x),*]) }
        )* };
    }
    logic! { And and(x y), Or or(x y), Xor xor(x y), Not not(x), }

    macro_rules! integer {
        ($($(#[$doc:meta])* $op:ident $name:ident $arity:ident,)*) => { $( integer! { $op $name $arity } )* };
        ($op:ident $name:ident one) => {
            pub fn $name(x: Pattern) -> Pattern { Pattern::Node(Op::Integer(Integer::$op), vec![x]) }
        };
        ($op:ident $name:ident two) => {
            pub fn $name(x: Pattern, y: Pattern) -> Pattern { Pattern::Node(Op::Integer(Integer::$op), vec![x, y]) }
        };
    }
    graph_core::for_each_integer!(integer);

    pub fn powi(x: Pattern, n: i32) -> Pattern {
        Pattern::Node(Op::Nth(Nth::Powi, n), vec![x])
    }
    pub fn compare(op: super::Comparison, x: Pattern, y: Pattern) -> Pattern {
        Pattern::Node(Op::Compare(op), vec![x, y])
    }
    pub fn select(c: Pattern, yes: Pattern, no: Pattern) -> Pattern {
        Pattern::Node(Op::Select, vec![c, yes, no])
    }
}

/// The comparison of a pattern.
pub use graph_core::op::Compare as Comparison;

macro_rules! operators {
    ($($trait:ident $method:ident;)*) => { $(
        impl $trait for Pattern {
            type Output = Pattern;
            fn $method(self, y: Pattern) -> Pattern { ops::$method(self, y) }
        }
    )* };
}
operators! { Add add; Sub sub; Mul mul; Div div; }

impl Neg for Pattern {
    type Output = Pattern;
    fn neg(self) -> Pattern {
        ops::neg(self)
    }
}
impl Add<f64> for Pattern {
    type Output = Pattern;
    fn add(self, number: f64) -> Pattern {
        self + Pattern::Number(number)
    }
}
impl Sub<f64> for Pattern {
    type Output = Pattern;
    fn sub(self, number: f64) -> Pattern {
        self + Pattern::Number(-number)
    }
}
impl Mul<f64> for Pattern {
    type Output = Pattern;
    fn mul(self, number: f64) -> Pattern {
        self * Pattern::Number(number)
    }
}
impl Div<f64> for Pattern {
    type Output = Pattern;
    fn div(self, number: f64) -> Pattern {
        self / Pattern::Number(number)
    }
}
impl Sub<Pattern> for f64 {
    type Output = Pattern;
    fn sub(self, y: Pattern) -> Pattern {
        Pattern::Number(self) - y
    }
}
impl Div<Pattern> for f64 {
    type Output = Pattern;
    fn div(self, y: Pattern) -> Pattern {
        Pattern::Number(self) / y
    }
}

impl From<f64> for Pattern {
    fn from(number: f64) -> Pattern {
        Pattern::Number(number)
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Pattern::Any(v) | Pattern::Constant(v) => f.write_str(VARIABLES[v.0 as usize]),
            Pattern::Number(value) => write!(f, "{value}"),
            Pattern::Node(op, parts) => match (infix(*op), &parts[..]) {
                (Some(sign), [x, y]) => write!(f, "({x} {sign} {y})"),
                (Some(sign), [x]) => write!(f, "{sign}{x}"),
                _ => {
                    let mut arguments: Vec<String> = parts.iter().map(Pattern::to_string).collect();
                    if let Op::Nth(_, n) = op {
                        arguments.push(n.to_string());
                    }
                    write!(f, "{}({})", op.name(), arguments.join(", "))
                }
            },
        }
    }
}

fn infix(op: Op) -> Option<&'static str> {
    match op {
        Op::Binary(Binary::Add) => Some("+"),
        Op::Binary(Binary::Sub) => Some("-"),
        Op::Binary(Binary::Mul) => Some("*"),
        Op::Binary(Binary::Div) => Some("/"),
        Op::Unary(Unary::Neg) => Some("-"),
        Op::Logic(Logic::Not) => Some("!"),
        _ => None,
    }
}
