//! Emits regions. What only members read lies in cells that every tile uses anew.

use graph_core::smallvec::SmallVec;
use graph_core::{NodeId, Op, walk};
use rustc_hash::{FxHashMap, FxHashSet};

use super::fusion::{Fusion, Steps};
use super::{NEVER, Planner, UNUSED};
use crate::alias::tensor;
use crate::plan::Instruction;
use crate::regions::{ByRows, Tiling, by_rows};
use crate::run::fused::{self, Fused};
use crate::run::movement;
use crate::run::pointwise::compile;
use crate::run::reduce::{self, Reduction};
use crate::run::region::{Member, Part, Region};
use crate::slots::Slots;

/// Least elements of the longest step of a tile.
const LEAST: usize = 256;
/// Tiles are multiples of so many rows, where they can be: those of the widest loops.
const MULTIPLE: usize = 32;

/// A region on its way.
struct Draft {
    tiling: Tiling,
    rows: usize,
    /// Cells of one row of what stays inside.
    inside: Slots,
    /// Where the buffers that stay inside start in a row, and their cells in one.
    places: FxHashMap<u32, (u32, u32)>,
    /// Buffers that hold the same in every tile, where they start among such ones, and their cells in a row.
    kept: FxHashMap<u32, (u32, u32)>,
    kept_cells: usize,
    /// Buffers outside that some member reads otherwise than as a whole and by rows.
    torn: FxHashSet<u32>,
    /// Cells of a row of each buffer outside that goes by rows.
    outside: FxHashMap<u32, usize>,
    longest: usize,
    members: Vec<Draught>,
}

/// A node with its stretches: the result, then the operands.
struct Draught {
    id: NodeId,
    by_rows: ByRows,
    fused: Option<Fused>,
    parts: SmallVec<[Stretch; 5]>,
    /// Whether its result is the same in every tile.
    once: bool,
}

/// Where a stretch lies.
#[derive(Clone, Copy)]
enum Stretch {
    /// In a row of what stays inside, with so many cells.
    Inside(u32, u32),
    /// The same among what is kept from tile to tile.
    Kept(u32, u32),
    /// In the frame.
    Outside(Part),
}

impl Planner<'_> {
    /// Emits members that go by so many rows, the first of which is executed at `time`.
    pub(super) fn region(&mut self, members: &[NodeId], rows: usize, time: u32, tiling: Tiling) {
        let end = time + members.len() as u32;
        let mut draft = Draft {
            tiling,
            rows,
            inside: Slots::of_row(),
            places: FxHashMap::default(),
            kept: FxHashMap::default(),
            kept_cells: 0,
            torn: FxHashSet::default(),
            outside: FxHashMap::default(),
            longest: 1,
            members: Vec::with_capacity(members.len()),
        };
        let fusion = self.fusion(members, time);
        for (time, &id) in (time..).zip(members) {
            if !fusion.is_gone(id) {
                self.draw(&mut draft, id, fusion.steps(id), time, end);
            }
        }
        let tile = draft.tile();
        let inside = (draft.inside.end() + draft.kept_cells) * tile;
        let scratch = self.slots.take(inside);
        self.slots.give(scratch, inside);
        let of_region: Vec<Member> =
            draft.members.iter().map(|member| self.member(&draft, member, tile, scratch)).collect();
        self.step = None;
        let region = Region { members: of_region, rows, tile, inside };
        self.plan.instructions.push(Instruction::Region(Box::new(region)));
        for (at, member) in draft.members.iter().enumerate() {
            self.inner += usize::from(at > 0);
            let parts = fusion.steps(member.id).map_or(&[][..], |steps| &steps.parts);
            self.note(&[parts, &[member.id]].concat());
        }
        for &id in members {
            self.give_unused(id);
            for &x in self.g.operands(id) {
                let last = self.last_use[self.aliases.views(x)[0].buffer as usize];
                if (time..end).contains(&last) {
                    self.give(x, last);
                }
            }
        }
    }

    /// What is done at once; what it reads lives until then.
    fn fusion(&mut self, members: &[NodeId], time: u32) -> Fusion {
        let uses = self.uses.get_or_insert_with(|| walk::use_counts(self.g));
        let end = time + members.len() as u32;
        let stays = |id: NodeId| (time..end).contains(&self.last_use[self.aliases.views(id)[0].buffer as usize]);
        let fusion = Fusion::of_region(self.g, members, |id| uses[id] == 1 && stays(id));
        for &id in members.iter().filter(|&&id| fusion.is_gone(id)) {
            self.last_use[self.aliases.views(id)[0].buffer as usize] = NEVER;
        }
        for (time, id) in (time..).zip(members) {
            let Some(steps) = fusion.steps(*id) else { continue };
            for &x in &steps.operands {
                let last = &mut self.last_use[self.aliases.views(x)[0].buffer as usize];
                if !matches!(*last, NEVER | UNUSED) {
                    *last = (*last).max(time);
                }
            }
        }
        fusion
    }

    /// Finds cells for the result of a member and gives back those inside that its operands no longer need.
    fn draw(&mut self, draft: &mut Draft, id: NodeId, steps: Option<&Steps>, time: u32, end: u32) {
        let by_rows = by_rows(self.g, id).expect("members go by rows");
        let operands = steps.map_or_else(|| self.g.operands(id).iter().copied().collect(), |s| s.operands.clone());
        let mut parts: SmallVec<[Stretch; 5]> =
            operands.iter().map(|&x| self.stretch(draft, x, by_rows.shares)).collect();
        let dies = |buffer: &u32| draft.places.contains_key(buffer) && self.last_use[*buffer as usize] == time;
        let dying: SmallVec<[u32; 4]> =
            operands.iter().map(|&x| self.aliases.views(x)[0].buffer).filter(dies).collect();
        let buffer = self.aliases.views(id)[0].buffer;
        let is_elementwise = !matches!(
            self.g.op(id),
            Op::Broadcast(_) | Op::Permute(_) | Op::Slice(_) | Op::Reverse(_) | Op::Reduce(..)
        );
        let each = tensor(self.g, id).shape.elements() / if by_rows.combines { 1 } else { draft.rows };
        let stays = self.last_use[buffer as usize] < end || self.last_use[buffer as usize] == UNUSED;
        let mut inherited = None;
        // Where it fits into one tile, nothing is done twice.
        let once = stays && by_rows.shares && each * draft.rows > draft.tiling.cells;
        let result = if once {
            let at = draft.kept_cells as u32;
            draft.kept.insert(buffer, (at, each as u32));
            draft.kept_cells += each;
            self.last_use[buffer as usize] = NEVER;
            Stretch::Kept(at, each as u32)
        } else if stays && !by_rows.combines {
            inherited = dying.iter().copied().find(|x| is_elementwise && draft.places[x].1 as usize == each);
            let at = match inherited {
                Some(x) => draft.places[&x].0,
                None => draft.inside.take(each) as u32,
            };
            draft.places.insert(buffer, (at, each as u32));
            Stretch::Inside(at, each as u32)
        } else {
            match self.replaced(draft, id, &operands, time).filter(|_| is_elementwise) {
                Some(x) => {
                    self.places[buffer as usize] = self.places[x as usize];
                    self.last_use[x as usize] = NEVER;
                }
                None => {
                    self.take(buffer);
                }
            }
            self.stretch(draft, id, by_rows.combines)
        };
        parts.insert(0, result);
        for (at, &x) in dying.iter().enumerate() {
            let (start, len) = draft.places[&x];
            if Some(x) != inherited && !dying[..at].contains(&x) {
                draft.inside.give(start as usize, len as usize);
            }
            self.last_use[x as usize] = NEVER;
        }
        if self.last_use[buffer as usize] == UNUSED && draft.places.contains_key(&buffer) {
            draft.inside.give(draft.places[&buffer].0 as usize, each);
            self.last_use[buffer as usize] = NEVER;
        }
        draft.longest = draft.longest.max(if by_rows.combines { 1 } else { each });
        let fused = steps.map(|steps| steps.fused);
        draft.members.push(Draught { id, by_rows, fused, parts, once });
    }

    /// A buffer outside that dies here, of which each tile has read what it may now overwrite.
    fn replaced(&self, draft: &Draft, id: NodeId, operands: &[NodeId], time: u32) -> Option<u32> {
        let mut buffers = operands.iter().map(|&x| self.aliases.views(x)[0].buffer);
        let len = self.aliases.buffers[self.aliases.views(id)[0].buffer as usize] as usize;
        buffers.find(|buffer| {
            let is_read_by_rows = draft.outside.get(buffer) == Some(&(len / draft.rows));
            let is_whole = self.aliases.buffers[*buffer as usize] as usize == len;
            is_read_by_rows && is_whole && !draft.torn.contains(buffer) && self.last_use[*buffer as usize] == time
        })
    }

    /// Where a value lies that is there already.
    fn stretch(&self, draft: &mut Draft, id: NodeId, is_shared: bool) -> Stretch {
        let buffer = self.aliases.views(id)[0].buffer;
        if let Some(&(at, each)) = draft.places.get(&buffer) {
            return Stretch::Inside(at, each);
        }
        if let Some(&(at, each)) = draft.kept.get(&buffer) {
            return Stretch::Kept(at, each);
        }
        let place = self.place(id);
        let each = place.len / draft.rows;
        if !is_shared && self.g.known(id).is_some() {
            // Rows of one number are all alike.
            return Stretch::Outside(Part { at: place.at as u32, step: 0, len: each as u32, is_shared });
        }
        if is_shared || place.len != self.aliases.buffers[buffer as usize] as usize {
            draft.torn.insert(buffer);
        }
        if !is_shared {
            draft.outside.insert(buffer, each);
        }
        Stretch::Outside(match is_shared {
            true => Part { at: place.at as u32, step: 0, len: place.len as u32, is_shared },
            false => Part { at: place.at as u32, step: each as u32, len: each as u32, is_shared },
        })
    }

    fn member(&self, draft: &Draft, member: &Draught, tile: usize, scratch: usize) -> Member {
        let (rows, behind) = (draft.rows, draft.inside.end());
        let g = self.g;
        let inside = |at: usize, len| Part { at: (scratch + at * tile) as u32, step: 0, len, is_shared: false };
        let part = |stretch: &Stretch| match *stretch {
            Stretch::Inside(at, len) => inside(at as usize, len),
            Stretch::Kept(at, len) => inside(behind + at as usize, len),
            Stretch::Outside(part) => part,
        };
        let parts: SmallVec<[Part; 5]> = member.parts.iter().map(part).collect();
        let last = if rows.is_multiple_of(tile) { tile } else { rows % tile };
        match g.op(member.id) {
            Op::Reduce(..) => {
                let geometry = reduce::geometry(g, member.id);
                let loops = [tile, last].map(|count| geometry.first_rows(count, rows));
                let reduction = Box::new((Reduction::of(g, member.id), loops));
                Member::Reduce { reduction, from: parts[1], to: parts[0] }
            }
            Op::Broadcast(_) | Op::Permute(_) | Op::Slice(_) | Op::Reverse(_) => {
                let geometry = movement::geometry(g, member.id);
                let loops = Box::new([tile, last].map(|count| geometry.first_rows(count, rows)));
                Member::Move { once: member.once, loops, from: parts[1], to: parts[0] }
            }
            _ => {
                debug_assert!(!member.by_rows.shares && !member.by_rows.combines, "steps go by rows of all");
                let repeat = member.fused.map_or_else(|| compile(self.step_of(member.id)), fused::compile);
                Member::Step { repeat, each: parts[0].len, parts }
            }
        }
    }
}

impl Draft {
    /// Rows of a tile: as many as fit, enough for a dispatch, and tiles of about one size.
    fn tile(&self) -> usize {
        let row = self.inside.end() + self.kept_cells + self.outside.values().sum::<usize>();
        let fitting = self.tiling.cells / row.max(1);
        let least = LEAST.min(self.tiling.cells).div_ceil(self.longest);
        let tile = fitting.max(least).clamp(1, self.rows);
        if tile > MULTIPLE && tile < self.rows { tile / MULTIPLE * MULTIPLE } else { tile }
    }
}
