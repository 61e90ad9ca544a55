//! The table that finds a node by what it is.
//!
//! Programs use what they have just computed, and so do their derivatives. So an entry stands near the age of its newest
//! operand: a bucket of one cache line for every four ages. Only what does not fit there, the users of a popular node,
//! goes to a hash table. For a graph of 10^6 nodes a general hash table spends half the time of every pass on cache
//! misses and another quarter on growth; here most look-ups touch memory that is at hand.

/// Ages of nodes, by the age of the newest operand (none: a leaf) and a 32-bit hash.
#[derive(Clone, Debug, Default)]
pub(crate) struct InternTable {
    near: Vec<Bucket>,
    far: Far,
}

/// The key of a look-up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Key {
    pub hash: u32,
    pub newest: Option<u32>,
}

/// Entries in order of insertion; 0 is empty.
#[derive(Clone, Debug, Default)]
#[repr(align(64))]
struct Bucket([u64; 8]);

/// Ages that share a bucket, as a power of two.
const AGES_LOG2: u32 = 2;

fn entry(hash: u32, age: u32) -> u64 {
    u64::from(hash) << 32 | u64::from(age + 1)
}

/// The age in an entry, if its hash is this one.
fn age_if(entry: u64, hash: u32) -> Option<u32> {
    ((entry >> 32) as u32 == hash).then(|| (entry as u32).wrapping_sub(1))
}

/// The 32 best bits of a hash: a multiplicative one has its entropy at the top.
pub(crate) fn fold(hash: u64) -> u32 {
    ((hash ^ (hash >> 29)).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32) as u32
}

impl InternTable {
    /// The age for which `is_it` holds among entries of this key.
    pub fn find(&self, key: Key, is_it: impl Fn(u32) -> bool) -> Option<u32> {
        let bucket = key.newest.and_then(|newest| self.near.get((newest >> AGES_LOG2) as usize));
        for &entry in bucket.iter().flat_map(|bucket| &bucket.0) {
            if entry == 0 {
                return None;
            }
            if let Some(age) = age_if(entry, key.hash).filter(|&age| is_it(age)) {
                return Some(age);
            }
        }
        self.far.find(key.hash, is_it)
    }

    /// Adds an entry that is not there.
    pub fn insert(&mut self, key: Key, age: u32) {
        let entry = entry(key.hash, age);
        if let Some(newest) = key.newest {
            let place = (newest >> AGES_LOG2) as usize;
            if place >= self.near.len() {
                self.near.resize(place + 1, Bucket::default());
            }
            if let Some(free) = self.near[place].0.iter_mut().find(|slot| **slot == 0) {
                *free = entry;
                return;
            }
        }
        self.far.insert(entry);
    }

    /// Makes room for nodes up to this number.
    pub fn reserve(&mut self, nodes: usize) {
        let buckets = (nodes >> AGES_LOG2) + 1;
        self.near.reserve(buckets.saturating_sub(self.near.len()));
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        self.near.capacity() * size_of::<Bucket>() + self.far.slots.capacity() * size_of::<u64>()
    }
}

/// Open addressing with linear probing, at most 3/4 full. The home of an entry is given by the leading bits of its hash,
/// so entries stand nearly sorted and growth is one sequential pass.
#[derive(Clone, Debug, Default)]
struct Far {
    /// The length is 0 or a power of two.
    slots: Vec<u64>,
    len: usize,
}

const SMALLEST: usize = 16;

impl Far {
    fn find(&self, hash: u32, is_it: impl Fn(u32) -> bool) -> Option<u32> {
        if self.slots.is_empty() {
            return None;
        }
        let mut at = self.home(hash);
        while self.slots[at] != 0 {
            if let Some(age) = age_if(self.slots[at], hash).filter(|&age| is_it(age)) {
                return Some(age);
            }
            at = (at + 1) & (self.slots.len() - 1);
        }
        None
    }

    fn insert(&mut self, entry: u64) {
        if (self.len + 1) * 4 > self.slots.len() * 3 {
            let doubled = vec![0; (self.slots.len() * 2).max(SMALLEST)];
            let old = std::mem::replace(&mut self.slots, doubled);
            old.into_iter().filter(|&entry| entry != 0).for_each(|entry| self.place(entry));
        }
        self.place(entry);
        self.len += 1;
    }

    fn home(&self, hash: u32) -> usize {
        ((u64::from(hash) * self.slots.len() as u64) >> 32) as usize
    }

    fn place(&mut self, entry: u64) {
        let mut at = self.home((entry >> 32) as u32);
        while self.slots[at] != 0 {
            at = (at + 1) & (self.slots.len() - 1);
        }
        self.slots[at] = entry;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(age: u32) -> Key {
        let hash = [7, u32::MAX, fold(u64::from(age))][age as usize % 3];
        let newest = [None, Some(5), Some(age / 2)][age as usize / 3 % 3];
        Key { hash, newest }
    }

    #[test]
    fn entries_are_found_through_full_buckets_collisions_and_growth() {
        let mut table = InternTable::default();
        for age in 0..5000 {
            assert_eq!(table.find(key(age), |found| found == age), None);
            table.insert(key(age), age);
        }
        for age in 0..5000 {
            assert_eq!(table.find(key(age), |found| found == age), Some(age));
        }
    }
}
