//! One more op: which one, and how its operands are made. The matches over [`Opcode`] have no wildcard: an op that is not
//! generated does not compile.

use std::sync::LazyLock;

use graph_core::Opcode;

use super::builder::Builder;
use super::gene::{Dice, Gene, World};
use super::{arrays, elementwise, indexing, linalg, shapes, structure};

/// Makes a step of each gene; a call takes some of the genes that follow for its callee.
pub fn all(b: &mut Builder, mut genes: &[Gene]) {
    while let Some((gene, rest)) = genes.split_first() {
        genes = rest;
        let mut dice = Dice::new(gene);
        let menu = menu(b.world);
        let op = menu[dice.roll(menu.len())];
        genes = one(b, op, &mut dice, genes);
    }
}

/// Adds the op to the program; the genes that are left.
fn one<'r>(b: &mut Builder, op: Opcode, dice: &mut Dice<'_>, rest: &'r [Gene]) -> &'r [Gene] {
    match op {
        Opcode::Param | Opcode::Get => structure::parts(b, dice),
        Opcode::Const => elementwise::constant(b, dice),
        Opcode::Iota => shapes::iota(b, dice),
        Opcode::Unary(op) => elementwise::unary(b, op, dice),
        Opcode::Nth(op) => elementwise::nth(b, op, dice),
        Opcode::Binary(op) => elementwise::binary(b, op, dice),
        Opcode::Compare(op) => elementwise::compare(b, op, dice),
        Opcode::Logic(op) => elementwise::logic(b, op, dice),
        Opcode::Integer(op) => elementwise::integer(b, op, dice),
        Opcode::Test(op) => elementwise::test(b, op, dice),
        Opcode::Bitcast => elementwise::bitcast(b, dice),
        Opcode::Select => elementwise::select(b, dice),
        Opcode::Cast => elementwise::cast(b, dice),
        Opcode::Broadcast => shapes::broadcast(b, dice),
        Opcode::Reshape => shapes::reshape(b, dice),
        Opcode::Permute => shapes::permute(b, dice),
        Opcode::Slice => shapes::slice(b, dice),
        Opcode::Pad => shapes::pad(b, dice),
        Opcode::Concat => shapes::concat(b, dice),
        Opcode::Reverse => shapes::reverse(b, dice),
        Opcode::Gather => indexing::gather(b, dice),
        Opcode::Scatter(op) => indexing::scatter(b, op, dice),
        Opcode::Reduce(op) => arrays::reduce(b, op, dice),
        Opcode::Cumulate(op) => arrays::cumulate(b, op, dice),
        Opcode::Sort => arrays::sort(b, dice),
        Opcode::Dot => arrays::dot(b, dice),
        Opcode::Conv => arrays::conv(b, dice),
        Opcode::ReduceWindow(op) => arrays::reduce_window(b, op, dice),
        Opcode::Linalg(op) => linalg::linalg(b, op, dice),
        Opcode::TriangularSolve => linalg::triangular_solve(b, dice),
        Opcode::Tuple => structure::tuple(b, dice),
        Opcode::Record => structure::record(b, dice),
        Opcode::Call => return structure::call(b, dice, rest),
    }
    rest
}

/// How often an op comes, among scalars and among tensors.
fn weights(op: Opcode) -> [usize; 2] {
    match op {
        Opcode::Param => [0, 0],
        Opcode::Unary(_) => [4, 2],
        Opcode::Nth(_) => [6, 2],
        Opcode::Binary(_) => [10, 5],
        Opcode::Const => [2, 2],
        Opcode::Compare(_) | Opcode::Logic(_) | Opcode::Integer(_) | Opcode::Test(_) => [2, 1],
        Opcode::Bitcast => [3, 2],
        Opcode::Select => [16, 10],
        Opcode::Cast => [5, 5],
        Opcode::Tuple | Opcode::Record | Opcode::Get => [4, 4],
        Opcode::Call => [10, 10],
        Opcode::Iota => [0, 3],
        Opcode::Broadcast | Opcode::Reshape | Opcode::Permute | Opcode::Slice => [0, 10],
        Opcode::Pad | Opcode::Concat | Opcode::Reverse | Opcode::Sort => [0, 10],
        Opcode::Gather | Opcode::Dot | Opcode::Conv => [0, 12],
        Opcode::Scatter(_) | Opcode::Cumulate(_) | Opcode::ReduceWindow(_) => [0, 4],
        Opcode::Reduce(_) => [0, 5],
        Opcode::Linalg(_) => [0, 3],
        Opcode::TriangularSolve => [0, 5],
    }
}

/// Every op as often as its weight.
fn menu(world: World) -> &'static [Opcode] {
    static MENUS: LazyLock<[Vec<Opcode>; 2]> = LazyLock::new(|| {
        [0, 1].map(|world| Opcode::all().iter().flat_map(|&op| std::iter::repeat_n(op, weights(op)[world])).collect())
    });
    match world {
        World::Scalar => &MENUS[0],
        World::Tensor => &MENUS[1],
    }
}
