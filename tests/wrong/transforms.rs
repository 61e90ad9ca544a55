//! Derivatives of functions that cannot be built: found before anything is built, all of one kind at once.

use std::panic::Location;

use wengert::prelude::*;
use wengert::{Mode, partials, text};

use super::Case;

#[track_caller]
fn case<T>(name: &'static str, result: Result<T, Error>) -> Case {
    let here = Location::caller();
    Case::new(name, || {
        let error = result.err().expect("it is accepted");
        let mut message = error.to_string();
        if let Some(site) = error.site() {
            assert_eq!((site.file(), site.line()), (here.file(), here.line()), "{error}");
            message = message.replace(&format!("{}:{}:{}", site.file(), site.line(), site.column()), "LINE");
        }
        (error.code(), message)
    })
}

fn parse(source: &str) -> Function {
    Function::parse(source).expect("a graph")
}

pub fn cases() -> Vec<Case> {
    [first_order(), structures(), dense(), further()].into_iter().flatten().collect()
}

fn first_order() -> Vec<Case> {
    let pair = parse("graph @pair(%x: f64) -> (f64, f64) { %0 = sin %x return %x, %0 }");
    let vector = parse("graph @vector(%x: f64[3]) -> f64[3] { %0 = sin %x return %0 }");
    let many = parse("graph @many(%x: f64[64]) -> f64[64] { %0 = sin %x return %0 }");
    let count = parse("graph @count(%x: f64) -> i64 { %0 = cast %x : i64 return %0 }");
    let test = parse("graph @test(%x: f64) -> bool { %0 = is_nan %x return %0 }");
    let nothing = parse("graph @nothing(%x: f64) -> () { return }");
    let scaled =
        parse("graph @scaled(%x: f64, %n: i64, %c: bool) -> f64 { %0 = cast %n : f64 %1 = mul %x, %0 return %1 }");
    vec![
        case("gradient of two results", pair.grad(0)),
        case("gradient of a vector", vector.grad(0)),
        case("gradient of an integer", count.grad(0)),
        case("gradient of a truth value", test.grad(0)),
        case("gradient of nothing", nothing.grad(0)),
        case("gradient by a parameter that does not exist", scaled.grad(3)),
        case("gradient by an integer", scaled.grad(1)),
        case("gradient by an integer and a condition", scaled.grad([1, 0, 2])),
        case("series by a parameter twice", scaled.taylor_by([0, 0], 2)),
        case("cotangent product by an integer", scaled.vjp_by([1])),
        case("cotangent product of an integer", count.vjp()),
        case("tangent product by an integer", scaled.jvp_by([1])),
        case("tangent product of an integer", count.jvp()),
        case("tangent product by a parameter twice", scaled.jvp_by([0, 0])),
        case("tangent product by a parameter that does not exist", scaled.jvp_by([7])),
        case("series of order 0", vector.taylor(0)),
        case("series of an integer", count.taylor(2)),
        case("series by an integer", scaled.taylor_by([1], 2)),
        case("series by a parameter that does not exist", scaled.taylor_by([7], 2)),
        case("series of too high an order", vector.taylor(1_000_000)),
        case("tensor of derivatives of order 0", vector.derivative_tensor(0, 0)),
        case("tensor of derivatives by an integer", scaled.derivative_tensor(1, 2)),
        case("tensor of derivatives along too many directions", many.derivative_tensor(0, 3)),
        case("tensor of derivatives of too many elements", vector.derivative_tensor(0, 16)),
    ]
}

fn structures() -> Vec<Case> {
    let record = parse(
        "graph @record(%p: {a: f64, n: i64}) -> {a: f64} { %0 = get %p {field=a} %1 = record %0 {fields=[a]} return %1 }",
    );
    let counts = parse("graph @counts(%p: (i64, bool), %x: f64) -> f64 { return %x }");
    vec![
        case("gradient of a record", record.grad(0)),
        case("gradient by a tuple without a real", counts.grad(0)),
        case("tangent product by a tuple without a real", counts.jvp_by([0])),
    ]
}

fn dense() -> Vec<Case> {
    let record =
        parse("graph @record(%p: {a: f64, b: f64}, %q: (f64, f64)) -> f64 { %0 = get %p {field=a} return %0 }");
    let long = parse("graph @long(%x: f64[5000]) -> f64[5000] { %0 = sin %x return %0 }");
    let vector = parse("graph @vector(%x: f64[3]) -> f64[3] { %0 = sin %x return %0 }");
    let scaled = parse("graph @scaled(%x: f64, %n: i64) -> f64 { return %x }");
    let count = parse("graph @count(%x: f64) -> i64 { %0 = cast %x : i64 return %0 }");
    vec![
        case("Jacobian by structures", record.jacobian([0, 1])),
        case("Jacobian by an integer", scaled.jacobian(1)),
        case("Jacobian of an integer", count.jacobian(0)),
        case("Jacobian of too many columns", long.jacobian(0)),
        case("Jacobian by a parameter that does not exist", vector.jacobian(1)),
        case("Hessian of a vector", vector.hessian(0)),
        case("Hessian by a structure", record.hessian(0)),
        case("Hessian by an integer", scaled.hessian(1)),
        case("Hessian product of a vector", vector.hvp(0)),
        case("Hessian product by an integer", scaled.hvp(1)),
        case("Hessian product by a parameter that does not exist", scaled.hvp(2)),
    ]
}

fn further() -> Vec<Case> {
    let vector = parse("graph @vector(%x: f64[3]) -> f64[3] { %0 = sin %x return %0 }");
    let sum = parse("graph @sum(%x: f64[3]) -> f64 { %0 = reduce_sum %x {axes=[0]} return %0 }");
    let mut deep = "graph @f0(%x: f64) -> f64 { return %x }\n".to_string();
    for i in 1..=129 {
        deep += &format!("graph @f{i}(%x: f64) -> f64 {{ %0 = call @f{}(%x) return %0 }}\n", i - 1);
    }
    let formula = wengert::formula::Formula::parse("sin(x)").expect("a formula");
    let settings = partials::Settings { order: 200, mode: Mode::Taylor, ..partials::Settings::default() };
    vec![
        case("gradient of a gradient of a vector", sum.grad(0).and_then(|d| d.grad(0))),
        case("check of a vector", check_gradient(&vector, &[0.0; 3], 1, &[Mode::Reverse])),
        case("check at a point of another length", check_gradient(&sum, &[0.0; 2], 1, &[Mode::Reverse])),
        case("check of order 0", check_gradient(&sum, &[0.0; 3], 0, &[Mode::Reverse])),
        case("check in no mode", check_gradient(&sum, &[0.0; 3], 1, &[])),
        case("calls nested too deep", Function::parse(&deep)),
        case("mode that does not exist", "backward".parse::<Mode>()),
        case("series of an order without factorials", partials::Partials::new(&formula, &settings)),
        case("text that is no graph", Function::parse("x + 1")),
        case("name of a function that is none", Function::parse(&text::print(sum.core()).replace("@sum", "@2"))),
    ]
}
