//! `docs/ops.md`: every op with its class, its derivative as the engine prints it, and what was proved of it.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use autodiff::{Class, class};
use graph_core::text::{math, print};
use graph_core::walk::Translation;
use graph_core::{DType, Function, Graph, NodeId, Opcode, Type};
use opt::Level;
use testkit::sample::samples;

use super::batching::LEVELS;
use super::{MODES, ORDER, Proof, SERIES};

/// Where the page is, from the folder of the tests.
const PAGE: &str = "../docs/ops.md";
/// Set to write the page anew.
const UPDATE: &str = "UPDATE_DOCS";

/// The page in the repository is what was proved now.
pub fn is_current(proofs: &[Proof]) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(PAGE);
    let page = page(proofs);
    if std::env::var_os(UPDATE).is_some() {
        fs::write(&path, &page).expect("the folder of documents exists");
    }
    let stored = fs::read_to_string(&path).unwrap_or_default();
    assert!(stored == page, "docs/ops.md is out of date: set {UPDATE}=1, run this test again, and read the difference");
}

fn page(proofs: &[Proof]) -> String {
    let total: usize = proofs.iter().map(|proof| proof.samples).sum();
    let single: usize = proofs.iter().map(|proof| proof.single).sum();
    let modes: Vec<&str> = MODES.iter().map(|mode| mode.name()).collect();
    let mut page = format!(
        "# Every op, and what is proved of its derivatives\n\n\
         This page is written by a test (`tests/closure.rs`), which fails if it is not current. For each op and each of \
         its samples (scalars and tensors of rank 0 to 4, extents of 0 and 1, every axis, every kind of attribute) it \
         builds the derivatives along a direction of orders 1 to {ORDER} in {} modes ({}), and holds each to the other \
         modes at 1e-10 and to a central difference of the order below; by power series it goes on to order {SERIES}. \
         Under `vmap` of 1 to {LEVELS} levels, functions, gradients, Hessian products, and gradients and Hessian \
         products of sums over batches give what members give one by one. The transpose of a tangent is the adjoint; a \
         split function (`linearize`) and one with its tangent or adjoint as its own rule have the same derivatives. Samples in single precision are held to double \
         precision at 1e-4, and both executors give the same bits. Kinks have their own page: `conventions.md`.\n\n\
         {} ops, {total} samples, {single} of them in single precision, {} derivatives.\n\n",
        MODES.len(),
        modes.join(", "),
        proofs.len(),
        (total + single) * ORDER * MODES.len(),
    );
    elementwise(&mut page, proofs);
    flat(&mut page, proofs);
    structural(&mut page, proofs);
    page
}

/// One row each: the partial derivatives as formulas.
fn elementwise(page: &mut String, proofs: &[Proof]) {
    page.push_str("## Elementwise\n\n| op | derivative | by y | samples | orders | series | vmap |\n|---|---|---|---|---|---|---|\n");
    for proof in proofs.iter().filter(|proof| class(proof.op) == Class::Pointwise) {
        let partials = partials(proof.op);
        let by = |i: usize| partials.get(i).map_or(String::new(), |text| format!("`{text}`"));
        let _ =
            writeln!(page, "| `{}` | {} | {} | {} | {} |", proof.op.name(), by(0), by(1), samples_of(proof), proved());
    }
    page.push('\n');
}

/// The last cells of a row: orders in all modes, orders by series, levels of `vmap`.
fn proved() -> String {
    format!("1–{ORDER} | 1–{SERIES} | 0–{LEVELS}")
}

/// Nothing to print: the derivative is zero wherever it exists.
fn flat(page: &mut String, proofs: &[Proof]) {
    page.push_str(
        "## Flat\n\nThe derivative is zero wherever it exists, or there is nothing to differentiate by.\n\n\
         | op | samples | orders | series | vmap |\n|---|---|---|---|---|\n",
    );
    for proof in proofs.iter().filter(|proof| class(proof.op) == Class::Zero) {
        let _ = writeln!(page, "| `{}` | {} | {} |", proof.op.name(), samples_of(proof), proved());
    }
    page.push('\n');
}

/// A text each: from operands and the cotangent `ct` of the result to the cotangents of the operands.
fn structural(page: &mut String, proofs: &[Proof]) {
    page.push_str(
        "## Structural\n\nThe text is the function from operands and the cotangent `ct` of the result to the \
         cotangents of the operands, after optimisation.\n\n",
    );
    let kinds = [Class::Linear, Class::Bilinear, Class::General, Class::Region];
    for proof in proofs.iter().filter(|proof| kinds.contains(&class(proof.op))) {
        let kind = format!("{:?}", class(proof.op)).to_lowercase();
        let text = without_comments(&print(&adjoint(proof.op)));
        let _ = writeln!(
            page,
            "### `{}`\n\n{kind}; samples {}; orders 1–{ORDER}, series 1–{SERIES}, vmap 0–{LEVELS}\n\n```text\n{text}```\n",
            proof.op.name(),
            samples_of(proof),
        );
    }
}

/// A text without the notes of where nodes come from.
fn without_comments(text: &str) -> String {
    let line = |line: &str| format!("{}\n", line.split("//").next().unwrap_or_default().trim_end());
    text.lines().map(line).collect()
}

fn samples_of(proof: &Proof) -> String {
    match proof.single {
        single if single == proof.samples => proof.samples.to_string(),
        single => format!("{} ({single} in single precision)", proof.samples),
    }
}

/// The partials of an elementwise op, as formulas of its operands.
fn partials(op: Opcode) -> Vec<String> {
    let alone = Arc::new(alone(op));
    let wrt = autodiff::function::real_params(&alone);
    let gradient = autodiff::function::grad(&alone, &wrt).expect("an elementwise op has partials");
    let (gradient, _) = opt::optimize(&gradient, Level::Safe);
    (0..gradient.results().len()).map(|i| math(&gradient, i).replace('\n', "; ")).collect()
}

fn adjoint(op: Opcode) -> Arc<Function> {
    let alone = Arc::new(alone(op));
    let wrt = autodiff::function::real_params(&alone);
    let adjoint = autodiff::function::vjp(&alone, &wrt).expect("the op has a rule");
    opt::optimize(&adjoint, Level::Safe).0
}

/// A function that is the op, on parameters of the types that it has in its first sample.
fn alone(op: Opcode) -> Function {
    let mut g = Graph::new();
    if op == Opcode::Cast {
        // The sample goes through integers.
        let x = g.param("x", Type::tensor(DType::F64, &[2])).expect("a fresh name");
        let y = g.cast(DType::F32, x);
        return Function::new(op.name(), &g, &[y]).expect("one node");
    }
    let sample = samples(op).swap_remove(0);
    let from = sample.function.graph();
    let node = from.nodes().iter().copied().find(|&id| from.op(id).code() == op).expect("a sample uses its op");
    let operands: Vec<NodeId> = from
        .operands(node)
        .iter()
        .zip(["x", "y", "z"])
        .map(|(&operand, name)| g.param(name, from.ty(operand).clone()).expect("a fresh name"))
        .collect();
    let op = Translation::default().translate(from, from.op(node), &mut g);
    let y = g.node(op, &operands);
    Function::new(op.name(), &g, &[y]).expect("one node")
}
