//! Functions in two parts: the usual arguments by code without branches, which a compiler turns into vector code, and the
//! rare ones (huge, subnormal, not finite) by a library.
//!
//! No operation is fused and none depends on neighbours, so that a function has the same bits alone and in a vector of any
//! width. Series are those of Taylor on a reduced argument, as long as what is left out is below 2⁻⁵⁷ of the result.

mod exponential;
mod hyperbolic;
mod inverse;
mod logarithm;
mod trigonometric;

pub use exponential::{Exp, Expm1};
pub use hyperbolic::{Acosh, Asinh, Atanh, Cosh, LogSigmoid, Sech2, Sigmoid, Silu, Sinh, Softplus, Tanh};
pub use inverse::Atan;
pub use logarithm::{Log, Log1p};
pub use trigonometric::{Cos, Sin, Tan};

/// A function of one real number, as executors want it.
///
/// Every closure is one; such a function is not worth vector code. The others name their usual arguments.
pub trait Function1: Copy + Send + Sync + 'static {
    /// Whether [`Function1::usual`] is made for vectors.
    const IS_VECTOR: bool;

    /// The value where [`Function1::is_usual`]; any number elsewhere.
    fn usual(self, x: f64) -> f64;

    /// Whether the argument is a usual one.
    fn is_usual(self, x: f64) -> bool;

    /// The value.
    fn at(self, x: f64) -> f64;
}

impl<F: Fn(f64) -> f64 + Copy + Send + Sync + 'static> Function1 for F {
    const IS_VECTOR: bool = false;

    #[inline(always)]
    fn usual(self, x: f64) -> f64 {
        self(x)
    }

    #[inline(always)]
    fn is_usual(self, _: f64) -> bool {
        true
    }

    #[inline(always)]
    fn at(self, x: f64) -> f64 {
        self(x)
    }
}

/// A function with its value where the argument is usual, when it is, and its value elsewhere; and, if there is one, a
/// shorter way to the same bits for some arguments, which pays for a number alone.
macro_rules! kernel {
    ($(#[$doc:meta])* $name:ident; usual |$x:ident| $usual:expr; if $is_usual:expr; else $rare:expr) => {
        kernel! { $(#[$doc])* $name; usual |$x| $usual; if $is_usual; else $rare; short if false => $x }
    };
    ($(#[$doc:meta])* $name:ident; usual |$x:ident| $usual:expr; if $is_usual:expr; else $rare:expr;
     short if $is_short:expr => $short:expr) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name;

        impl $crate::math::Function1 for $name {
            const IS_VECTOR: bool = true;

            #[inline(always)]
            fn usual(self, $x: f64) -> f64 {
                $usual
            }

            #[inline(always)]
            fn is_usual(self, $x: f64) -> bool {
                $is_usual
            }

            #[inline(always)]
            fn at(self, $x: f64) -> f64 {
                #[cold]
                fn rare($x: f64) -> f64 {
                    $rare
                }
                if $is_short {
                    $short
                } else if self.is_usual($x) {
                    self.usual($x)
                } else {
                    rare($x)
                }
            }
        }
    };
}
use kernel;

/// 3·2⁵¹: added to a number, it leaves the nearest integer in the last bits.
const SHIFT: f64 = 6_755_399_441_055_744.0;

/// The nearest integer to a number below 2⁵¹, and bits that end with it in two's complement.
#[inline(always)]
fn nearest(x: f64) -> (f64, u64) {
    let shifted = x + SHIFT;
    (shifted - SHIFT, shifted.to_bits())
}

/// a − b and what its rounding lost (Knuth).
#[inline(always)]
fn two_difference(a: f64, b: f64) -> (f64, f64) {
    let d = a - b;
    let of_b = a - d;
    let of_a = d + of_b;
    (d, (a - of_a) + (of_b - b))
}

/// c₀ + c₁·x + … , as four sums of every fourth term, which makes short chains of operations; of four
/// terms at least.
#[inline(always)]
fn series<const N: usize>(x: f64, c: [f64; N]) -> f64 {
    let square = x * x;
    let fourth = square * square;
    let every_fourth = |first: usize| {
        let last = (N - 1 - first) / 4;
        let mut sum = c[first + 4 * last];
        for term in (0..last).rev() {
            sum = sum * fourth + c[first + 4 * term];
        }
        sum
    };
    (every_fourth(0) + every_fourth(1) * x) + (every_fourth(2) + every_fourth(3) * x) * square
}

/// `x` where the magnitude of `of` is below `limit`, `y` elsewhere.
#[inline(always)]
fn below(of: f64, limit: f64, x: f64, y: f64) -> f64 {
    if of.abs() < limit { x } else { y }
}
