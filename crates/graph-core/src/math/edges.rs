//! The corners that no table of numbers shows: NaN, infinities, signed zeros, huge orders, and the totality of everything.

use std::f64::consts::LN_2;

use super::*;

const INF: f64 = f64::INFINITY;
const NAN: f64 = f64::NAN;

type Table<F> = &'static [(&'static str, F)];

const UNARY: Table<fn(f64) -> f64> = &[
    ("cbrt", cbrt),
    ("cospi", cospi),
    ("cos", |x| Cos.at(x)),
    ("elu", elu),
    ("erf", erf),
    ("erfc", erfc),
    ("erfinv", erfinv),
    ("exp", |x| Exp.at(x)),
    ("expm1", |x| Expm1.at(x)),
    ("exp10", exp10),
    ("gamma", gamma),
    ("gelu", gelu),
    ("gelu_tanh", gelu_tanh),
    ("lgamma", lgamma),
    ("log", |x| Log.at(x)),
    ("log1p", |x| Log1p.at(x)),
    ("log1mexp", log1mexp),
    ("log_cosh", log_cosh),
    ("log_ndtr", log_ndtr),
    ("log_sigmoid", |x| LogSigmoid.at(x)),
    ("logit", logit),
    ("mish", mish),
    ("ndtr", ndtr),
    ("recip", recip),
    ("relu", relu),
    ("round_half_even", round_half_even),
    ("rsqrt", rsqrt),
    ("sech2", |x| Sech2.at(x)),
    ("sigmoid", |x| Sigmoid.at(x)),
    ("sign", sign),
    ("silu", |x| Silu.at(x)),
    ("sin", |x| Sin.at(x)),
    ("sinpi", sinpi),
    ("softplus", |x| Softplus.at(x)),
    ("softsign", softsign),
    ("square", square),
    ("atan", |x| Atan.at(x)),
    ("tan", |x| Tan.at(x)),
    ("tanh", |x| Tanh.at(x)),
    ("sinh", |x| Sinh.at(x)),
    ("cosh", |x| Cosh.at(x)),
    ("asinh", |x| Asinh.at(x)),
    ("acosh", |x| Acosh.at(x)),
    ("atanh", |x| Atanh.at(x)),
    ("xlogx", xlogx),
];

const BINARY: Table<fn(f64, f64) -> f64> = &[
    ("atan2", atan2),
    ("fmod", fmod),
    ("lbeta", lbeta),
    ("logaddexp", logaddexp),
    ("max", max),
    ("min", min),
    ("xlog1py", xlog1py),
    ("xlogy", xlogy),
];

const INDEXED: Table<fn(u32, f64) -> f64> =
    &[("erfcx_n", erfcx_n), ("mills_n", mills_n), ("polygamma", polygamma), ("sinc_n", sinc_n)];

fn arguments() -> Vec<f64> {
    let positive = [
        0.0,
        5e-324,
        1e-310,
        2.2e-308,
        1e-200,
        1e-20,
        0.3,
        0.5,
        1.0,
        1.5,
        2.0,
        27.0,
        171.7,
        750.0,
        1e5,
        1.58e9,
        1.3671e9,
        2f64.powi(52) + 0.5,
        2f64.powi(53),
        1e154,
        1e300,
        1e308,
        f64::MAX,
        INF,
        NAN,
    ];
    positive.iter().flat_map(|&x| [x, -x]).collect()
}

/// Equal, NaN to NaN and zeros by sign.
fn check(got: f64, want: f64) {
    let same = got.is_nan() && want.is_nan() || got.to_bits() == want.to_bits();
    assert!(same, "got {got:e}, want {want:e}");
}

#[test]
fn every_function_returns_on_every_argument_and_passes_nan_on() {
    for x in arguments() {
        for (name, f) in UNARY {
            assert!(f(x).is_nan() || !x.is_nan(), "{name}({x:e})");
        }
        for y in arguments() {
            for (name, f) in BINARY {
                assert!(f(x, y).is_nan() || !(x.is_nan() || y.is_nan()), "{name}({x:e}, {y:e})");
            }
            hypot(x, y);
            pow(x, y);
        }
        for n in [0, 1, 2, 3, 12, 13, 41, 300, 2001, 100_000, u32::MAX - 1, u32::MAX] {
            for (name, f) in INDEXED {
                assert!(f(n, x).is_nan() || !x.is_nan(), "{name}({n}, {x:e})");
            }
            powi(n as i32, x);
        }
    }
}

#[test]
fn only_poles_and_gaps_of_a_domain_give_nan_to_a_number() {
    for x in arguments().into_iter().filter(|x| x.is_finite()) {
        for n in [0, 1, 2, 3, 12, 13, 41, 300, 2001, 100_000, u32::MAX - 1, u32::MAX] {
            assert!(!erfcx_n(n, x).is_nan(), "erfcx_n({n}, {x:e})");
            assert!(!sinc_n(n, x).is_nan(), "sinc_n({n}, {x:e})");
            let pole = x < 0.0 && x == x.floor() && n % 2 == 0;
            assert_eq!(polygamma(n, x).is_nan(), pole, "polygamma({n}, {x:e})");
        }
        for y in arguments().into_iter().filter(|y| y.is_finite()) {
            assert!(!logaddexp(x, y).is_nan());
            assert!(x <= 0.0 || y <= 0.0 || !lbeta(x, y).is_nan(), "lbeta({x:e}, {y:e})");
        }
    }
}

#[test]
fn ramps_and_steps_reach_their_limits() {
    for f in [|x| Silu.at(x), mish, gelu, gelu_tanh] {
        check(f(INF), INF);
        check(f(-INF), -0.0);
        check(f(f64::MAX), f64::MAX);
    }
    check(relu(-0.0), 0.0);
    check(softsign(-INF), -1.0);
    check(Sech2.at(INF), 0.0);
    check(Sigmoid.at(-INF), 0.0);
    check(Softplus.at(-INF), 0.0);
    check(Softplus.at(f64::MAX), f64::MAX);
    check(log_cosh(-f64::MAX), f64::MAX);
    check(elu(-INF), -1.0);
}

#[test]
fn signs_and_extrema_follow_ieee_754() {
    check(sign(-0.0), -0.0);
    check(max(-0.0, 0.0), 0.0);
    check(max(0.0, -0.0), 0.0);
    check(min(0.0, -0.0), -0.0);
    check(min(-0.0, 0.0), -0.0);
    check(round_half_even(-0.5), -0.0);
    check(round_half_even(2.5), 2.0);
    check(fmod(-7.0, 3.0), -1.0);
    check(pow(0.0, 0.0), 1.0);
    check(powi(0, NAN), 1.0);
    check(powi(-1, -0.0), -INF);
    check(sinpi(-3.0), -0.0);
    check(sinpi(3.5), -1.0);
    check(cospi(0.5), 0.0);
    check(sinpi(INF), NAN);
}

#[test]
fn logarithms_of_nothing() {
    check(xlogx(0.0), 0.0);
    check(xlogy(0.0, INF), 0.0);
    check(xlogy(0.0, 0.0), 0.0);
    check(xlogy(0.0, -1.0), NAN);
    check(xlog1py(0.0, -1.0), 0.0);
    check(xlog1py(0.0, -1.5), NAN);
    check(logaddexp(-INF, -INF), -INF);
    check(logaddexp(INF, -INF), INF);
    check(logaddexp(1000.0, 1000.0), 1000.0 + LN_2);
    check(log1mexp(0.0), -INF);
    check(log1mexp(1e-300), NAN);
    check(logit(0.0), -INF);
    check(logit(1.0), INF);
    check(logit(1.1), NAN);
}

#[test]
fn error_functions_at_the_ends() {
    check(erfinv(1.0), INF);
    check(erfinv(-1.0), -INF);
    check(erfinv(1.0f64.next_up()), NAN);
    check(erfinv(-0.0), -0.0);
    check(log_ndtr(-INF), -INF);
    check(log_ndtr(-1e200), -INF);
    check(erfcx_n(0, -INF), INF);
    check(erfcx_n(1, -30.0), -INF);
    check(erfcx_n(3, INF), -0.0);
    check(erfcx_n(5001, 0.0), -INF);
}

#[test]
fn gamma_family_at_its_poles() {
    check(gamma(-0.0), -INF);
    check(gamma(-3.0), NAN);
    check(gamma(172.0), INF);
    check(gamma(23.0), 1_124_000_727_777_607_680_000.0);
    check(lgamma(-2.0), INF);
    check(lbeta(0.0, 2.0), INF);
    check(lbeta(2.0, INF), -INF);
    check(polygamma(0, 0.0), -INF);
    check(polygamma(0, -0.0), INF);
    check(polygamma(0, -4.0), NAN);
    check(polygamma(1, -4.0), INF);
    check(polygamma(2, -0.0), INF);
    check(polygamma(2, -4.0), NAN);
    check(polygamma(0, INF), INF);
    check(polygamma(1, INF), 0.0);
    check(polygamma(1, 1e-200), INF);
    check(polygamma(2, 1e-200), -INF);
}

#[test]
fn sinc_vanishes_at_integers_and_its_odd_derivatives_at_zero() {
    check(sinc_n(0, 0.0), 1.0);
    check(sinc_n(0, 1e-300), 1.0);
    check(sinc_n(0, 7.0), 0.0);
    check(sinc_n(5, 0.0), 0.0);
    check(sinc_n(2, INF), 0.0);
}

/// Zeros keep their sign, and what vector code does not take is what the standard library says.
#[test]
fn elementary_functions_at_their_edges() {
    for zero in [0.0, -0.0] {
        for f in [|x| Sin.at(x), |x| Tan.at(x), |x| Atan.at(x), |x| Expm1.at(x), |x| Log1p.at(x), |x| Tanh.at(x)] {
            check(f(zero), zero);
        }
        for f in [|x| Sinh.at(x), |x| Asinh.at(x), |x| Atanh.at(x)] {
            check(f(zero), zero);
        }
        check(Cos.at(zero), 1.0);
        check(Cosh.at(zero), 1.0);
        check(Exp.at(zero), 1.0);
        check(Log.at(zero), -INF);
    }
    check(Exp.at(-INF), 0.0);
    check(Exp.at(710.0), INF);
    check(Expm1.at(-INF), -1.0);
    check(Log.at(1.0), 0.0);
    check(Log.at(INF), INF);
    check(Log.at(-1.0), NAN);
    check(Log1p.at(-1.0), -INF);
    check(Log1p.at(-1.1), NAN);
    check(Sin.at(INF), NAN);
    check(Cos.at(-INF), NAN);
    check(Tan.at(INF), NAN);
    check(Atan.at(INF), std::f64::consts::FRAC_PI_2);
    check(Atan.at(-1e300), -std::f64::consts::FRAC_PI_2);
    check(Tanh.at(INF), 1.0);
    check(Tanh.at(-1e300), -1.0);
    check(Sinh.at(-INF), -INF);
    check(Sinh.at(711.0), INF);
    check(Cosh.at(-INF), INF);
    check(Cosh.at(711.0), INF);
    check(Asinh.at(-INF), -INF);
    check(Acosh.at(INF), INF);
    check(Acosh.at(1.0), 0.0);
    check(Acosh.at(0.9), NAN);
    check(Atanh.at(1.0), INF);
    check(Atanh.at(-1.0), -INF);
    check(Atanh.at(1.1), NAN);
}

/// Near 0 a number alone goes a shorter way than one in a vector.
#[test]
fn the_short_way_ends_with_the_same_bits() {
    for i in -4000..4000 {
        let x = f64::from(i) * 1.97e-4;
        assert_eq!((Sin.at(x).to_bits(), Cos.at(x).to_bits()), (Sin.usual(x).to_bits(), Cos.usual(x).to_bits()), "{x}");
    }
}
