//! The results of a function in infix form, for people: `log(x1) + x1*x2 - sin(x2)`.
//!
//! A node used more than once stands on a line of its own, `t1 = …`, unless its text is tiny; so does one that would make
//! a line longer than [`MAX_LINE`]. The text is therefore linear in the graph, and nothing recurses. The text of scalar
//! results without temporaries is in the syntax of formulas; two ops are spelled for the reader by others of equal
//! value: `recip(x)` is `1/x`, `square(x)` is `x^2`.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use super::FieldName;
use super::print::{Elements, print_float};
use crate::arena::{NodeId, NodeMap};
use crate::function::Function;
use crate::graph::Graph;
use crate::literal::{Literal, Scalar};
use crate::op::{Axes, Binary, Compare, Cumulate, CumulateSpec, DotSpec, Nth, Op, Reduce, SliceSpec, SortSpec, Unary};
use crate::path;
use crate::walk;

/// A line longer than this is broken by a temporary wherever an operand can be named.
const MAX_LINE: usize = 200;
/// A shared text of at most so many bytes is repeated, not named.
const TINY: usize = 4;
/// Literals of more elements show their type instead.
const MAX_ELEMENTS_SHOWN: usize = 64;

/// Formulas of results, and the temporaries they share.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Formulas {
    /// Name and formula of each temporary; it uses earlier ones only.
    pub lets: Vec<(String, String)>,
    /// One formula for each result that was asked for.
    pub results: Vec<String>,
}

impl Formulas {
    /// Those of the results with these indices, with common temporaries.
    ///
    /// # Panics
    /// If there is no such result.
    pub fn of(f: &Function, indices: &[usize]) -> Formulas {
        let roots: Vec<NodeId> = indices.iter().map(|&i| f.results()[i]).collect();
        let mut writer = Writer::new(f.graph(), &roots);
        walk::ancestors(f.graph(), &roots).into_iter().for_each(|id| writer.node(id));
        let results = roots.iter().map(|&y| writer.take(y, Splats::Full).text).collect();
        Formulas { lets: writer.lets, results }
    }
}

impl fmt::Display for Formulas {
    /// Temporaries as `t1 = …`, then the results, one a line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lets = self.lets.iter().map(|(name, text)| format!("{name} = {text}"));
        super::list(f, "", lets.chain(self.results.iter().cloned()), "\n", "")
    }
}

/// One result in infix form, after the temporaries it needs; callees appear by name.
///
/// # Panics
/// If there is no such result.
pub fn math(f: &Function, result: usize) -> String {
    Formulas::of(f, &[result]).to_string()
}

/// All results in infix form, one a line, after the temporaries they share.
pub fn math_results(f: &Function) -> String {
    Formulas::of(f, &(0..f.results().len()).collect::<Vec<_>>()).to_string()
}

/// How tightly the outermost operator of a text binds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Binding {
    Comparison,
    Sum,
    Product,
    Sign,
    Power,
    Atom,
}
use Binding::{Atom, Comparison, Power, Product, Sign, Sum};

#[derive(Clone, Debug)]
struct Infix {
    text: String,
    binding: Binding,
}

impl Infix {
    fn atom(text: impl Into<String>) -> Infix {
        Infix { text: text.into(), binding: Atom }
    }

    fn call(name: &str, arguments: impl IntoIterator<Item = String>) -> Infix {
        Infix::atom(format!("{name}({})", joined(arguments)))
    }

    /// In parentheses, if it binds less tightly than that.
    fn at_least(self, binding: Binding) -> String {
        match self.binding < binding {
            true => format!("({})", self.text),
            false => self.text,
        }
    }

    /// As a right operand: also in parentheses if it starts with a sign.
    fn right(self, binding: Binding) -> String {
        match self.text.starts_with('-') {
            true => format!("({})", self.text),
            false => self.at_least(binding),
        }
    }
}

/// Whether a constant tensor of equal elements is written as a number, as elementwise ops allow, or with its shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Splats {
    Number,
    Full,
}

struct Writer<'g> {
    g: &'g Graph,
    uses: NodeMap<u32>,
    written: NodeMap<Option<Infix>>,
    param_names: HashSet<&'g str>,
    last_name: usize,
    lets: Vec<(String, String)>,
}

impl<'g> Writer<'g> {
    fn new(g: &'g Graph, roots: &[NodeId]) -> Writer<'g> {
        let mut uses = NodeMap::new(g.len(), 0);
        let piece = walk::ancestors(g, roots);
        let operands = piece.iter().flat_map(|&id| g.operands(id)).chain(roots);
        operands.for_each(|&x| uses[x] += 1);
        let param_names = g.params().iter().map(|p| &*p.name).collect();
        Writer { g, uses, written: NodeMap::new(g.len(), None), param_names, last_name: 0, lets: Vec::new() }
    }

    fn node(&mut self, id: NodeId) {
        self.shorten(id);
        let infix = self.infix(id);
        let name_it = !self.is_leaf(id) && self.uses[id] > 1 && infix.text.len() > TINY;
        self.written[id] = Some(infix);
        if name_it {
            self.name(id);
        }
    }

    /// A name or a number, which is never given a name.
    fn is_leaf(&self, id: NodeId) -> bool {
        matches!(self.g.op(id), Op::Param(_)) || self.g.known(id).is_some()
    }

    /// Gives a written node a line of its own.
    fn name(&mut self, id: NodeId) {
        let name = loop {
            self.last_name += 1;
            let name = format!("t{}", self.last_name);
            if !self.param_names.contains(&*name) {
                break name;
            }
        };
        let named = self.written[id].replace(Infix::atom(name.clone())).expect("operands are written before users");
        self.lets.push((name, named.text));
    }

    /// Names the longest operands of a node, as long as its line would be too long.
    fn shorten(&mut self, id: NodeId) {
        let length = |w: &Self, x: NodeId| w.written[x].as_ref().map_or(0, |infix| infix.text.len());
        let mut operands = self.g.operands_vec(id);
        let mut total: usize = operands.iter().map(|&x| length(self, x) + 4).sum();
        operands.sort_by_key(|&x| std::cmp::Reverse(length(self, x)));
        for x in operands {
            let before = length(self, x);
            if total + 40 <= MAX_LINE || before <= 2 * TINY {
                return;
            }
            if !self.is_leaf(x) {
                self.name(x);
                total -= before - length(self, x);
            }
        }
    }

    /// The text of an operand, moved out at its only use.
    fn take(&mut self, id: NodeId, splats: Splats) -> Infix {
        if let (Splats::Full, Some(literal)) = (splats, self.g.literal(id))
            && let Some(value) = literal.as_splat().filter(|_| literal.ty.shape.rank() > 0)
        {
            return Infix::call("full", [self.number(value).text, literal.ty.shape.to_string()]);
        }
        let text = match self.uses[id] {
            1 => self.written[id].take(),
            _ => self.written[id].clone(),
        };
        text.expect("operands are written before users")
    }

    fn all(&mut self, id: NodeId, splats: Splats) -> Vec<Infix> {
        self.g.operands(id).iter().map(|&x| self.take(x, splats)).collect()
    }

    /// Every op by family; no logic here.
    fn infix(&mut self, id: NodeId) -> Infix {
        let g = self.g;
        match g.op(id) {
            Op::Param(index) => Infix::atom(&*g.params()[index as usize].name),
            Op::Const(literal) => self.constant(&g[literal]),
            Op::Iota(spec) => Infix::call("iota", [g[spec].shape.to_string(), format!("axis={}", g[spec].axis)]),
            Op::Unary(op) => unary(op, self.only(id, Splats::Number)),
            Op::Nth(op, n) => nth(op, n, self.only(id, Splats::Number)),
            Op::Binary(op) => self.binary(op, id),
            Op::Compare(op) => compare(op, self.pair(id, Splats::Number)),
            Op::Logic(op) => self.function(op.name(), id, Splats::Number, []),
            Op::Integer(op) => self.function(op.name(), id, Splats::Number, []),
            Op::Test(op) => self.function(op.name(), id, Splats::Number, []),
            Op::Bitcast(dtype) => self.function("bitcast", id, Splats::Full, [dtype.to_string()]),
            Op::Select => self.function("where", id, Splats::Number, []),
            Op::Cast(dtype) => self.function("cast", id, Splats::Full, [dtype.to_string()]),
            Op::Broadcast(spec) => {
                let attributes = [g[spec].shape.to_string(), format!("axes={}", g[spec].axes)];
                self.function("broadcast", id, Splats::Full, attributes)
            }
            Op::Reshape(shape) => self.function("reshape", id, Splats::Full, [g[shape].to_string()]),
            Op::Permute(axes) if g[axes][..] == [1, 0] => self.function("transpose", id, Splats::Full, []),
            Op::Permute(axes) => self.function("permute", id, Splats::Full, [g[axes].to_string()]),
            Op::Slice(spec) => slice(&g[spec], self.only(id, Splats::Full)),
            Op::Pad(spec) => {
                let (low, high, interior) = (&g[spec].low, &g[spec].high, &g[spec].interior);
                let attributes = [format!("low={low}"), format!("high={high}"), format!("interior={interior}")];
                self.function("pad", id, Splats::Full, attributes)
            }
            Op::Concat(axis) => self.function("concat", id, Splats::Full, [format!("axis={axis}")]),
            Op::Reverse(axes) => self.function("reverse", id, Splats::Full, [format!("axes={}", g[axes])]),
            Op::Reduce(op, axes) => self.reduce(op, &g[axes], id),
            Op::Cumulate(op, spec) => self.cumulate(op, &g[spec], id),
            Op::Gather(spec) | Op::Scatter(_, spec) => {
                let op = g.op(id);
                self.function(op.name(), id, Splats::Full, super::index::attributes(op, &g[spec]))
            }
            Op::Sort(spec) => self.sort(&g[spec], id),
            Op::Dot(spec) => self.dot(&g[spec], id),
            Op::Conv(spec) => self.function("conv", id, Splats::Full, super::window::conv(&g[spec])),
            Op::ReduceWindow(op, spec) => self.function(op.name(), id, Splats::Full, super::window::reduce(&g[spec])),
            Op::Linalg(op) => self.function(op.name(), id, Splats::Full, []),
            Op::TriangularSolve(triangle) => {
                self.function("triangular_solve", id, Splats::Full, triangle.flags().map(str::to_string))
            }
            Op::Tuple => tuple(self.all(id, Splats::Full)),
            Op::Record(names) => record(&g[names], self.all(id, Splats::Full)),
            Op::Get(index) => self.get(index as usize, id),
            Op::Call(f) => self.function(g[f].name(), id, Splats::Full, []),
        }
    }

    fn only(&mut self, id: NodeId, splats: Splats) -> Infix {
        self.take(self.g.operands(id)[0], splats)
    }

    fn pair(&mut self, id: NodeId, splats: Splats) -> [Infix; 2] {
        let (x, y) = (self.g.operands(id)[0], self.g.operands(id)[1]);
        [self.take(x, splats), self.take(y, splats)]
    }

    fn function(
        &mut self,
        name: &str,
        id: NodeId,
        splats: Splats,
        attributes: impl IntoIterator<Item = String>,
    ) -> Infix {
        let arguments = self.all(id, splats).into_iter().map(|x| x.text);
        Infix::call(name, arguments.chain(attributes))
    }

    fn constant(&self, literal: &Literal) -> Infix {
        match literal.as_splat() {
            Some(value) => self.number(value),
            None if literal.ty.shape.elements() > MAX_ELEMENTS_SHOWN => {
                Infix::atom(format!("constant({})", literal.ty))
            }
            None => Infix::atom(Elements(literal).to_string()),
        }
    }

    fn number(&self, value: Scalar) -> Infix {
        let digits = match value {
            Scalar::F64(x) if x == std::f64::consts::PI && !self.param_names.contains("pi") => "pi".into(),
            Scalar::F64(x) => print_float(x),
            Scalar::F32(x) => format!("{x:?}"),
            Scalar::I64(x) => x.to_string(),
            Scalar::Bool(x) => x.to_string(),
        };
        let text = digits.strip_suffix(".0").unwrap_or(&digits).to_string();
        let binding = if text.starts_with('-') { Sign } else { Atom };
        Infix { text, binding }
    }

    fn binary(&mut self, op: Binary, id: NodeId) -> Infix {
        let exponent = self.g.known(self.g.operands(id)[1]);
        let [x, y] = self.pair(id, Splats::Number);
        match op {
            Binary::Add => operator(x, " + ", y, Sum),
            Binary::Sub => operator(x, " - ", y, Sum),
            // Coefficients come last in the graph and first on paper.
            Binary::Mul if exponent.is_some() => operator(y, "*", x, Product),
            Binary::Mul => operator(x, "*", y, Product),
            Binary::Div => operator(x, "/", y, Product),
            // A whole number as exponent of `^` would read as `powi`.
            Binary::Pow if exponent.is_none_or(|n| n != n.trunc()) => power(x, y),
            Binary::Pow | Binary::Atan2 | Binary::Hypot | Binary::Logaddexp | Binary::Xlogy | Binary::Xlog1py => {
                Infix::call(op.name(), [x.text, y.text])
            }
            Binary::Lbeta | Binary::Max | Binary::Min | Binary::Fmod | Binary::Copysign => {
                Infix::call(op.name(), [x.text, y.text])
            }
        }
    }

    /// `sum(x)` over all axes, else `sum(x, axis=[0, 2])`.
    fn reduce(&mut self, op: Reduce, axes: &Axes, id: NodeId) -> Infix {
        let rank = self.g.shape(self.g.operands(id)[0]).rank();
        let name = op.name().trim_start_matches("reduce_");
        let attribute = match axes[..] {
            _ if axes.rank() == rank => None,
            [axis] => Some(format!("axis={axis}")),
            _ => Some(format!("axis={axes}")),
        };
        self.function(name, id, Splats::Full, attribute)
    }

    /// `cumsum(x, axis=0)`, with `reverse` if it is.
    fn cumulate(&mut self, op: Cumulate, spec: &CumulateSpec, id: NodeId) -> Infix {
        let reverse = spec.reverse.then(|| "reverse".to_string());
        self.function(op.name(), id, Splats::Full, [format!("axis={}", spec.axis)].into_iter().chain(reverse))
    }

    /// `sort(x, y, axis=0)`, with `descending` if it is.
    fn sort(&mut self, spec: &SortSpec, id: NodeId) -> Infix {
        let descending = spec.descending.then(|| "descending".to_string());
        self.function("sort", id, Splats::Full, [format!("axis={}", spec.axis)].into_iter().chain(descending))
    }

    /// `a @ b` where NumPy's product means the same.
    fn dot(&mut self, spec: &DotSpec, id: NodeId) -> Infix {
        let ranks = [0, 1].map(|i| self.g.shape(self.g.operands(id)[i]).rank());
        let product = spec.lhs[..] == [ranks[0].wrapping_sub(1)] && spec.rhs[..] == [0] && ranks[0].max(ranks[1]) <= 2;
        if product && spec.lhs_batch.rank() == 0 {
            let [x, y] = self.pair(id, Splats::Full);
            return operator(x, " @ ", y, Product);
        }
        let mut attributes = vec![format!("lhs={}", spec.lhs), format!("rhs={}", spec.rhs)];
        if spec.lhs_batch.rank() > 0 {
            attributes.extend([format!("lhs_batch={}", spec.lhs_batch), format!("rhs_batch={}", spec.rhs_batch)]);
        }
        self.function("dot", id, Splats::Full, attributes)
    }

    fn get(&mut self, index: usize, id: NodeId) -> Infix {
        let part = path::step(self.g.ty(self.g.operands(id)[0]), index);
        Infix::atom(self.only(id, Splats::Full).at_least(Atom) + &part)
    }
}

fn joined(items: impl IntoIterator<Item = String>) -> String {
    items.into_iter().collect::<Vec<_>>().join(", ")
}

/// A left-associative operator.
fn operator(x: Infix, sign: &str, y: Infix, binding: Binding) -> Infix {
    let above = if binding == Sum { Product } else { Sign };
    Infix { text: x.at_least(binding) + sign + &y.right(above), binding }
}

/// `x^y`, right-associative; the exponent may carry a sign of its own.
fn power(x: Infix, y: Infix) -> Infix {
    let signed =
        y.binding == Sign && y.text[1..].bytes().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'.' | b'_'));
    let exponent = if signed { y.text } else { y.at_least(Power) };
    Infix { text: x.at_least(Atom) + "^" + &exponent, binding: Power }
}

fn unary(op: Unary, x: Infix) -> Infix {
    match op {
        Unary::Neg => Infix { text: format!("-{}", x.right(Power)), binding: Sign },
        Unary::Square => nth(Nth::Powi, 2, x),
        Unary::Recip => operator(Infix::atom("1"), "/", x, Product),
        other => Infix::call(other.name(), [x.text]),
    }
}

/// Members of a family as calls with their number first; those with a name of their own by it.
fn nth(op: Nth, n: i32, x: Infix) -> Infix {
    match (op, n) {
        (Nth::Powi, _) => Infix { text: format!("{}^{n}", x.at_least(Atom)), binding: Power },
        (Nth::Polygamma, 0) => Infix::call("digamma", [x.text]),
        (Nth::Polygamma, 1) => Infix::call("trigamma", [x.text]),
        (Nth::Sinc | Nth::Erfcx | Nth::Mills, 0) => Infix::call(op.name(), [x.text]),
        (Nth::Polygamma, _) => Infix::call("polygamma", [n.to_string(), x.text]),
        (Nth::Sinc, _) => Infix::call("sinc_n", [n.to_string(), x.text]),
        (Nth::Erfcx, _) => Infix::call("erfcx_n", [n.to_string(), x.text]),
        (Nth::Mills, _) => Infix::call("mills_n", [n.to_string(), x.text]),
    }
}

fn compare(op: Compare, [x, y]: [Infix; 2]) -> Infix {
    let sign = match op {
        Compare::Eq => "==",
        Compare::Ne => "!=",
        Compare::Lt => "<",
        Compare::Le => "<=",
        Compare::Gt => ">",
        Compare::Ge => ">=",
    };
    Infix { text: format!("{} {sign} {}", x.at_least(Sum), y.at_least(Sum)), binding: Comparison }
}

/// `x[0:2, 1:7:3]`, a unit step left out.
fn slice(spec: &SliceSpec, x: Infix) -> Infix {
    let windows = (0..spec.start.rank()).map(|axis| match spec.stride[axis] {
        1 => format!("{}:{}", spec.start[axis], spec.limit[axis]),
        stride => format!("{}:{}:{stride}", spec.start[axis], spec.limit[axis]),
    });
    Infix::atom(format!("{}[{}]", x.at_least(Atom), joined(windows)))
}

fn tuple(parts: Vec<Infix>) -> Infix {
    match &parts[..] {
        [only] => Infix::atom(format!("({},)", only.text)),
        _ => Infix::atom(format!("({})", joined(parts.into_iter().map(|x| x.text)))),
    }
}

fn record(names: &[Arc<str>], parts: Vec<Infix>) -> Infix {
    let fields = names.iter().zip(parts).map(|(name, x)| format!("{}: {}", FieldName(name), x.text));
    Infix::atom(format!("{{{}}}", joined(fields)))
}
