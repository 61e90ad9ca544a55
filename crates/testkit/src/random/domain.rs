//! Where functions may be evaluated so that long programs stay finite and smooth: spans of arguments on which value and
//! slope are moderate, found by trial, and spans of values.

use std::sync::LazyLock;

use graph_core::math::Function1;
use graph_core::op::{Binary, Nth, Unary, Visit1, Visit2};

/// All values that an element can have lie in here.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Span {
    /// The smallest.
    pub low: f64,
    /// The largest.
    pub high: f64,
}

impl Span {
    /// Nothing is known.
    pub const ANY: Span = Span { low: f64::NEG_INFINITY, high: f64::INFINITY };
    /// The values of most squashing functions.
    pub const UNIT: Span = Span { low: -1.0, high: 1.0 };

    /// From the smallest to the largest.
    pub fn new(low: f64, high: f64) -> Span {
        Span { low, high }
    }

    /// Whether it is part of another one.
    pub fn within(self, other: Span) -> bool {
        self.low >= other.low && self.high <= other.high
    }

    /// What holds both.
    pub fn join(self, other: Span) -> Span {
        Span::new(self.low.min(other.low), self.high.max(other.high))
    }

    /// The largest magnitude.
    pub fn size(self) -> f64 {
        self.low.abs().max(self.high.abs())
    }

    /// A little wider, since it was found by trial.
    fn relaxed(self) -> Span {
        let room = 0.05 * (self.high - self.low);
        Span::new(self.low - room, self.high + room)
    }

    /// Both ends and places in between, at no regular distance: many functions are periodic.
    fn points(self) -> impl Iterator<Item = f64> + Clone {
        let place = |i: usize| match i {
            0 => 0.0,
            i if i + 1 == TRIALS => 1.0,
            i => (i as f64 + 0.37 * (1.7 * i as f64).sin()) / (TRIALS as f64 - 1.0),
        };
        (0..TRIALS).map(move |i| self.low + (self.high - self.low) * place(i))
    }
}

/// Number of arguments that are tried.
const TRIALS: usize = 13;
/// The largest value and slope that an op may have.
const MODERATE: f64 = 6.0;
/// No operand is larger.
pub const WIDEST: Span = Span { low: -8.0, high: 8.0 };
/// Members of families that are used.
pub const MEMBERS: [i32; 7] = [2, 3, 0, 1, -1, -2, 5];

/// Spans of arguments inside an open interval, the widest first.
fn candidates((low, high): (f64, f64)) -> Vec<Span> {
    let around = |center: f64, halves: &[f64]| halves.iter().map(|h| Span::new(center - h, center + h)).collect();
    match (low.is_finite(), high.is_finite()) {
        (false, false) => around(0.0, &[8.0, 2.0, 1.0, 0.5]),
        (true, false) => {
            vec![Span::new(low + 0.2, low + 8.0), Span::new(low + 0.4, low + 2.0), Span::new(low + 0.8, low + 1.6)]
        }
        (false, true) => vec![Span::new(high - 8.0, high - 0.3), Span::new(high - 2.0, high - 0.5)],
        (true, true) => around(0.5 * (low + high), &[0.45 * (high - low), 0.3 * (high - low)]),
    }
}

struct Values<'s>(&'s mut dyn Iterator<Item = f64>);
impl Visit1 for Values<'_> {
    type Out = Vec<f64>;
    fn visit<F: Function1>(self, f: F) -> Vec<f64> {
        self.0.map(|x| f.at(x)).collect()
    }
}

struct Value([f64; 2]);
impl Visit2 for Value {
    type Out = f64;
    fn visit(self, f: impl Fn(f64, f64) -> f64 + Copy + Send + Sync + 'static) -> f64 {
        f(self.0[0], self.0[1])
    }
}

fn values1(op: Unary, x: Span) -> Vec<f64> {
    op.visit(Values(&mut x.points()))
}

fn values_nth(op: Nth, n: i32, x: Span) -> Vec<f64> {
    x.points().map(|x| op.eval(n, x)).collect()
}

fn is_moderate(x: Span, values: &[f64]) -> bool {
    let steps = x.points().zip(x.points().skip(1)).map(|(left, right)| right - left);
    let slopes = values.windows(2).zip(steps).map(|(pair, step)| (pair[1] - pair[0]).abs() / step);
    values.iter().copied().map(f64::abs).chain(slopes).all(|size| size <= MODERATE)
}

fn hull(values: impl Iterator<Item = f64>) -> Span {
    values.fold(Span::new(f64::INFINITY, f64::NEG_INFINITY), |span, y| span.join(Span::new(y, y))).relaxed()
}

/// The widest span with moderate values, else the narrowest.
fn choose(domain: (f64, f64), values: impl Fn(Span) -> Vec<f64>) -> Span {
    let all = candidates(domain);
    let last = all[all.len() - 1];
    all.into_iter().find(|&x| is_moderate(x, &values(x))).unwrap_or(last)
}

static UNARY: LazyLock<Vec<Span>> =
    LazyLock::new(|| Unary::ALL.iter().map(|&op| choose(op.domain(), |x| values1(op, x))).collect());

/// The arguments of a function of one.
pub fn unary(op: Unary) -> Span {
    UNARY[op as usize]
}

/// Its values on a span.
pub fn unary_image(op: Unary, x: Span) -> Span {
    hull(values1(op, x).into_iter())
}

static NTH: LazyLock<Vec<Vec<Span>>> = LazyLock::new(|| {
    let span = |op: Nth, n: i32| match op {
        Nth::Powi if n >= 0 => choose((f64::NEG_INFINITY, f64::INFINITY), |x| values_nth(op, n, x)),
        _ => choose(op.domain(), |x| values_nth(op, n, x)),
    };
    let members = |&op: &Nth| MEMBERS.iter().map(|&n| if op.has(n) { span(op, n) } else { Span::ANY }).collect();
    Nth::ALL.iter().map(members).collect()
});

/// The arguments of the member at this position of [`MEMBERS`].
pub fn nth(op: Nth, member: usize) -> Span {
    NTH[op as usize][member]
}

/// Its values on a span.
pub fn nth_image(op: Nth, n: i32, x: Span) -> Span {
    hull(values_nth(op, n, x).into_iter())
}

/// The arguments of a function of two.
pub fn binary(op: Binary) -> [Span; 2] {
    match op {
        Binary::Add | Binary::Sub | Binary::Max | Binary::Min | Binary::Logaddexp => [WIDEST; 2],
        Binary::Mul | Binary::Copysign => [Span::new(-3.0, 3.0); 2],
        _ => op.domain().map(|domain| candidates(domain)[1]),
    }
}

/// Its values on spans.
pub fn binary_image(op: Binary, [x, y]: [Span; 2]) -> Span {
    if op == Binary::Fmod {
        let size = x.size().min(y.size());
        return Span::new(-size, size);
    }
    hull(x.points().flat_map(|x| y.points().map(move |y| op.visit(Value([x, y])))))
}
