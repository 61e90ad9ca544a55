//! Functions of numbers, elementwise, and choices between them.

use wengert::DType;

use super::{Table, reversed};

pub const TABLE: Table = &[
    ("exp sin mix", |_, x| x.sin().exp() / (x * x + 1.0)),
    ("log1p expm1", |_, x| x.log1p() * (-x).expm1()),
    ("tanh sigmoid", |_, x| x.tanh() * (x * 2.0).sigmoid()),
    ("softplus gelu silu", |_, x| x.softplus() + x.gelu() * x.silu()),
    ("erf erfc", |_, x| x.erf() * (x * 0.5).erfc()),
    ("lgamma digamma", |_, x| x.lgamma() + x.polygamma(0)),
    ("ndtr log_ndtr", |_, x| x.ndtr() + x.log_ndtr()),
    ("erfinv", |_, x| (x * 0.7).erfinv()),
    ("polygamma", |_, x| x.polygamma(1)),
    ("trigonometry", |_, x| x.sin() * (x * 2.0).cos() + (x * 0.4).tan()),
    ("inverse trigonometry", |_, x| (x * 0.6).asin() + (x * 0.5).acos() * x.atan()),
    ("hyperbolic", |_, x| x.sinh() * x.cosh() + x.asinh() + (x * 0.5).atanh()),
    ("power", |_, x| x.pow(x) + x.powi(3) + x.powi(-2) + x.powf(0.3)),
    ("roots", |_, x| x.sqrt() + x.cbrt() + x.rsqrt()),
    ("atan2 hypot logaddexp", |_, x| {
        let y = reversed(x);
        x.atan2(y) + x.hypot(y) + x.logaddexp(y * 2.0)
    }),
    ("xlogy", |_, x| x.xlogy(reversed(x)) + x.xlog1py(reversed(x))),
    ("where", |_, x| x.gt(0.0).select(x.sin(), x.exp()) * x),
    ("clip relu abs", |_, x| x.max(-0.2).min(0.3).square() + x.relu().powi(3) + x.abs() * x),
    ("steps", |_, x| x * (x * 3.0).floor() + x * x.cast(DType::I64).cast(DType::F64)),
    ("activations", |_, x| x.mish() + x.elu() * x.softsign() + (x * 2.0).log_sigmoid()),
    ("gelu tanh", |_, x| (x * 1.5).gelu_tanh()),
    ("logit log_cosh", |_, x| (x * 0.9).logit() + x.log_cosh() + 2f64.ln()),
    ("bases", |_, x| x.exp2() + (x + 1.0).log2() * (x + 2.0).log10() + x.exp10()),
    ("sinc", |_, x| x.sinc()),
    ("tails", |_, x| x.log_ndtr() + (x * 5.0).log_sigmoid() + (x * 3.0).softplus()),
    ("gamma beta", |_, x| x.gamma() + x.lbeta(x * x + 1.0)),
    ("remainder copysign", |_, x| (x * 3.0).fmod(0.7) * x + x.square().copysign(x - 0.5)),
    ("guarded where", |_, x| x.gt(0.0).select(x.ln() * x, x.powi(3))),
    ("huber", |_, x| x.abs().lt(0.25).select(x * x * 0.5, (x.abs() - 0.125) * 0.25)),
    ("largest of three", |_, x| (x * 3.0).sin().max(x * x).max(0.3)),
    ("polygamma orders", |_, x| x.polygamma(2) + x.polygamma(3) * 0.1),
];
