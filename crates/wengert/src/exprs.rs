//! Structures of expressions: what goes in comes out with the same shape.

use std::collections::BTreeMap;

use crate::expr::Expr;

/// An expression, or an array, vector, tuple or string-keyed map of such.
pub trait Exprs {
    /// The expressions inside, in order.
    fn leaves(&self) -> Vec<Expr>;

    /// The same structure with other expressions; `leaves` gives as many as there are.
    fn rebuild(&self, leaves: &mut dyn Iterator<Item = Expr>) -> Self
    where
        Self: Sized;
}

impl Exprs for Expr {
    fn leaves(&self) -> Vec<Expr> {
        vec![*self]
    }
    fn rebuild(&self, leaves: &mut dyn Iterator<Item = Expr>) -> Expr {
        leaves.next().expect("as many leaves as the structure has")
    }
}

impl<T: Exprs, const N: usize> Exprs for [T; N] {
    fn leaves(&self) -> Vec<Expr> {
        self.iter().flat_map(Exprs::leaves).collect()
    }
    fn rebuild(&self, leaves: &mut dyn Iterator<Item = Expr>) -> [T; N] {
        std::array::from_fn(|i| self[i].rebuild(leaves))
    }
}

impl<T: Exprs> Exprs for Vec<T> {
    fn leaves(&self) -> Vec<Expr> {
        self.iter().flat_map(Exprs::leaves).collect()
    }
    fn rebuild(&self, leaves: &mut dyn Iterator<Item = Expr>) -> Vec<T> {
        self.iter().map(|part| part.rebuild(leaves)).collect()
    }
}

impl<T: Exprs> Exprs for BTreeMap<String, T> {
    fn leaves(&self) -> Vec<Expr> {
        self.values().flat_map(Exprs::leaves).collect()
    }
    fn rebuild(&self, leaves: &mut dyn Iterator<Item = Expr>) -> BTreeMap<String, T> {
        self.iter().map(|(name, part)| (name.clone(), part.rebuild(leaves))).collect()
    }
}

macro_rules! tuples {
    ($($($part:ident $index:tt),*;)*) => { $(
        impl<$($part: Exprs),*> Exprs for ($($part,)*) {
            fn leaves(&self) -> Vec<Expr> {
                let mut leaves = Vec::new();
                $( leaves.extend(self.$index.leaves()); )*
                leaves
            }
            fn rebuild(&self, leaves: &mut dyn Iterator<Item = Expr>) -> Self {
                ($( self.$index.rebuild(leaves), )*)
            }
        }
    )* };
}

tuples! {
    A 0;
    A 0, B 1;
    A 0, B 1, C 2;
    A 0, B 1, C 2, D 3;
    A 0, B 1, C 2, D 3, E 4;
    A 0, B 1, C 2, D 3, E 4, F 5;
}
