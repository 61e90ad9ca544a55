//! Sets of input elements, interned: elements of arrays that depend on the same inputs share one set, and a union that was
//! taken before costs a look-up.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use crate::error::Error;

/// A set among [`Sets`].
pub type SetId = u32;

/// The empty set.
pub const EMPTY: SetId = 0;

/// Most members of all distinct sets together.
pub const MAX_MEMBERS: usize = 1 << 28;

/// All sets that occur.
pub struct Sets {
    all: Vec<Rc<[u32]>>,
    ids: FxHashMap<Rc<[u32]>, SetId>,
    unions: FxHashMap<(SetId, SetId), SetId>,
    members: usize,
}

impl Sets {
    pub fn new() -> Sets {
        let empty: Rc<[u32]> = Rc::new([]);
        Sets {
            all: vec![Rc::clone(&empty)],
            ids: [(empty, EMPTY)].into_iter().collect(),
            unions: FxHashMap::default(),
            members: 0,
        }
    }

    /// The members, ascending.
    pub fn members(&self, id: SetId) -> &[u32] {
        &self.all[id as usize]
    }

    pub fn single(&mut self, member: u32) -> SetId {
        self.intern(vec![member])
    }

    pub fn union(&mut self, a: SetId, b: SetId) -> SetId {
        let (a, b) = (a.min(b), a.max(b));
        if a == EMPTY || a == b {
            return b;
        }
        if let Some(&known) = self.unions.get(&(a, b)) {
            return known;
        }
        let merged = merged(self.members(a), self.members(b));
        let id = self.intern(merged);
        self.unions.insert((a, b), id);
        id
    }

    /// In one step: sets on the way, one for each partial union, would take quadratic memory.
    pub fn union_all(&mut self, sets: impl IntoIterator<Item = SetId>) -> SetId {
        let mut sets: Vec<SetId> = sets.into_iter().collect();
        sets.sort_unstable();
        sets.dedup();
        match sets[..] {
            [] => EMPTY,
            [one] => one,
            [a, b] => self.union(a, b),
            _ => {
                let mut members: Vec<u32> = sets.iter().flat_map(|&set| self.members(set)).copied().collect();
                members.sort_unstable();
                members.dedup();
                self.intern(members)
            }
        }
    }

    /// For each of `total` places, the union of the sets that go there.
    pub fn union_at(&mut self, total: usize, going: impl IntoIterator<Item = (usize, SetId)>) -> Vec<SetId> {
        let mut met: Vec<Vec<SetId>> = vec![Vec::new(); total];
        for (place, set) in going {
            if met[place].last() != Some(&set) {
                met[place].push(set);
            }
        }
        met.into_iter().map(|sets| self.union_all(sets)).collect()
    }

    /// Whether the sets are more than fit.
    pub fn check(&self) -> Result<(), Error> {
        if self.members <= MAX_MEMBERS {
            return Ok(());
        }
        let what = "elements of the dependences of a sparsity pattern".to_string();
        Err(graph_core::Error::Limit { what, limit: MAX_MEMBERS }.into())
    }

    fn intern(&mut self, members: Vec<u32>) -> SetId {
        if let Some(&known) = self.ids.get(&members[..]) {
            return known;
        }
        let id = self.all.len() as SetId;
        self.members += members.len();
        let members: Rc<[u32]> = members.into();
        self.ids.insert(Rc::clone(&members), id);
        self.all.push(members);
        id
    }
}

fn merged(a: &[u32], b: &[u32]) -> Vec<u32> {
    let mut all = Vec::with_capacity(a.len() + b.len());
    let (mut i, mut j) = (0, 0);
    while let (Some(&x), Some(&y)) = (a.get(i), b.get(j)) {
        all.push(x.min(y));
        i += usize::from(x <= y);
        j += usize::from(y <= x);
    }
    all.extend(&a[i..]);
    all.extend(&b[j..]);
    all
}
