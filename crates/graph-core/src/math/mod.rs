//! Scalar numerics of the special functions: plain `f64` in, plain `f64` out.
//!
//! Every function is total: no bit pattern of its arguments panics, recurses or loops for long, and a NaN argument gives
//! NaN unless its line says otherwise. Accuracies are in units in the last place (ulp) of the result, as measured against mpmath
//! on `tests/data/special/values.tsv` and on thousands of random arguments; the module `kernels` has those that come
//! as vector code; `pow`, `asin` and their like come from `std`, and `erf`, `erfc`, `lgamma` from the crate `libm`.

mod activation;
mod arith;
mod erf;
mod erfcx;
mod gamma;
mod kernels;
mod logs;
mod mills;
mod polygamma;
mod sinc;
mod trig;

mod dd;

#[cfg(test)]
mod edges;
#[cfg(test)]
mod witness;

pub use activation::{elu, gelu, gelu_tanh, mish, relu, softsign};
pub use arith::{
    atan2, cbrt, exp10, fmod, hypot, max, min, one_minus_square, pow, powi, recip, round_half_even, rsqrt, sign, square,
};
pub use erf::{erf, erfc, erfinv, log_ndtr, ndtr};
pub use erfcx::erfcx_n;
pub use gamma::{gamma, lbeta, lgamma};
pub use kernels::{
    Acosh, Asinh, Atan, Atanh, Cos, Cosh, Exp, Expm1, Function1, Log, Log1p, LogSigmoid, Sech2, Sigmoid, Silu, Sin,
    Sinh, Softplus, Tan, Tanh,
};
pub use logs::{log_cosh, log1mexp, logaddexp, logit, xlog1py, xlogx, xlogy};
pub use mills::mills_n;
pub use polygamma::polygamma;
pub use sinc::sinc_n;
pub use trig::{cospi, sinpi};
