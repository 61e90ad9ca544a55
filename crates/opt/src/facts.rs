//! What is known of the values of a node without running it: bounds, whether they can be NaN, whether they are whole.
//!
//! Sound under floating point: bounds are widened by more than the table's functions err, overflow reaches infinity, and
//! what is not looked into may be anything. A parameter may be anything, too, so facts come from functions with a bounded
//! range, from squares and absolute values, and from constants. Side conditions of rules ask for them ([`facts`]); the walk
//! goes a few nodes deep, so that asking costs a bounded amount of work.

use graph_core::op::{Binary, Op, Reduce, Unary};
use graph_core::{DType, Graph, NodeId};

/// How deep the walk goes.
const DEPTH: usize = 5;
/// By which part bounds are widened: more than any function of the tables errs, in double and in single precision.
const SLACK: (f64, f64) = (1e-13, 1e-5);

/// What holds for each element of a tensor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Facts {
    /// No element that is not NaN is less.
    pub low: f64,
    /// No element that is not NaN is more.
    pub high: f64,
    /// Some element may be NaN.
    pub nan: bool,
    /// Every finite element is a whole number.
    pub whole: bool,
}

/// Anything.
const UNKNOWN: Facts = Facts { low: f64::NEG_INFINITY, high: f64::INFINITY, nan: true, whole: false };

impl Facts {
    fn exactly(value: f64) -> Facts {
        match value.is_nan() {
            true => UNKNOWN,
            false => Facts { low: value, high: value, nan: false, whole: value.is_infinite() || value.fract() == 0.0 },
        }
    }

    fn between(low: f64, high: f64, nan: bool) -> Facts {
        Facts { low, high, nan, whole: false }
    }

    /// Neither NaN nor infinite.
    pub fn is_finite(self) -> bool {
        !self.nan && self.low > f64::NEG_INFINITY && self.high < f64::INFINITY
    }

    /// Above 0, or NaN.
    pub fn is_positive(self) -> bool {
        self.low > 0.0
    }

    /// Not 0, but maybe NaN.
    pub fn is_nonzero(self) -> bool {
        self.low > 0.0 || self.high < 0.0
    }

    fn may_be_zero(self) -> bool {
        !self.is_nonzero()
    }

    fn may_be_infinite(self) -> bool {
        self.low == f64::NEG_INFINITY || self.high == f64::INFINITY
    }

    fn or(self, other: Facts) -> Facts {
        Facts {
            low: self.low.min(other.low),
            high: self.high.max(other.high),
            nan: self.nan || other.nan,
            whole: self.whole && other.whole,
        }
    }

    fn whole_if(self, whole: bool) -> Facts {
        Facts { whole, ..self }
    }

    /// Room for rounding; what is single precision may also overflow.
    fn widened(self, dtype: DType) -> Facts {
        let (slack, largest, least, exact) = match dtype {
            DType::F32 => (SLACK.1, f64::from(f32::MAX), f64::from(f32::MIN_POSITIVE), 2f64.powi(24)),
            DType::F64 | DType::I64 | DType::Bool => (SLACK.0, f64::MAX, f64::MIN_POSITIVE, 2f64.powi(53)),
        };
        if self.whole && self.low.abs().max(self.high.abs()) <= exact {
            return self;
        }
        let down = |x: f64| x - x.abs() * slack - if x == 0.0 || x.abs() >= least { 0.0 } else { least };
        let low = if self.low == 0.0 { 0.0 } else { down(self.low) };
        let high = if self.high == 0.0 { 0.0 } else { -down(-self.high) };
        // A positive bound may round to 0, never below it.
        let low = if self.low > 0.0 { low.max(0.0) } else { low };
        let high = if self.high < 0.0 { high.min(0.0) } else { high };
        Facts {
            low: if low < -largest { f64::NEG_INFINITY } else { low },
            high: if high > largest { f64::INFINITY } else { high },
            ..self
        }
    }
}

/// What is known of a node.
pub fn facts(g: &Graph, id: NodeId) -> Facts {
    known(g, id, DEPTH)
}

/// Recursion ends at the depth.
fn known(g: &Graph, id: NodeId, depth: usize) -> Facts {
    let Some(ty) = g.ty(id).as_tensor() else { return UNKNOWN };
    if let Some(literal) = g.literal(id) {
        return match literal.as_splat() {
            Some(value) => Facts::exactly(value.as_f64()),
            None if literal.ty.shape.elements() <= 64 => {
                let all = (0..literal.ty.shape.elements()).map(|i| Facts::exactly(literal.get(i).as_f64()));
                all.reduce(Facts::or).unwrap_or(UNKNOWN)
            }
            None => UNKNOWN,
        };
    }
    if depth == 0 {
        return UNKNOWN;
    }
    let operand = |i: usize| known(g, g.operands(id)[i], depth - 1);
    let found = match g.op(id) {
        // Integers wrap.
        Op::Unary(_) | Op::Binary(_) if !ty.dtype.is_float() => UNKNOWN,
        Op::Unary(op) => unary(op, operand(0)),
        Op::Binary(op) => binary(op, operand(0), operand(1)),
        Op::Compare(_) | Op::Logic(_) | Op::Test(_) => Facts::between(0.0, 1.0, false).whole_if(true),
        Op::Iota(spec) => {
            let last = g.shape(id).get(g[spec].axis).map_or(0, |&extent| extent.saturating_sub(1));
            Facts::between(0.0, last as f64, false).whole_if(true)
        }
        Op::Select => operand(1).or(operand(2)),
        Op::Cast(_) => match g.ty(g.operands(id)[0]).as_tensor().map(|t| t.dtype) {
            Some(DType::Bool) => Facts::between(0.0, 1.0, false).whole_if(true),
            Some(DType::I64) => Facts::between(-1e19, 1e19, false).whole_if(true),
            Some(DType::F32 | DType::F64) if ty.dtype.is_float() => operand(0),
            _ => UNKNOWN,
        },
        Op::Broadcast(_) | Op::Reshape(_) | Op::Permute(_) | Op::Slice(_) | Op::Reverse(_) => operand(0),
        Op::Pad(_) => operand(0).or(operand(1)),
        Op::Concat(_) => (0..g.operands(id).len().min(8)).map(operand).reduce(Facts::or).unwrap_or(UNKNOWN),
        Op::Reduce(Reduce::Max | Reduce::Min, _) if g.shape(g.operands(id)[0]).elements() > 0 => operand(0),
        _ => UNKNOWN,
    };
    // More operands than are looked at may be anything.
    let found = if matches!(g.op(id), Op::Concat(_)) && g.operands(id).len() > 8 { UNKNOWN } else { found };
    found.widened(ty.dtype)
}

fn unary(op: Unary, x: Facts) -> Facts {
    let at = |low: f64, high: f64, nan: bool| {
        let (low, high) = (op.eval(low), op.eval(high));
        if low.is_nan() || high.is_nan() { UNKNOWN } else { Facts::between(low, high, nan) }
    };
    let far = x.low.abs().max(x.high.abs());
    let near = if x.low <= 0.0 && x.high >= 0.0 { 0.0 } else { x.low.abs().min(x.high.abs()) };
    match op {
        Unary::Neg => Facts::between(-x.high, -x.low, x.nan).whole_if(x.whole),
        Unary::StopGradient => x,
        Unary::Abs => Facts::between(near, far, x.nan).whole_if(x.whole),
        Unary::Square => Facts::between(near * near, far * far, x.nan).whole_if(x.whole),
        Unary::Sign => Facts::between(op.eval(x.low), op.eval(x.high), x.nan).whole_if(true),
        Unary::Floor | Unary::Ceil | Unary::Trunc | Unary::Round => at(x.low, x.high, x.nan).whole_if(true),
        Unary::Relu => at(x.low, x.high, x.nan).whole_if(x.whole),
        // Increasing everywhere.
        Unary::Exp | Unary::Exp2 | Unary::Exp10 | Unary::Expm1 | Unary::Sinh | Unary::Tanh | Unary::Asinh => {
            at(x.low, x.high, x.nan)
        }
        Unary::Atan | Unary::Cbrt | Unary::Sigmoid | Unary::Softplus | Unary::LogSigmoid | Unary::Softsign => {
            at(x.low, x.high, x.nan)
        }
        Unary::Erf | Unary::Ndtr => at(x.low, x.high, x.nan),
        // Increasing from the start of the domain.
        Unary::Sqrt | Unary::Log | Unary::Log2 | Unary::Log10 => {
            at(x.low.max(0.0), x.high.max(0.0), x.nan || x.low < 0.0)
        }
        Unary::Log1p => at(x.low.max(-1.0), x.high.max(-1.0), x.nan || x.low < -1.0),
        // Even.
        Unary::Cosh | Unary::LogCosh => at(near, far, x.nan),
        Unary::Sech2 => at(far, near, x.nan),
        Unary::Erfc => at(x.high, x.low, x.nan),
        Unary::Sin | Unary::Cos | Unary::Sinpi | Unary::Cospi => {
            Facts::between(-1.0, 1.0, x.nan || x.may_be_infinite())
        }
        Unary::Recip if x.is_nonzero() => at(x.high, x.low, x.nan),
        Unary::Rsqrt if x.low > 0.0 => at(x.high, x.low, x.nan),
        _ => UNKNOWN,
    }
}

fn binary(op: Binary, x: Facts, y: Facts) -> Facts {
    let nan = x.nan || y.nan;
    let whole = x.whole && y.whole;
    let corners = |f: &dyn Fn(f64, f64) -> f64| {
        let all = [(x.low, y.low), (x.low, y.high), (x.high, y.low), (x.high, y.high)].map(|(a, b)| f(a, b));
        match all.iter().any(|v| v.is_nan()) {
            true => UNKNOWN,
            false => Facts::between(
                all.iter().copied().fold(f64::INFINITY, f64::min),
                all.iter().copied().fold(f64::NEG_INFINITY, f64::max),
                nan,
            ),
        }
    };
    match op {
        Binary::Add => corners(&|a, b| a + b).whole_if(whole),
        Binary::Sub => corners(&|a, b| a - b).whole_if(whole),
        // 0·∞ may be anywhere inside.
        Binary::Mul if x.may_be_infinite() && y.may_be_zero() || y.may_be_infinite() && x.may_be_zero() => UNKNOWN,
        Binary::Mul => corners(&|a, b| a * b).whole_if(whole),
        Binary::Div if y.is_nonzero() => corners(&|a, b| a / b),
        Binary::Max => Facts::between(x.low.max(y.low), x.high.max(y.high), nan).whole_if(whole),
        Binary::Min => Facts::between(x.low.min(y.low), x.high.min(y.high), nan).whole_if(whole),
        Binary::Hypot => Facts::between(0.0, f64::INFINITY, nan),
        Binary::Atan2 => Facts::between(-3.2, 3.2, nan),
        _ => UNKNOWN,
    }
}
