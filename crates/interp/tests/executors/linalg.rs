//! Linear algebra in both executors, and what happens when a matrix of a batch cannot be factored.

use graph_core::op::Linalg;
use interp::{Error, Program, Tensor, evaluate};

use crate::{counted, parse};

/// The op on matrices of bounded elements made definite, alone and in batches, square and not, in both precisions.
pub fn samples(op: Linalg) -> Vec<String> {
    let name = op.name();
    let extents: &[(&str, usize, usize)] = if op.is_square() {
        &[("", 1, 1), ("", 3, 3), ("2,", 2, 2), ("", 0, 0), ("0,", 2, 2)]
    } else {
        &[("", 3, 3), ("", 4, 2), ("2,", 2, 3), ("", 0, 2), ("", 2, 0)]
    };
    let kinds = ["f64", "f32"];
    let pairs = kinds.into_iter().flat_map(|kind| extents.iter().map(move |extent| (kind, extent)));
    pairs.map(|(kind, &(batch, m, n))| source(name, &format!("{kind}[{batch}{m},{n}]"), op, (batch, m, n))).collect()
}

fn source(name: &str, ty: &str, op: Linalg, (batch, m, n): (&str, usize, usize)) -> String {
    let axis = usize::from(!batch.is_empty());
    let of_batch = if axis == 1 { ", lhs_batch=[0], rhs_batch=[0]" } else { "" };
    let operands = if op == Linalg::Solve { "%5, %s" } else { "%5" };
    match op.is_square() {
        true => {
            let kind = &ty[..3];
            let bools = format!("bool[{batch}{m},{n}]");
            let integers = format!("i64[{batch}{m},{n}]");
            format!(
                "graph @f(%x: {ty}) -> {{y: {ty}}} {{
                   %s = sin %x : {ty}
                   %0 = dot %s, %s {{lhs=[{last}], rhs=[{last}]{of_batch}}} : {ty}
                   %1 = iota {{axis={row}}} : {integers}
                   %2 = iota {{axis={last}}} : {integers}
                   %3 = eq %1, %2 : {bools}
                   %4 = cast %3 : {ty}
                   %5 = add %0, %4 : {ty}
                   %6 = {name} {operands}
                   %7 = record %6 {{fields=[y]}}
                   return %7 }}",
                row = axis,
                last = axis + 1,
            )
            .replace(&format!("-> {{y: {ty}}}"), &format!("-> {{y: {}}}", result(op, kind, batch, n)))
        }
        false => format!("graph @f(%x: {ty}) -> {} {{ %0 = {name} %x return %0 }}", decomposed(op, ty, batch, m, n)),
    }
}

/// The type of a result of an op on square matrices.
fn result(op: Linalg, kind: &str, batch: &str, n: usize) -> String {
    let matrix = format!("{kind}[{batch}{n},{n}]");
    let each = batch.trim_end_matches(',');
    let number = if each.is_empty() { kind.to_string() } else { format!("{kind}[{each}]") };
    match op {
        Linalg::Det => number,
        Linalg::SlogDet => format!("({number}, {number})"),
        Linalg::Eigh => format!("({kind}[{batch}{n}], {matrix})"),
        _ => matrix,
    }
}

fn decomposed(op: Linalg, ty: &str, batch: &str, m: usize, n: usize) -> String {
    let (kind, k) = (&ty[..3], m.min(n));
    match op {
        Linalg::Lu => format!("({ty}, i64[{batch}{m}])"),
        Linalg::Qr => format!("({kind}[{batch}{m},{k}], {kind}[{batch}{k},{n}])"),
        _ => format!("({kind}[{batch}{m},{k}], {kind}[{batch}{k}], {kind}[{batch}{k},{n}])"),
    }
}

/// Every triangle of a matrix, and of a batch.
pub fn triangular_solves() -> Vec<String> {
    let flags = ["", "{upper=true}", "{transposed=true}", "{upper=true, transposed=true, unit=true}", "{unit=true}"];
    let one = |flags: &str, batch: &str, kind: &str| {
        let (a, b) = (format!("{kind}[{batch}3,3]"), format!("{kind}[{batch}3,2]"));
        format!(
            "graph @f(%a: {a}, %b: {b}) -> {b} {{
               %s = sin %a : {a} %0 = exp %s : {a} %1 = triangular_solve %0, %b {flags} : {b} return %1 }}"
        )
    };
    flags.into_iter().flat_map(|flags| [one(flags, "", "f64"), one(flags, "2,", "f32")]).collect()
}

const CHOLESKY: &str = "graph @f(%x: f64[3,1,1]) -> (f64[3,1,1], f64[3,1,1]) {
    %0 = cholesky %x : f64[3,1,1] %1 = neg %x : f64[3,1,1] return %0, %1 }";

#[test]
fn a_matrix_that_cannot_be_factored_is_named_and_spoils_no_other() {
    let f = parse(CHOLESKY);
    let program = Program::new(&f).expect("a small function");
    let mut found = [7.0; 6];
    let outcome = program.run_into(&mut program.workspace(), &[4.0, -1.0, 9.0], &mut found);
    let expected = Error::NotPositiveDefinite { function: "f".into(), node: "%0 = cholesky".into(), element: 1 };
    assert_eq!(outcome, Err(expected.clone()));
    assert_eq!(found[..1], [2.0]);
    assert!(found[1].is_nan());
    assert_eq!(found[2..], [3.0, -4.0, 1.0, -9.0]);
    let x = Tensor::f64(&[3, 1, 1], vec![4.0, -1.0, 9.0]).expect("three matrices");
    assert_eq!(evaluate(&f, &[x.into()]).err(), Some(expected));
}

#[test]
fn singular_systems_are_errors_in_both_executors_also_in_callees() {
    let solve = "graph @inner(%a: f64[2,2]) -> f64[2,2] { %0 = solve %a, %a : f64[2,2] return %0 }
        graph @f(%a: f64[2,2]) -> f64[2,2] { %0 = call @inner(%a) : f64[2,2] return %0 }";
    let triangular = "graph @f(%a: f64[2,2]) -> f64[2,2] { %0 = triangular_solve %a, %a : f64[2,2] return %0 }";
    for (source, function, node) in [(solve, "inner", "%0 = solve"), (triangular, "f", "%0 = triangular_solve")] {
        let f = parse(source);
        let zeros = Tensor::f64(&[2, 2], vec![0.0; 4]).expect("four elements");
        let program = Program::new(&f).expect("a small function");
        let expected = Error::Singular { function: function.into(), node: node.into(), element: 0 };
        assert_eq!(program.run(&mut program.workspace(), &[zeros.clone().into()]).err(), Some(expected.clone()));
        assert_eq!(evaluate(&f, &[zeros.into()]).err(), Some(expected.clone()));
        assert_eq!(expected.code(), "singular");
    }
}

#[test]
fn a_workspace_runs_on_after_an_error() {
    let program = Program::new(&parse(CHOLESKY)).expect("a small function");
    let (mut ws, mut found) = (program.workspace(), [0.0; 6]);
    assert!(program.run_into(&mut ws, &[-1.0; 3], &mut found).is_err());
    assert_eq!(program.run_into(&mut ws, &[4.0, 9.0, 16.0], &mut found), Ok(()));
    assert_eq!(found[..3], [2.0, 3.0, 4.0]);
}

#[test]
fn runs_allocate_nothing() {
    let source = "graph @f(%x: f64[4,4]) -> (f64[4], f64[4,4]) {
        %0 = eigh %x : (f64[4], f64[4,4]) %1 = get %0 {index=0} : f64[4] %2 = expm %x : f64[4,4] return %1, %2 }";
    let program = Program::new(&parse(source)).expect("a small function");
    let (mut ws, mut found) = (program.workspace(), [0.0; 20]);
    let x = counted(&[4, 4]).to_f64();
    let counts = allocation_counter::measure(|| program.run_into(&mut ws, &x, &mut found).expect("it fits"));
    assert_eq!(counts.count_total, 0);
}
