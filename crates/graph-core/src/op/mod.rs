//! The closed set of ops: families in tables, and structural ops with interned attributes.
//!
//! [`Op`] is what a node holds: 8 bytes, `Copy`. [`Opcode`] is the same without attributes; [`Opcode::all`] lists every
//! op there is, and whatever must cover all ops iterates it.

mod compare;
mod contract;
mod cumulate;
mod elementwise;
mod index;
mod integer;
mod linalg;
mod order;
mod reduce;
mod shape;
mod window;

pub use compare::{Compare, Logic};
pub use contract::DotSpec;
pub use cumulate::{Cumulate, CumulateSpec};
pub use elementwise::{Binary, BinaryFunctions, Nth, Unary, UnaryFunctions, Visit1, Visit2};
pub use index::{GatherSpec, Miss, OutOfRange, Scatter};
pub use integer::{Integer, Test, VisitInteger};
pub use linalg::{Linalg, Triangle};
pub use order::SortSpec;
pub use reduce::Reduce;
pub use shape::{Axes, BroadcastSpec, IotaSpec, PadSpec, SliceSpec};
pub use window::{ConvSpec, Meetings, ReduceWindow, Slide, WindowSpec, reach};

use std::sync::{Arc, LazyLock};

use crate::function::Function;
use crate::literal::Literal;
use crate::pool::Id;
use crate::ty::{DType, Shape};

/// What a node does with its operands. Attributes are ids of the node's own graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Op {
    /// The parameter of this index; no operands.
    Param(u32),
    /// A literal; no operands.
    Const(Id<Literal>),
    /// Numbers 0, 1, 2 … along one axis; no operands.
    Iota(Id<IotaSpec>),
    /// A function of one argument, elementwise.
    Unary(Unary),
    /// Member n of an integer family, elementwise.
    Nth(Nth, i32),
    /// A function of two arguments, elementwise.
    Binary(Binary),
    /// A comparison, elementwise, to `bool`.
    Compare(Compare),
    /// A connective of `bool`, elementwise.
    Logic(Logic),
    /// A function of one or two integers, elementwise.
    Integer(Integer),
    /// A predicate of reals, elementwise, to `bool`.
    Test(Test),
    /// The same 64 bits as elements of another dtype: `f64` to `i64` or back.
    Bitcast(DType),
    /// `select c, a, b`: a where c, else b, elementwise.
    Select,
    /// Converts elements to another dtype.
    Cast(DType),
    /// Repeats along new axes.
    Broadcast(Id<BroadcastSpec>),
    /// The same elements, row-major, in another shape.
    Reshape(Id<Shape>),
    /// Axes in another order: axis i of the result is axis `axes[i]` of the operand.
    Permute(Id<Axes>),
    /// A strided window.
    Slice(Id<SliceSpec>),
    /// `pad x, fill`: fill before, after and between elements.
    Pad(Id<PadSpec>),
    /// Operands one after the other along an axis.
    Concat(u32),
    /// Elements in opposite order along axes.
    Reverse(Id<Axes>),
    /// `gather x, indices`: windows of x, each where an index vector says.
    Gather(Id<GatherSpec>),
    /// `scatter x, indices, updates`: combines updates into windows of x, each where an index vector says.
    Scatter(Scatter, Id<GatherSpec>),
    /// Combines all elements along axes, which disappear.
    Reduce(Reduce, Id<Axes>),
    /// Combines the elements up to each place along an axis.
    Cumulate(Cumulate, Id<CumulateSpec>),
    /// Sorts operands by the first of them: a tuple of the sorted operands and the permutation.
    Sort(Id<SortSpec>),
    /// General contraction; the result has batch, left free and right free axes.
    Dot(Id<DotSpec>),
    /// `conv x, kernel`: the kernel slides over the base; batch, features and spatial axes.
    Conv(Id<ConvSpec>),
    /// Combines the elements under a window at each of its places.
    ReduceWindow(ReduceWindow, Id<WindowSpec>),
    /// A factorisation or function of matrices.
    Linalg(Linalg),
    /// `triangular_solve a, b`: the solution of systems with a triangle of a as their matrix.
    TriangularSolve(Triangle),
    /// A tuple of the operands.
    Tuple,
    /// A record of the operands; the attribute lists the field names.
    Record(Id<Arc<[Arc<str>]>>),
    /// Part of a tuple or record, by position.
    Get(u32),
    /// Applies a function of the graph's table.
    Call(Id<Function>),
}

/// Makes [`Opcode`], the list of all of them, and the position of each in it, from one list of families.
macro_rules! opcodes {
    ($( $variant:ident $(($family:ty))?, )*) => {
        /// An op without its attributes: the key of tables that must cover every op.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[expect(missing_docs, reason = "the variants are those of `Op`")]
        pub enum Opcode { $( $variant $(($family))?, )* }

        static ALL_OPS: LazyLock<Vec<Opcode>> = LazyLock::new(|| {
            let mut all = Vec::new();
            $( opcodes!(@list all, $variant $(($family))?); )*
            all
        });

        impl Opcode {
            /// Position in [`Opcode::all`]: a dense index for tables by op.
            pub fn index(self) -> usize {
                let before = 0;
                $( opcodes!(@count self, before, $variant $(($family))?); )*
                unreachable!("{before} opcodes stand in the list, {self:?} among them")
            }
        }
    };
    (@list $all:ident, $variant:ident) => { $all.push(Opcode::$variant) };
    (@list $all:ident, $variant:ident ($family:ty)) => {
        $all.extend(<$family>::ALL.iter().map(|&op| Opcode::$variant(op)))
    };
    (@count $op:ident, $before:ident, $variant:ident) => {
        if $op == Opcode::$variant {
            return $before;
        }
        let $before = $before + 1;
    };
    (@count $op:ident, $before:ident, $variant:ident ($family:ty)) => {
        if let Opcode::$variant(op) = $op {
            return $before + op as usize;
        }
        let $before = $before + <$family>::ALL.len();
    };
}

opcodes! {
    Param,
    Const,
    Iota,
    Unary(Unary),
    Nth(Nth),
    Binary(Binary),
    Compare(Compare),
    Logic(Logic),
    Integer(Integer),
    Test(Test),
    Bitcast,
    Select,
    Cast,
    Broadcast,
    Reshape,
    Permute,
    Slice,
    Pad,
    Concat,
    Reverse,
    Gather,
    Scatter(Scatter),
    Reduce(Reduce),
    Cumulate(Cumulate),
    Sort,
    Dot,
    Conv,
    ReduceWindow(ReduceWindow),
    Linalg(Linalg),
    TriangularSolve,
    Tuple,
    Record,
    Get,
    Call,
}

impl Op {
    /// The op without its attributes.
    pub fn code(self) -> Opcode {
        match self {
            Op::Param(_) => Opcode::Param,
            Op::Const(_) => Opcode::Const,
            Op::Iota(_) => Opcode::Iota,
            Op::Unary(op) => Opcode::Unary(op),
            Op::Nth(op, _) => Opcode::Nth(op),
            Op::Binary(op) => Opcode::Binary(op),
            Op::Compare(op) => Opcode::Compare(op),
            Op::Logic(op) => Opcode::Logic(op),
            Op::Integer(op) => Opcode::Integer(op),
            Op::Test(op) => Opcode::Test(op),
            Op::Bitcast(_) => Opcode::Bitcast,
            Op::Select => Opcode::Select,
            Op::Cast(_) => Opcode::Cast,
            Op::Broadcast(_) => Opcode::Broadcast,
            Op::Reshape(_) => Opcode::Reshape,
            Op::Permute(_) => Opcode::Permute,
            Op::Slice(_) => Opcode::Slice,
            Op::Pad(_) => Opcode::Pad,
            Op::Concat(_) => Opcode::Concat,
            Op::Reverse(_) => Opcode::Reverse,
            Op::Gather(_) => Opcode::Gather,
            Op::Scatter(op, _) => Opcode::Scatter(op),
            Op::Reduce(op, _) => Opcode::Reduce(op),
            Op::Cumulate(op, _) => Opcode::Cumulate(op),
            Op::Sort(_) => Opcode::Sort,
            Op::Dot(_) => Opcode::Dot,
            Op::Conv(_) => Opcode::Conv,
            Op::ReduceWindow(op, _) => Opcode::ReduceWindow(op),
            Op::Linalg(op) => Opcode::Linalg(op),
            Op::TriangularSolve(_) => Opcode::TriangularSolve,
            Op::Tuple => Opcode::Tuple,
            Op::Record(_) => Opcode::Record,
            Op::Get(_) => Opcode::Get,
            Op::Call(_) => Opcode::Call,
        }
    }

    /// Its name in text.
    pub fn name(self) -> &'static str {
        self.code().name()
    }
}

impl Opcode {
    /// Every op of the engine, family by family.
    pub fn all() -> &'static [Opcode] {
        &ALL_OPS
    }

    /// Its name in text.
    pub fn name(self) -> &'static str {
        match self {
            Opcode::Param => "param",
            Opcode::Const => "const",
            Opcode::Iota => "iota",
            Opcode::Unary(op) => op.name(),
            Opcode::Nth(op) => op.name(),
            Opcode::Binary(op) => op.name(),
            Opcode::Compare(op) => op.name(),
            Opcode::Logic(op) => op.name(),
            Opcode::Integer(op) => op.name(),
            Opcode::Test(op) => op.name(),
            Opcode::Bitcast => "bitcast",
            Opcode::Select => "select",
            Opcode::Cast => "cast",
            Opcode::Broadcast => "broadcast",
            Opcode::Reshape => "reshape",
            Opcode::Permute => "permute",
            Opcode::Slice => "slice",
            Opcode::Pad => "pad",
            Opcode::Concat => "concat",
            Opcode::Reverse => "reverse",
            Opcode::Gather => "gather",
            Opcode::Scatter(op) => op.name(),
            Opcode::Reduce(op) => op.name(),
            Opcode::Cumulate(op) => op.name(),
            Opcode::Sort => "sort",
            Opcode::Dot => "dot",
            Opcode::Conv => "conv",
            Opcode::ReduceWindow(op) => op.name(),
            Opcode::Linalg(op) => op.name(),
            Opcode::TriangularSolve => "triangular_solve",
            Opcode::Tuple => "tuple",
            Opcode::Record => "record",
            Opcode::Get => "get",
            Opcode::Call => "call",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opcodes_are_dense_and_their_names_distinct() {
        let all = Opcode::all();
        for (i, op) in all.iter().enumerate() {
            assert_eq!(op.index(), i, "{op:?}");
        }
        let mut names: Vec<_> = all.iter().map(|op| op.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all.len());
    }
}
