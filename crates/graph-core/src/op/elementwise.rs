//! The elementwise ops, one row each. A row is the whole op: name, value, smooth domain, partial derivatives.
//!
//! A partial cell is generic over [`Algebra`]: `x` (and `y` for two operands) are the operands, `f` is the op's own
//! result. It is written in other ops of these tables, so the tables are closed under differentiation to every order.
//! Cells are chosen to hold in the tails (`sech2` and not `1 - tanh²`) and at the kinks of `docs/conventions.md`; a cell
//! that is zero off some set is written with [`Algebra::choose`], which lets the differentiator apply the mask after
//! the local product.

use std::f64::consts::{LN_2, LN_10, LOG2_E, LOG10_E, PI};

use super::Compare::{Eq, Gt, Lt, Ne};
use crate::algebra::{Algebra, NthFunctions};
use crate::math::{self, Function1};

/// 2/√π
const TWO_SQRT_PI: f64 = std::f64::consts::FRAC_2_SQRT_PI;
/// 1/√(2π), the density of the normal distribution at 0
const NORMAL: f64 = 0.398_942_280_401_432_7;
/// √(2/π)
const SQRT_2_PI: f64 = 0.797_884_560_802_865_4;
/// The inner scale of the tanh form of gelu, as a sigmoid: 2√(2/π)
const GELU: f64 = 2.0 * SQRT_2_PI;
/// Its cubic coefficient (Hendrycks and Gimpel 2016).
const GELU_CUBE: f64 = 0.044_715;

/// The derivative of an op by one operand: `None` where it is zero by mathematics.
type Cell<A> = Option<A>;

/// A generic callee for a scalar function, so that executors get one compiled loop for each op.
pub trait Visit1 {
    /// What the visit returns.
    type Out;
    /// Called with the function of the op.
    fn visit<F: Function1>(self, f: F) -> Self::Out;
}

/// As [`Visit1`], for functions of two arguments.
pub trait Visit2 {
    /// What the visit returns.
    type Out;
    /// Called with the function of the op.
    fn visit(self, f: impl Fn(f64, f64) -> f64 + Copy + Send + Sync + 'static) -> Self::Out;
}

macro_rules! unary {
    ($( $(#[$doc:meta])* $op:ident $name:ident = $eval:expr; on $domain:expr; |$x:ident, $f:ident| $partial:expr; )*) => {
        /// A function of one argument, applied to every element.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Unary { $( $(#[$doc])* $op, )* }

        impl Unary {
            /// Every row of the table.
            pub const ALL: &'static [Unary] = &[$( Unary::$op, )*];

            /// Its one name: in text, in formulas, as a method.
            pub fn name(self) -> &'static str {
                match self { $( Unary::$op => stringify!($name), )* }
            }

            /// Hands the function to `v`, monomorphised.
            pub fn visit<V: Visit1>(self, v: V) -> V::Out {
                match self { $( Unary::$op => v.visit(pin1($eval)), )* }
            }

            /// The open interval on which the function is smooth (kinks inside are named in the row's text).
            pub fn domain(self) -> (f64, f64) {
                match self { $( Unary::$op => $domain, )* }
            }

            /// f'(x), given x and f = f(x).
            pub fn partial<A: Algebra>(self, x: A, f: A) -> Cell<A> {
                match self { $( Unary::$op => { let ($x, $f) = (x, f); let _ = (&$x, &$f); ($partial).into() } )* }
            }
        }

        /// A method for each function of one argument.
        pub trait UnaryFunctions: Algebra {
            $( $(#[$doc])* fn $name(self) -> Self { self.unary(Unary::$op) } )*
        }
        impl<A: Algebra> UnaryFunctions for A {}

        /// Calls `$macro! { Variant name, …; }` with every function of one argument, for wrappers in other crates.
        #[macro_export]
        macro_rules! for_each_unary {
            ($macro:ident) => { $macro! { $( $op $name, )* } };
        }
    };
}

macro_rules! binary {
    ($( $(#[$doc:meta])* $op:ident $name:ident = $eval:expr; on $dx:expr, $dy:expr; |$x:ident, $y:ident, $f:ident| $px:expr, $py:expr; )*) => {
        /// A function of two arguments of equal type, applied to every pair of elements.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Binary { $( $(#[$doc])* $op, )* }

        impl Binary {
            /// Every row of the table.
            pub const ALL: &'static [Binary] = &[$( Binary::$op, )*];

            /// Its one name: in text, in formulas, as a method.
            pub fn name(self) -> &'static str {
                match self { $( Binary::$op => stringify!($name), )* }
            }

            /// Hands the function to `v`, monomorphised.
            pub fn visit<V: Visit2>(self, v: V) -> V::Out {
                match self { $( Binary::$op => v.visit(pin2($eval)), )* }
            }

            /// The open intervals of both arguments on which the function is smooth.
            pub fn domain(self) -> [(f64, f64); 2] {
                match self { $( Binary::$op => [$dx, $dy], )* }
            }

            /// ∂f/∂x (`operand` 0) or ∂f/∂y (`operand` 1), given x, y and f = f(x, y).
            pub fn partial<A: Algebra>(self, operand: usize, x: A, y: A, f: A) -> Cell<A> {
                match self { $( Binary::$op => {
                    let ($x, $y, $f) = (x, y, f);
                    let _ = (&$x, &$y, &$f);
                    if operand == 0 { ($px).into() } else { ($py).into() }
                } )* }
            }
        }

        /// A method for each function of two arguments.
        pub trait BinaryFunctions: Algebra {
            $( $(#[$doc])* fn $name(self, y: Self) -> Self { self.binary(Binary::$op, y) } )*
        }
        impl<A: Algebra> BinaryFunctions for A {}

        /// Calls `$macro! { Variant name, …; }` with every function of two arguments, for wrappers in other crates.
        #[macro_export]
        macro_rules! for_each_binary {
            ($macro:ident) => { $macro! { $( $op $name, )* } };
        }
    };
}

fn pin1<F: Function1>(f: F) -> F {
    f
}
fn pin2<F: Fn(f64, f64) -> f64 + Copy + Send + Sync + 'static>(f: F) -> F {
    f
}

const ALL: (f64, f64) = (f64::NEG_INFINITY, f64::INFINITY);
const POSITIVE: (f64, f64) = (0.0, f64::INFINITY);

/// The value of a piecewise derivative at a kink: the midpoint of both sides.
fn pieces<A: Algebra>(x: A, at: A, below: A, above: A) -> A {
    A::choose(Lt, x, at, below, A::choose(Gt, x, at, above, (below + above) * 0.5))
}

/// The share of the first argument in `max` (`ahead` = `Gt`) or `min` (`Lt`): all, half at a tie, NaN where unordered.
fn share<A: Algebra>(ahead: super::Compare, x: A, y: A) -> A {
    let tie = A::choose(Eq, x, y, x.constant(0.5), x.constant(f64::NAN));
    A::choose(ahead.swapped(), x, y, x.constant(0.0), A::choose(ahead, x, y, x.constant(1.0), tie))
}

/// exp(-x²/2)/√(2π)
fn density<A: Algebra>(x: A) -> A {
    (x.square() * -0.5).exp() * NORMAL
}

unary! {
    /// −x
    Neg neg = |x: f64| -x; on ALL; |x, f| x.constant(-1.0);
    /// |x|; derivative 0 at 0
    Abs abs = f64::abs; on ALL; |x, f| x.sign();
    /// −1, 0 or 1
    Sign sign = math::sign; on ALL; |x, f| None;
    /// Largest integer not above x.
    Floor floor = f64::floor; on ALL; |x, f| None;
    /// Smallest integer not below x.
    Ceil ceil = f64::ceil; on ALL; |x, f| None;
    /// Integer part.
    Trunc trunc = f64::trunc; on ALL; |x, f| None;
    /// Nearest integer, halves to even.
    Round round = f64::round_ties_even; on ALL; |x, f| None;
    /// x, which is a constant to derivatives.
    StopGradient stop_gradient = |x: f64| x; on ALL; |x, f| None;
    /// max(x, 0), with derivative 0 at 0
    Relu relu = math::relu; on ALL; |x, f| A::choose(Gt, x, x.constant(0.0), x.constant(1.0), x.constant(0.0));
    /// 1/x
    Recip recip = f64::recip; on POSITIVE; |x, f| -(f * f);
    /// x²
    Square square = |x: f64| x * x; on ALL; |x, f| x * 2.0;
    /// 1 − x² as (1 − x)(1 + x), accurate near ±1: the radicand of the derivative of asin
    OneMinusSquare one_minus_square = math::one_minus_square; on ALL; |x, f| x * -2.0;
    /// √x
    Sqrt sqrt = f64::sqrt; on POSITIVE; |x, f| f.recip() * 0.5;
    /// 1/√x
    Rsqrt rsqrt = math::rsqrt; on POSITIVE; |x, f| f.square() * f * -0.5;
    /// ∛x
    Cbrt cbrt = f64::cbrt; on POSITIVE; |x, f| f.square().recip() / 3.0;

    /// eˣ
    Exp exp = math::Exp; on ALL; |x, f| f;
    /// 2ˣ
    Exp2 exp2 = f64::exp2; on ALL; |x, f| f * LN_2;
    /// 10ˣ
    Exp10 exp10 = math::exp10; on ALL; |x, f| f * LN_10;
    /// eˣ − 1, accurate near 0
    Expm1 expm1 = math::Expm1; on ALL; |x, f| x.exp();
    /// Natural logarithm.
    Log log = math::Log; on POSITIVE; |x, f| x.recip();
    /// Logarithm to base 2.
    Log2 log2 = f64::log2; on POSITIVE; |x, f| x.recip() * LOG2_E;
    /// Logarithm to base 10.
    Log10 log10 = f64::log10; on POSITIVE; |x, f| x.recip() * LOG10_E;
    /// log(1 + x), accurate near 0
    Log1p log1p = math::Log1p; on (-1.0, f64::INFINITY); |x, f| (x + 1.0).recip();

    /// Sine.
    Sin sin = math::Sin; on ALL; |x, f| x.cos();
    /// Cosine.
    Cos cos = math::Cos; on ALL; |x, f| -x.sin();
    /// Tangent.
    Tan tan = math::Tan; on (-PI / 2.0, PI / 2.0); |x, f| f.square() + 1.0;
    /// Inverse sine.
    Asin asin = f64::asin; on (-1.0, 1.0); |x, f| x.one_minus_square().rsqrt();
    /// Inverse cosine.
    Acos acos = f64::acos; on (-1.0, 1.0); |x, f| -x.one_minus_square().rsqrt();
    /// Inverse tangent.
    Atan atan = math::Atan; on ALL; |x, f| (x.square() + 1.0).recip();
    /// Hyperbolic sine.
    Sinh sinh = math::Sinh; on ALL; |x, f| x.cosh();
    /// Hyperbolic cosine.
    Cosh cosh = math::Cosh; on ALL; |x, f| x.sinh();
    /// Hyperbolic tangent.
    Tanh tanh = math::Tanh; on ALL; |x, f| x.sech2();
    /// 1/cosh²x, the derivative of tanh, accurate in the tails where 1 − tanh² is not
    Sech2 sech2 = math::Sech2; on ALL; |x, f| f * x.tanh() * -2.0;
    /// Inverse hyperbolic sine.
    Asinh asinh = math::Asinh; on ALL; |x, f| x.hypot(x.constant(1.0)).recip();
    /// Inverse hyperbolic cosine.
    Acosh acosh = math::Acosh; on (1.0, f64::INFINITY); |x, f| ((x - 1.0) * (x + 1.0)).rsqrt();
    /// Inverse hyperbolic tangent.
    Atanh atanh = math::Atanh; on (-1.0, 1.0); |x, f| x.one_minus_square().recip();
    /// sin(πx), exact at integers
    Sinpi sinpi = math::sinpi; on ALL; |x, f| x.cospi() * PI;
    /// cos(πx), exact at half-integers
    Cospi cospi = math::cospi; on ALL; |x, f| x.sinpi() * -PI;

    /// 1/(1 + e⁻ˣ); its derivative as sech²(x/2)/4 keeps its own zero at 0, which s(x)·s(−x) loses
    Sigmoid sigmoid = math::Sigmoid; on ALL; |x, f| (x * 0.5).sech2() * 0.25;
    /// log(1 + eˣ)
    Softplus softplus = math::Softplus; on ALL; |x, f| x.sigmoid();
    /// log(sigmoid x)
    LogSigmoid log_sigmoid = math::LogSigmoid; on ALL; |x, f| (-x).sigmoid();
    /// x·sigmoid(x)
    Silu silu = math::Silu; on ALL; |x, f| x.sigmoid() * (x * (-x).sigmoid() + 1.0);
    /// x·Φ(x), Φ the normal distribution function
    Gelu gelu = math::gelu; on ALL; |x, f| x.ndtr() + x * density(x);
    /// The tanh approximation of gelu: x·sigmoid(2√(2/π)(x + 0.044715 x³))
    GeluTanh gelu_tanh = math::gelu_tanh; on ALL; |x, f| {
        let u = (x + x * x.square() * GELU_CUBE) * GELU;
        u.sigmoid() * (x * (-u).sigmoid() * (x.square() * (3.0 * GELU_CUBE * GELU) + GELU) + 1.0)
    };
    /// x·tanh(softplus x)
    Mish mish = math::mish; on ALL; |x, f| {
        let s = x.softplus();
        s.tanh() + x * s.sech2() * x.sigmoid()
    };
    /// x above 0, eˣ − 1 below
    Elu elu = math::elu; on ALL; |x, f| pieces(x, x.constant(0.0), x.exp(), x.constant(1.0));
    /// x/(1 + |x|)
    Softsign softsign = math::softsign; on ALL; |x, f| (x.abs() + 1.0).recip().square();
    /// log(x/(1 − x))
    Logit logit = math::logit; on (0.0, 1.0); |x, f| x.recip() + (-x + 1.0).recip();
    /// log cosh x, without overflow
    LogCosh log_cosh = math::log_cosh; on ALL; |x, f| x.tanh();
    /// log(1 − eˣ) for x < 0
    Log1mexp log1mexp = math::log1mexp; on (f64::NEG_INFINITY, 0.0); |x, f| x.exp() / x.expm1();
    /// x·log x, 0 at 0
    Xlogx xlogx = math::xlogx; on POSITIVE; |x, f| x.log() + 1.0;

    /// Error function.
    Erf erf = math::erf; on ALL; |x, f| (-x.square()).exp() * TWO_SQRT_PI;
    /// 1 − erf x, accurate in the upper tail
    Erfc erfc = math::erfc; on ALL; |x, f| (-x.square()).exp() * -TWO_SQRT_PI;
    /// Inverse error function.
    Erfinv erfinv = math::erfinv; on (-1.0, 1.0); |x, f| f.square().exp() * (1.0 / TWO_SQRT_PI);
    /// Normal distribution function Φ.
    Ndtr ndtr = math::ndtr; on ALL; |x, f| density(x);
    /// log Φ(x)
    LogNdtr log_ndtr = math::log_ndtr; on ALL; |x, f| x.mills(0);
    /// Γ(x)
    Gamma gamma = math::gamma; on POSITIVE; |x, f| f * x.polygamma(0);
    /// log |Γ(x)|
    Lgamma lgamma = math::lgamma; on POSITIVE; |x, f| x.polygamma(0);
}

binary! {
    /// x + y
    Add add = |x: f64, y: f64| x + y; on ALL, ALL; |x, y, f| x.constant(1.0), x.constant(1.0);
    /// x − y
    Sub sub = |x: f64, y: f64| x - y; on ALL, ALL; |x, y, f| x.constant(1.0), x.constant(-1.0);
    /// x·y
    Mul mul = |x: f64, y: f64| x * y; on ALL, ALL; |x, y, f| y, x;
    /// x/y
    Div div = |x: f64, y: f64| x / y; on ALL, POSITIVE; |x, y, f| y.recip(), -(f * y.recip());
    /// xʸ, with 0⁰ = 1; the mask of its x-derivative covers 0⁰ alone, where the function is 1 along x
    Pow pow = f64::powf; on POSITIVE, ALL; |x, y, f|
        {
            let slope = y * x.pow(y - 1.0);
            match y.known() {
                Some(exponent) if exponent != 0.0 => slope,
                _ => {
                    let at_zero = A::choose(Ne, y, y.constant(0.0), slope, y.constant(0.0));
                    A::choose(Eq, x, x.constant(0.0), at_zero, slope)
                }
            }
        },
        f.xlogy(x);
    /// Angle of the point (y, x): the first operand is the ordinate. Scaled inside, so tiny and huge points are right.
    Atan2 atan2 = f64::atan2; on ALL, POSITIVE; |x, y, f|
        { let h = x.hypot(y); y / h / h },
        { let h = x.hypot(y); -(x / h / h) };
    /// √(x² + y²) without overflow; gradient 0 at the origin; NaN if either is
    Hypot hypot = math::hypot; on POSITIVE, POSITIVE; |x, y, f|
        A::choose(Ne, f, f.constant(0.0), x / f, f.constant(0.0)),
        A::choose(Ne, f, f.constant(0.0), y / f, f.constant(0.0));
    /// log(eˣ + eʸ)
    Logaddexp logaddexp = math::logaddexp; on ALL, ALL; |x, y, f| (x - y).sigmoid(), (y - x).sigmoid();
    /// x·log y, 0 where x = 0 and y ≥ 0
    Xlogy xlogy = math::xlogy; on ALL, POSITIVE; |x, y, f| y.log(), x / y;
    /// x·log(1 + y), 0 where x = 0 and y ≥ −1
    Xlog1py xlog1py = math::xlog1py; on ALL, (-1.0, f64::INFINITY); |x, y, f| y.log1p(), x / (y + 1.0);
    /// log of the beta function of positive x and y
    Lbeta lbeta = math::lbeta; on POSITIVE, POSITIVE; |x, y, f|
        x.polygamma(0) - (x + y).polygamma(0),
        y.polygamma(0) - (x + y).polygamma(0);
    /// The larger; NaN if either is
    Max max = math::max; on ALL, ALL; |x, y, f| share(Gt, x, y), share(Gt, y, x);
    /// The smaller; NaN if either is
    Min min = math::min; on ALL, ALL; |x, y, f| share(Lt, x, y), share(Lt, y, x);
    /// Remainder of x/y with the sign of x.
    Fmod fmod = |x: f64, y: f64| x % y; on ALL, POSITIVE; |x, y, f| x.constant(1.0), -(x / y).trunc();
    /// |x| with the sign of y
    Copysign copysign = f64::copysign; on ALL, ALL; |x, y, f|
        x.sign() * x.constant(1.0).copysign(y),
        None;
}

/// Functions of one argument and an integer n; the derivative of one is a multiple of a neighbour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Nth {
    /// xⁿ, exact integer power: x⁰ = 1 for every x
    Powi,
    /// ψ⁽ⁿ⁾(x); n = 0 is digamma, 1 trigamma
    Polygamma,
    /// n-th derivative of sin(πx)/(πx)
    Sinc,
    /// n-th derivative of exp(x²)·erfc(x)
    Erfcx,
    /// n-th derivative of φ(x)/Φ(x), the (n + 1)-th of log Φ
    Mills,
}

impl Nth {
    /// Every row.
    pub const ALL: &'static [Nth] = &[Nth::Powi, Nth::Polygamma, Nth::Sinc, Nth::Erfcx, Nth::Mills];

    /// Its name in text.
    pub fn name(self) -> &'static str {
        match self {
            Nth::Powi => "powi",
            Nth::Polygamma => "polygamma",
            Nth::Sinc => "sinc",
            Nth::Erfcx => "erfcx",
            Nth::Mills => "mills",
        }
    }

    /// Whether member n exists.
    pub fn has(self, n: i32) -> bool {
        match self {
            Nth::Powi => true,
            Nth::Polygamma | Nth::Sinc | Nth::Erfcx | Nth::Mills => n >= 0,
        }
    }

    /// The value; n must be one of the family.
    pub fn eval(self, n: i32, x: f64) -> f64 {
        match self {
            Nth::Powi => math::powi(n, x),
            Nth::Polygamma => math::polygamma(n.unsigned_abs(), x),
            Nth::Sinc => math::sinc_n(n.unsigned_abs(), x),
            Nth::Erfcx => math::erfcx_n(n.unsigned_abs(), x),
            Nth::Mills => math::mills_n(n.unsigned_abs(), x),
        }
    }

    /// The open interval on which the function is smooth.
    pub fn domain(self) -> (f64, f64) {
        match self {
            Nth::Powi | Nth::Polygamma => POSITIVE,
            Nth::Sinc | Nth::Erfcx | Nth::Mills => ALL,
        }
    }

    /// The derivative of member n at x.
    pub fn partial<A: Algebra>(self, n: i32, x: A) -> Cell<A> {
        match self {
            Nth::Powi if n == 0 => None,
            Nth::Powi => Some(x.nth(Nth::Powi, n.saturating_sub(1)) * f64::from(n)),
            Nth::Polygamma | Nth::Sinc | Nth::Erfcx | Nth::Mills => Some(x.nth(self, n.saturating_add(1))),
        }
    }
}

impl Unary {
    /// The value on integers (wrapping), for ops that have one.
    pub fn eval_i64(self, x: i64) -> Option<i64> {
        match self {
            Unary::Neg => Some(x.wrapping_neg()),
            Unary::Abs => Some(x.wrapping_abs()),
            Unary::Sign => Some(x.signum()),
            Unary::Square => Some(x.wrapping_mul(x)),
            Unary::Relu => Some(x.max(0)),
            Unary::StopGradient => Some(x),
            _ => None,
        }
    }
}

impl Binary {
    /// Whether f is linear in an operand, the other one fixed: then its derivative in a direction is f of the direction.
    /// That keeps 0·log 0 = 0 in `xlogy`, and spares a product elsewhere.
    pub fn is_linear_in(self, operand: usize) -> bool {
        match self {
            Binary::Mul => true,
            Binary::Div | Binary::Xlogy | Binary::Xlog1py => operand == 0,
            _ => false,
        }
    }

    /// The value on integers (wrapping), for ops that have one.
    pub fn eval_i64(self, x: i64, y: i64) -> Option<i64> {
        match self {
            Binary::Add => Some(x.wrapping_add(y)),
            Binary::Sub => Some(x.wrapping_sub(y)),
            Binary::Mul => Some(x.wrapping_mul(y)),
            Binary::Max => Some(x.max(y)),
            Binary::Min => Some(x.min(y)),
            _ => None,
        }
    }
}
