//! The graph: an arena of typed nodes, interned as they are made.
//!
//! Invariants, kept by [`Graph::make`] and checked by [`crate::verify`]: an operand is older than its user; a node's
//! type is the one that inference gives; equal op and equal operands are one node; parameters have distinct names.

use std::ops::Index;
use std::sync::Arc;

use hashbrown::{HashMap, HashSet};
use rustc_hash::FxBuildHasher;
use smallvec::SmallVec;

use crate::arena::{Arena, NodeId};
use crate::error::Error;
use crate::function::Function;
use crate::infer;
use crate::intern::{InternTable, Key, fold};
use crate::literal::Literal;
use crate::op::{
    Axes, BroadcastSpec, ConvSpec, CumulateSpec, DotSpec, GatherSpec, IotaSpec, Op, PadSpec, SliceSpec, SortSpec,
    WindowSpec,
};
use crate::pool::{Id, Pool, hash};
use crate::provenance::{Derived, Origin, Origins, Site};
use crate::ty::Type;

/// An interned type.
pub type TypeId = Id<Type>;

/// Up to two operands stand in the node, more in the graph's pool.
#[derive(Clone, Copy, Debug)]
enum Operands {
    Inline([NodeId; 2]),
    Pooled { start: u32, len: u32 },
}

/// Op, operands and type, nothing else.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Node {
    op: Op,
    ty: TypeId,
    operands: Operands,
}

const _: () = assert!(size_of::<Node>() == 28, "a node is 28 bytes, 32 in its map");

/// A parameter of the graph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Param {
    /// Its name, unique in the graph.
    pub name: Arc<str>,
    /// Its node.
    pub node: NodeId,
}

/// Nodes, their types and attributes, and the functions they call.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    arena: Arena,
    operand_pool: Vec<NodeId>,
    interned: InternTable,
    params: Vec<Param>,
    param_names: HashSet<Arc<str>, FxBuildHasher>,
    origins: Origins,
    types: Pool<Type>,
    literals: Pool<Literal>,
    shapes: Pool<Axes>,
    broadcasts: Pool<BroadcastSpec>,
    slices: Pool<SliceSpec>,
    pads: Pool<PadSpec>,
    iotas: Pool<IotaSpec>,
    cumulates: Pool<CumulateSpec>,
    gathers: Pool<GatherSpec>,
    sorts: Pool<SortSpec>,
    dots: Pool<DotSpec>,
    convs: Pool<ConvSpec>,
    windows: Pool<WindowSpec>,
    fields: Pool<Arc<[Arc<str>]>>,
    functions: Vec<Arc<Function>>,
    function_names: HashMap<Arc<str>, usize, FxBuildHasher>,
}

impl Graph {
    /// An empty graph.
    pub fn new() -> Graph {
        Graph::default()
    }

    /// Adds a parameter. Names are letters, digits, `_` and `.`, not starting with a digit, and distinct.
    pub fn param(&mut self, name: &str, ty: Type) -> Result<NodeId, Error> {
        ty.check().map_err(|error| error.of_parameter(name))?;
        if !crate::text::is_name(name) {
            return Err(Error::Name { name: name.to_string(), why: crate::text::NOT_A_NAME.into() });
        }
        if self.param_names.contains(name) {
            return Err(Error::Name {
                name: name.to_string(),
                why: "is taken by another parameter; rename one of them".into(),
            });
        }
        let index = u32::try_from(self.params.len()).map_err(|_| Error::limit("parameters", u32::MAX as usize))?;
        let ty = self.types.intern(ty);
        let op = Op::Param(index);
        let node = self.push(identity(op, &[]), op, ty, &[]);
        let name: Arc<str> = name.into();
        self.param_names.insert(Arc::clone(&name));
        self.params.push(Param { name, node });
        Ok(node)
    }

    /// The node of this op on these operands, new or old. Checks operands and attributes, infers the type.
    pub fn make(&mut self, op: Op, operands: &[NodeId]) -> Result<NodeId, Error> {
        let key = identity(op, operands);
        if let Some(found) = self.find_keyed(key, op, operands) {
            return Ok(found);
        }
        let ty = match infer::shortcut(self, op, operands) {
            Some(ty) => ty,
            None => {
                let ty = infer::infer(self, op, operands)?;
                self.types.intern(ty)
            }
        };
        Ok(self.push(key, op, ty, operands))
    }

    /// As [`Graph::make`], of a node that another graph has with operands and a result of the same types.
    pub(crate) fn make_again(&mut self, op: Op, operands: &[NodeId], ty: TypeId) -> NodeId {
        let key = identity(op, operands);
        self.find_keyed(key, op, operands).unwrap_or_else(|| self.push(key, op, ty, operands))
    }

    /// The node of this op on these operands, if it exists.
    pub fn find(&self, op: Op, operands: &[NodeId]) -> Option<NodeId> {
        self.find_keyed(identity(op, operands), op, operands)
    }

    fn find_keyed(&self, key: Key, op: Op, operands: &[NodeId]) -> Option<NodeId> {
        let order = self.arena.order();
        let is_it = |age: u32| {
            let node = &self.arena[order[age as usize]];
            node.op == op && node.operands.as_slice(&self.operand_pool) == operands
        };
        self.interned.find(key, is_it).map(|age| order[age as usize])
    }

    fn push(&mut self, key: Key, op: Op, ty: TypeId, given: &[NodeId]) -> NodeId {
        let operands = match *given {
            [] => Operands::Inline([NodeId::none(); 2]),
            [x] => Operands::Inline([x, NodeId::none()]),
            [x, y] => Operands::Inline([x, y]),
            _ => {
                let start = u32::try_from(self.operand_pool.len()).expect("fewer than 2^32 pooled operands");
                self.operand_pool.extend_from_slice(given);
                Operands::Pooled { start, len: given.len() as u32 }
            }
        };
        let id = self.arena.push(Node { op, ty, operands });
        self.origins.push_node();
        self.interned.insert(key, id.index() as u32);
        id
    }

    /// Makes room for so many more nodes, where their number is known.
    pub fn reserve(&mut self, nodes: usize) {
        self.arena.reserve(nodes);
        self.interned.reserve(self.arena.len() + nodes);
        self.origins.reserve(nodes);
    }

    /// Number of nodes.
    #[inline]
    pub fn len(&self) -> usize {
        self.arena.len()
    }

    /// Whether there are no nodes.
    pub fn is_empty(&self) -> bool {
        self.arena.len() == 0
    }

    /// All nodes, oldest first.
    #[inline]
    pub fn nodes(&self) -> &[NodeId] {
        self.arena.order()
    }

    /// Whether this graph has such a node.
    pub fn contains(&self, id: NodeId) -> bool {
        self.arena.get(id).is_some()
    }

    /// What a node does.
    #[inline]
    pub fn op(&self, id: NodeId) -> Op {
        self.arena[id].op
    }

    /// What it does it to.
    #[inline]
    pub fn operands(&self, id: NodeId) -> &[NodeId] {
        self.arena[id].operands.as_slice(&self.operand_pool)
    }

    /// Its operands, owned, so that the graph may grow meanwhile.
    #[inline]
    pub fn operands_vec(&self, id: NodeId) -> SmallVec<[NodeId; 4]> {
        SmallVec::from_slice(self.operands(id))
    }

    /// The type of its value.
    #[inline]
    pub fn ty(&self, id: NodeId) -> &Type {
        &self.types[self.arena[id].ty]
    }

    /// The interned type: equal ids are equal types.
    #[inline]
    pub fn type_id(&self, id: NodeId) -> TypeId {
        self.arena[id].ty
    }

    /// The extents of a tensor node.
    ///
    /// # Panics
    /// On a tuple or record.
    #[inline]
    pub fn shape(&self, id: NodeId) -> &Axes {
        &self.ty(id).as_tensor().expect("a tensor node").shape
    }

    /// The parameters, in order.
    pub fn params(&self) -> &[Param] {
        &self.params
    }

    /// The literal of a constant node.
    #[inline]
    pub fn literal(&self, id: NodeId) -> Option<&Literal> {
        match self.op(id) {
            Op::Const(literal) => Some(&self.literals[literal]),
            _ => None,
        }
    }

    /// The functions that nodes may call, in the order they were added.
    pub fn functions(&self) -> &[Arc<Function>] {
        &self.functions
    }

    /// Adds a function to call. A function equal to one that is there gets its id; a different one of the same name
    /// gets a numbered name.
    pub fn add_function(&mut self, function: &Arc<Function>) -> Id<Function> {
        let Some(&at) = self.function_names.get(function.name()) else {
            return self.push_function(Arc::clone(function));
        };
        if self.functions[at] == *function {
            return Id::new(at);
        }
        for n in 1.. {
            let name = format!("{}_{n}", function.name());
            match self.function_names.get(&*name) {
                None => return self.push_function(Arc::new(function.renamed(&name))),
                Some(&at) if self.functions[at].same_but_for_name(function) => return Id::new(at),
                Some(_) => {}
            }
        }
        unreachable!("some number is free")
    }

    fn push_function(&mut self, function: Arc<Function>) -> Id<Function> {
        self.function_names.insert(function.name().into(), self.functions.len());
        self.functions.push(function);
        Id::new(self.functions.len() - 1)
    }

    /// Nodes made from now on come from `origin`, until the next call.
    pub fn set_origin(&mut self, origin: Origin) {
        self.origins.set(origin);
    }

    /// Nodes made from now on serve this derivative, until the next call; label and line are those of the primal.
    pub fn set_derived(&mut self, derived: Derived) {
        self.origins.set_derived(derived);
    }

    /// Nodes made from now on come from this line of the user.
    pub fn set_site(&mut self, site: Site) {
        self.origins.set_site(site);
    }

    /// Where a node comes from.
    pub fn origin(&self, id: NodeId) -> Origin {
        self.origins.of(id, self.arena.order())
    }

    /// Which derivative a node serves, if any.
    pub fn derived(&self, id: NodeId) -> Option<Derived> {
        self.origins.derived(id, self.arena.order())
    }

    /// Names a node, for printing beside it.
    pub fn set_label(&mut self, id: NodeId, label: &str) {
        let origin = Origin { label: Some(label.into()), ..self.origin(id) };
        self.origins.replace(id, origin);
    }

    /// Bytes held by nodes and side tables, spare capacity included.
    pub fn bytes(&self) -> usize {
        let pools = self.types.bytes() + self.literals.bytes() + self.shapes.bytes();
        self.arena.bytes()
            + self.operand_pool.capacity() * size_of::<NodeId>()
            + self.interned.bytes()
            + self.origins.bytes()
            + pools
    }
}

/// The key by which a node is found.
fn identity(op: Op, operands: &[NodeId]) -> Key {
    let newest = operands.iter().map(|x| x.index() as u32).max();
    Key { hash: fold(hash(&(op, operands))), newest }
}

impl Operands {
    #[inline]
    fn as_slice<'a>(&'a self, pool: &'a [NodeId]) -> &'a [NodeId] {
        match self {
            Operands::Inline(pair) => match pair {
                [x, _] if x.is_none() => &[],
                [_, y] if y.is_none() => &pair[..1],
                [_, _] => pair,
            },
            Operands::Pooled { start, len } => &pool[*start as usize..][..*len as usize],
        }
    }
}

macro_rules! pools {
    ($($pool:ident: $ty:ty, $intern:ident;)*) => {
        impl Graph {
            $( #[doc = concat!("Interns an attribute of the kind `", stringify!($ty), "`.")]
            pub fn $intern(&mut self, value: $ty) -> Id<$ty> { self.$pool.intern(value) } )*
        }
        $( impl Index<Id<$ty>> for Graph {
            type Output = $ty;
            fn index(&self, id: Id<$ty>) -> &$ty { &self.$pool[id] }
        } )*
    };
}

pools! {
    types: Type, intern_type;
    literals: Literal, intern_literal;
    shapes: Axes, intern_axes;
    broadcasts: BroadcastSpec, intern_broadcast;
    slices: SliceSpec, intern_slice;
    pads: PadSpec, intern_pad;
    iotas: IotaSpec, intern_iota;
    gathers: GatherSpec, intern_gather;
    cumulates: CumulateSpec, intern_cumulate;
    sorts: SortSpec, intern_sort;
    dots: DotSpec, intern_dot;
    convs: ConvSpec, intern_conv;
    windows: WindowSpec, intern_window;
    fields: Arc<[Arc<str>]>, intern_fields;
}

impl Index<Id<Function>> for Graph {
    type Output = Arc<Function>;
    fn index(&self, id: Id<Function>) -> &Arc<Function> {
        &self.functions[id.index()]
    }
}

/// Whether an attribute id is one of this graph's.
pub(crate) fn has_attributes(g: &Graph, op: Op) -> bool {
    match op {
        Op::Const(id) => g.literals.get(id).is_some(),
        Op::Iota(id) => g.iotas.get(id).is_some(),
        Op::Broadcast(id) => g.broadcasts.get(id).is_some(),
        Op::Reshape(id) | Op::Permute(id) | Op::Reverse(id) | Op::Reduce(_, id) => g.shapes.get(id).is_some(),
        Op::Slice(id) => g.slices.get(id).is_some(),
        Op::Pad(id) => g.pads.get(id).is_some(),
        Op::Gather(id) | Op::Scatter(_, id) => g.gathers.get(id).is_some(),
        Op::Cumulate(_, id) => g.cumulates.get(id).is_some(),
        Op::Sort(id) => g.sorts.get(id).is_some(),
        Op::Dot(id) => g.dots.get(id).is_some(),
        Op::Conv(id) => g.convs.get(id).is_some(),
        Op::ReduceWindow(_, id) => g.windows.get(id).is_some(),
        Op::Record(id) => g.fields.get(id).is_some(),
        Op::Call(id) => id.index() < g.functions.len(),
        Op::Param(_) | Op::Unary(_) | Op::Nth(..) | Op::Binary(_) | Op::Compare(_) | Op::Logic(_) | Op::Select => true,
        Op::Integer(_) | Op::Test(_) | Op::Bitcast(_) => true,
        Op::Linalg(_) | Op::TriangularSolve(_) => true,
        Op::Cast(_) | Op::Concat(_) | Op::Tuple | Op::Get(_) => true,
    }
}

#[cfg(test)]
mod tests;
