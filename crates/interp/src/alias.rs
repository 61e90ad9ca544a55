//! Which buffer each tensor of each node's value lies in.
//!
//! A value is a list of views, one a leaf of its type, each contiguous in one buffer. Structures, parts of structures,
//! reshapes, contiguous slices and conversions that change no cell make no buffer: they are other views of their
//! operand's. Everything else makes one buffer a leaf.

use graph_core::smallvec::SmallVec;
use graph_core::{DType, Graph, NodeId, Op, TensorType, Type};

use crate::run::movement;

/// Views of all nodes together; structures of structures of many parts could have more than memory holds.
const MAX_VIEWS: usize = crate::MAX_BYTES / size_of::<View>();

/// A contiguous piece of a buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    /// The buffer.
    pub buffer: u32,
    /// Its first cell in the buffer.
    pub offset: u32,
}

/// The views of all nodes of a graph.
pub struct Aliases {
    /// Length of each buffer in cells.
    pub buffers: Vec<u32>,
    pool: Vec<View>,
    ranges: Vec<(u32, u32)>,
    makes: Vec<bool>,
}

/// So many cells are beyond the limit on memory.
pub struct TooLarge {
    /// The cells that would be needed.
    pub cells: usize,
}

impl Aliases {
    /// Resolves all nodes, oldest first. Only tensors of at most `max_cells` cells are accepted.
    pub fn of(g: &Graph, max_cells: usize) -> Result<Aliases, TooLarge> {
        let n = g.len();
        let mut aliases = Aliases {
            buffers: Vec::with_capacity(n),
            pool: Vec::with_capacity(n),
            ranges: Vec::with_capacity(n),
            makes: Vec::with_capacity(n),
        };
        let mut parts = Parts::default();
        for &id in g.nodes() {
            aliases.resolve(g, id, max_cells, &mut parts)?;
        }
        Ok(aliases)
    }

    /// The views of a node's value, leaf by leaf.
    pub fn views(&self, id: NodeId) -> &[View] {
        let (start, len) = self.ranges[id.index()];
        &self.pool[start as usize..][..len as usize]
    }

    /// Whether the node makes buffers of its own, so that something must be executed (or stored beforehand) for it.
    pub fn makes(&self, id: NodeId) -> bool {
        self.makes[id.index()]
    }

    fn resolve(&mut self, g: &Graph, id: NodeId, max_cells: usize, parts: &mut Parts) -> Result<(), TooLarge> {
        let operands = g.operands(id);
        let range = match g.op(id) {
            Op::Tuple | Op::Record(_) => Some(self.join(operands)),
            Op::Get(index) => Some(self.part(operands[0], parts.of(g, operands[0]), index as usize)),
            // cells hold the bits of both kinds
            Op::Bitcast(_) => Some(self.ranges[operands[0].index()]),
            Op::Reshape(_) => Some(self.ranges[operands[0].index()]),
            Op::Cast(to) if keeps_cells(tensor(g, operands[0]).dtype, to) => Some(self.ranges[operands[0].index()]),
            Op::Broadcast(_) | Op::Permute(_) | Op::Slice(_) | Op::Reverse(_) => self.window(g, id),
            Op::Param(_) | Op::Const(_) | Op::Iota(_) | Op::Unary(_) | Op::Nth(..) | Op::Binary(_) => None,
            Op::Compare(_) | Op::Logic(_) | Op::Select | Op::Cast(_) | Op::Pad(_) | Op::Concat(_) => None,
            Op::Gather(_) | Op::Scatter(..) => None,
            Op::Cumulate(..) | Op::Sort(_) => None,
            Op::Integer(_) | Op::Test(_) => None,
            Op::Reduce(..) | Op::Dot(_) | Op::Call(_) => None,
            Op::Conv(_) | Op::ReduceWindow(..) => None,
            Op::Linalg(_) | Op::TriangularSolve(_) => None,
        };
        self.makes.push(range.is_none());
        let range = match range {
            Some(range) => range,
            None => self.make(g.ty(id), max_cells)?,
        };
        self.ranges.push(range);
        match self.pool.len() <= MAX_VIEWS {
            true => Ok(()),
            false => Err(TooLarge { cells: self.pool.len() }),
        }
    }

    fn make(&mut self, ty: &Type, max_cells: usize) -> Result<(u32, u32), TooLarge> {
        match ty {
            Type::Tensor(t) => self.make_one(t, max_cells),
            Type::Tuple(_) | Type::Record(_) => {
                let start = self.pool.len() as u32;
                for leaf in ty.leaves() {
                    self.make_one(leaf, max_cells)?;
                }
                Ok((start, self.pool.len() as u32 - start))
            }
        }
    }

    fn make_one(&mut self, t: &TensorType, max_cells: usize) -> Result<(u32, u32), TooLarge> {
        let cells = t.shape.elements();
        if cells > max_cells {
            return Err(TooLarge { cells });
        }
        let view = View { buffer: self.buffers.len() as u32, offset: 0 };
        self.buffers.push(cells as u32);
        self.pool.push(view);
        Ok((self.pool.len() as u32 - 1, 1))
    }

    fn join(&mut self, operands: &[NodeId]) -> (u32, u32) {
        let start = self.pool.len() as u32;
        for x in operands {
            let (from, len) = self.ranges[x.index()];
            self.pool.extend_from_within(from as usize..(from + len) as usize);
        }
        (start, self.pool.len() as u32 - start)
    }

    fn part(&self, whole: NodeId, ends: &[u32], index: usize) -> (u32, u32) {
        let (start, _) = self.ranges[whole.index()];
        let before = if index == 0 { 0 } else { ends[index - 1] };
        (start + before, ends[index] - before)
    }

    /// The view of an op that moves elements, if they lie in its operand as it wants them.
    fn window(&mut self, g: &Graph, id: NodeId) -> Option<(u32, u32)> {
        let [from, _] = movement::geometry(g, id).contiguous()?.0;
        let x = self.views(g.operands(id)[0])[0];
        self.pool.push(View { offset: x.offset + from as u32, ..x });
        Some((self.pool.len() as u32 - 1, 1))
    }
}

/// The tensor type of a node that inference knows to be a tensor.
pub fn tensor(g: &Graph, id: NodeId) -> &TensorType {
    g.ty(id).as_tensor().expect("inference admits tensors here")
}

/// Whether a conversion leaves every cell as it is.
fn keeps_cells(from: DType, to: DType) -> bool {
    from == to || matches!((from, to), (DType::F32, DType::F64) | (DType::Bool, DType::I64))
}

/// For each structure type, how many leaves its parts up to each one have.
#[derive(Default)]
struct Parts(Vec<Option<Box<[u32]>>>);

impl Parts {
    fn of(&mut self, g: &Graph, id: NodeId) -> &[u32] {
        let key = g.type_id(id).index();
        if self.0.len() <= key {
            self.0.resize(key + 1, None);
        }
        self.0[key].get_or_insert_with(|| ends(g.ty(id)))
    }
}

fn ends(ty: &Type) -> Box<[u32]> {
    let counts: SmallVec<[u32; 8]> =
        (0..ty.parts()).filter_map(|i| ty.part(i)).map(|t| t.leaves().len() as u32).collect();
    let sums = counts.iter().scan(0, |sum, count| {
        *sum += count;
        Some(*sum)
    });
    sums.collect()
}
