//! Every function against the mpmath values in `tests/data/special/values.tsv`, within a number of ulp stated here.
//!
//! `cargo test math::witness -- --nocapture` prints the largest error of every function and where it is.

use std::collections::BTreeMap;
use std::f64::consts::PI;

use super::Function1;

const VALUES: &str = include_str!("../../../../tests/data/special/values.tsv");

/// The largest error allowed, in ulp of the value rounded to f64 or of the `scale` of the function, if larger.
fn limit(function: &str) -> f64 {
    match function {
        "fmod" | "max" | "min" | "relu" | "round_half_even" | "sign" | "square" | "recip" => 0.0,
        "exp" | "log" | "log1p" | "sin" | "cos" => 1.0,
        "sinh" | "cosh" | "asinh" | "acosh" | "atanh" => 2.0,
        "expm1" | "tanh" | "tan" | "atan" | "softplus" | "log_sigmoid" => 2.0,
        _ => 4.0,
    }
}

fn evaluate(function: &str, n: i64, x: f64, y: f64) -> f64 {
    let order = n as u32;
    match function {
        "atan2" => super::atan2(x, y),
        "cbrt" => super::cbrt(x),
        "cos" => super::Cos.at(x),
        "cospi" => super::cospi(x),
        "elu" => super::elu(x),
        "erf" => super::erf(x),
        "erfc" => super::erfc(x),
        "erfcx_n" => super::erfcx_n(order, x),
        "erfinv" => super::erfinv(x),
        "exp" => super::Exp.at(x),
        "expm1" => super::Expm1.at(x),
        "exp10" => super::exp10(x),
        "fmod" => super::fmod(x, y),
        "gamma" => super::gamma(x),
        "gelu" => super::gelu(x),
        "gelu_tanh" => super::gelu_tanh(x),
        "hypot" => super::hypot(x, y),
        "lbeta" => super::lbeta(x, y),
        "lgamma" => super::lgamma(x),
        "log" => super::Log.at(x),
        "log1p" => super::Log1p.at(x),
        "log1mexp" => super::log1mexp(x),
        "log_cosh" => super::log_cosh(x),
        "log_ndtr" => super::log_ndtr(x),
        "log_sigmoid" => super::LogSigmoid.at(x),
        "logaddexp" => super::logaddexp(x, y),
        "logit" => super::logit(x),
        "max" => super::max(x, y),
        "min" => super::min(x, y),
        "mish" => super::mish(x),
        "ndtr" => super::ndtr(x),
        "polygamma" => super::polygamma(order, x),
        "pow" => super::pow(x, y),
        "powi" => super::powi(n as i32, x),
        "recip" => super::recip(x),
        "relu" => super::relu(x),
        "round_half_even" => super::round_half_even(x),
        "rsqrt" => super::rsqrt(x),
        "sech2" => super::Sech2.at(x),
        "sigmoid" => super::Sigmoid.at(x),
        "sign" => super::sign(x),
        "silu" => super::Silu.at(x),
        "sin" => super::Sin.at(x),
        "sinc_n" => super::sinc_n(order, x),
        "sinpi" => super::sinpi(x),
        "softplus" => super::Softplus.at(x),
        "softsign" => super::softsign(x),
        "square" => super::square(x),
        "atan" => super::Atan.at(x),
        "tan" => super::Tan.at(x),
        "sinh" => super::Sinh.at(x),
        "cosh" => super::Cosh.at(x),
        "asinh" => super::Asinh.at(x),
        "acosh" => super::Acosh.at(x),
        "atanh" => super::Atanh.at(x),
        "tanh" => super::Tanh.at(x),
        "xlog1py" => super::xlog1py(x, y),
        "xlogx" => super::xlogx(x),
        "xlogy" => super::xlogy(x, y),
        other => panic!("values.tsv names an unknown function {other}"),
    }
}

/// Near a zero an error is measured against this instead of the value: what half an ulp of the argument does to the
/// value, or the size of the function about there.
fn scale(function: &str, n: i64, x: f64, y: f64) -> f64 {
    match function {
        "sinc_n" => {
            let m = n as f64;
            (PI.powf(m) / (m + 1.0)).min(PI.powf(m - 1.0) / x.abs())
        }
        "polygamma" if x < 0.0 => (x * super::polygamma(n as u32 + 1, x)).abs(),
        "lgamma" if x < 0.0 => (x * super::polygamma(0, x)).abs(),
        "lbeta" => 1.0,
        "logaddexp" => x.max(y).abs(),
        _ => 0.0,
    }
}

fn ulp(x: f64) -> f64 {
    let x = x.abs().min(f64::MAX.next_down());
    x.next_up() - x
}

#[test]
fn every_function_is_within_its_ulps_of_mpmath() {
    let mut worst: BTreeMap<&str, (f64, usize, String)> = BTreeMap::new();
    let mut failures = String::new();
    for line in VALUES.lines() {
        let cells: Vec<&str> = line.split('\t').collect();
        let &[function, n, x, y, value] = cells.as_slice() else { panic!("five columns in {line}") };
        let number = |s: &str| {
            if s == "-" { 0.0 } else { s.parse::<f64>().expect("a number") }
        };
        let (n, x, y, want) = (number(n) as i64, number(x), number(y), number(value));
        let got = evaluate(function, n, x, y);
        let error = if got == want { 0.0 } else { (got - want).abs() / ulp(want.abs().max(scale(function, n, x, y))) };
        let entry = worst.entry(function).or_default();
        entry.1 += 1;
        if error.is_nan() || error > entry.0 {
            entry.0 = error;
            entry.2 = format!("n={n} x={x:e} y={y:e}: {got:e}, not {value}");
        }
        if error.is_nan() || error > limit(function) {
            failures += &format!("{function} n={n} x={x:e} y={y:e}: {got:e}, not {value}: {error} ulp\n");
        }
    }
    for (function, (error, count, place)) in worst {
        println!("{function:16} {error:8.1} ulp of {count:4}  {place}");
    }
    assert!(failures.is_empty(), "{failures}");
}
