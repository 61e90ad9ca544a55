//! Interning: equal values behind equal small ids.

use std::fmt;
use std::hash::{BuildHasher, Hash, Hasher};
use std::marker::PhantomData;

use hashbrown::HashTable;
use rustc_hash::FxBuildHasher;

/// The id of an interned `T` of one graph.
pub struct Id<T>(u32, PhantomData<fn() -> T>);

impl<T> Id<T> {
    pub(crate) fn new(index: usize) -> Id<T> {
        Id(u32::try_from(index).expect("fewer than 2^32 interned values"), PhantomData)
    }

    /// Position in the order of interning, from 0.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

impl<T> Clone for Id<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Id<T> {}
impl<T> PartialEq for Id<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<T> Eq for Id<T> {}
impl<T> Hash for Id<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}
impl<T> fmt::Debug for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0)
    }
}

/// The hash used for look-up everywhere in this crate.
pub(crate) fn hash<K: Hash + ?Sized>(key: &K) -> u64 {
    FxBuildHasher.hash_one(key)
}

/// A set of distinct values, each with an id.
#[derive(Clone)]
pub(crate) struct Pool<T> {
    values: Vec<T>,
    table: HashTable<u32>,
}

impl<T> Default for Pool<T> {
    fn default() -> Self {
        Pool { values: Vec::new(), table: HashTable::new() }
    }
}

impl<T> fmt::Debug for Pool<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pool({})", self.values.len())
    }
}

impl<T: Hash + Eq> Pool<T> {
    pub fn intern(&mut self, value: T) -> Id<T> {
        let h = hash(&value);
        if let Some(&at) = self.table.find(h, |&at| self.values[at as usize] == value) {
            return Id(at, PhantomData);
        }
        let id = Id::new(self.values.len());
        self.values.push(value);
        self.table.insert_unique(h, id.0, |&at| hash(&self.values[at as usize]));
        id
    }

    pub fn get(&self, id: Id<T>) -> Option<&T> {
        self.values.get(id.index())
    }

    pub fn bytes(&self) -> usize {
        self.values.capacity() * size_of::<T>() + self.table.capacity() * 5
    }
}

impl<T> std::ops::Index<Id<T>> for Pool<T> {
    type Output = T;
    fn index(&self, id: Id<T>) -> &T {
        &self.values[id.index()]
    }
}
