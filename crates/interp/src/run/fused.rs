//! Two or three arithmetic steps at once, so that what one hands to the next stays in registers. Each is rounded, as it is
//! alone.

use super::lanes::{Loop, each3, each4};

/// An operation of doubles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arithmetic {
    Add,
    Sub,
    Mul,
}

/// Steps that are done at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fused {
    /// (a ∘ b) • c, or c • (a ∘ b) where that is another number.
    Chain { inner: Arithmetic, outer: Arithmetic, is_last: bool },
    /// (a ∘ b) • (c ∘ d).
    Pair { left: Arithmetic, right: Arithmetic, outer: Arithmetic },
}

impl Fused {
    /// A number that tells it from others.
    pub fn index(self) -> u64 {
        match self {
            Fused::Chain { inner, outer, is_last } => inner as u64 * 6 + outer as u64 * 2 + u64::from(is_last),
            Fused::Pair { left, right, outer } => 18 + left as u64 * 9 + right as u64 * 3 + outer as u64,
        }
    }
}

/// The loop of such steps.
pub fn compile(fused: Fused) -> Loop {
    match fused {
        Fused::Chain { inner: Arithmetic::Add, outer, is_last } => chain::<Sum>(outer, is_last),
        Fused::Chain { inner: Arithmetic::Sub, outer, is_last } => chain::<Difference>(outer, is_last),
        Fused::Chain { inner: Arithmetic::Mul, outer, is_last } => chain::<Product>(outer, is_last),
        Fused::Pair { left: Arithmetic::Add, right, outer } => pair::<Sum>(right, outer),
        Fused::Pair { left: Arithmetic::Sub, right, outer } => pair::<Difference>(right, outer),
        Fused::Pair { left: Arithmetic::Mul, right, outer } => pair::<Product>(right, outer),
    }
}

trait Operation: 'static {
    fn of(a: f64, b: f64) -> f64;
}

struct Sum;
struct Difference;
struct Product;
/// The second number less the first.
struct Reversed;

impl Operation for Sum {
    #[inline(always)]
    fn of(a: f64, b: f64) -> f64 {
        a + b
    }
}
impl Operation for Difference {
    #[inline(always)]
    fn of(a: f64, b: f64) -> f64 {
        a - b
    }
}
impl Operation for Product {
    #[inline(always)]
    fn of(a: f64, b: f64) -> f64 {
        a * b
    }
}
impl Operation for Reversed {
    #[inline(always)]
    fn of(a: f64, b: f64) -> f64 {
        b - a
    }
}

fn chain<Inner: Operation>(outer: Arithmetic, is_last: bool) -> Loop {
    fn of<Inner: Operation, Outer: Operation>() -> Loop {
        each3(|a, b, c| {
            let [a, b, c] = [a, b, c].map(f64::from_bits);
            Outer::of(Inner::of(a, b), c).to_bits()
        })
    }
    match (outer, is_last) {
        (Arithmetic::Add, _) => of::<Inner, Sum>(),
        (Arithmetic::Mul, _) => of::<Inner, Product>(),
        (Arithmetic::Sub, false) => of::<Inner, Difference>(),
        (Arithmetic::Sub, true) => of::<Inner, Reversed>(),
    }
}

fn pair<Left: Operation>(right: Arithmetic, outer: Arithmetic) -> Loop {
    fn of<Left: Operation, Right: Operation, Outer: Operation>() -> Loop {
        each4(|a, b, c, d| {
            let [a, b, c, d] = [a, b, c, d].map(f64::from_bits);
            Outer::of(Left::of(a, b), Right::of(c, d)).to_bits()
        })
    }
    fn with<Left: Operation, Right: Operation>(outer: Arithmetic) -> Loop {
        match outer {
            Arithmetic::Add => of::<Left, Right, Sum>(),
            Arithmetic::Sub => of::<Left, Right, Difference>(),
            Arithmetic::Mul => of::<Left, Right, Product>(),
        }
    }
    match right {
        Arithmetic::Add => with::<Left, Sum>(outer),
        Arithmetic::Sub => with::<Left, Difference>(outer),
        Arithmetic::Mul => with::<Left, Product>(outer),
    }
}
