//! Structures of the language and its library: numbers, tensors and expressions as leaves, and what holds them.

use std::collections::{BTreeMap, HashMap};
use std::hash::BuildHasher;
use std::sync::Arc;

use graph_core::{Buffer, Misfit, Shape, path};
use interp::Tensor;

use super::{Structure, Tree};
use crate::expr::Expr;

impl Structure<Expr> for Expr {
    type Exprs = Expr;
    fn to_tree(&self) -> Tree<Expr> {
        Tree::Leaf(*self)
    }
    fn from_tree(tree: Tree<Expr>) -> Result<Expr, Misfit> {
        tree.leaf("one expression")
    }
}

impl Structure<Tensor> for Tensor {
    type Exprs = Expr;
    fn to_tree(&self) -> Tree<Tensor> {
        Tree::Leaf(self.clone())
    }
    fn from_tree(tree: Tree<Tensor>) -> Result<Tensor, Misfit> {
        tree.leaf("a tensor")
    }
}

/// A Rust number is a tensor of rank 0 of its dtype. One type of floats and one of integers, so that literals need no
/// suffix; single precision comes as a [`Tensor`].
macro_rules! numbers {
    ($($number:ident $dtype:ident,)*) => { $(
        impl Structure<Tensor> for $number {
            type Exprs = Expr;
            fn to_tree(&self) -> Tree<Tensor> {
                Tree::Leaf(Tensor { shape: Shape::scalar(), data: Buffer::$dtype(vec![*self]) })
            }
            fn from_tree(tree: Tree<Tensor>) -> Result<$number, Misfit> {
                let tensor = tree.leaf(stringify!($number))?;
                match &tensor.data {
                    Buffer::$dtype(elements) if tensor.shape.rank() == 0 => Ok(elements[0]),
                    _ => Err(Misfit::new(stringify!($number), tensor.ty().to_string())),
                }
            }
        }
    )* };
}

numbers! { f64 F64, i64 I64, bool Bool, }

impl<L, S: Structure<L>, const N: usize> Structure<L> for [S; N] {
    type Exprs = [S::Exprs; N];
    fn to_tree(&self) -> Tree<L> {
        Tree::Tuple(self.iter().map(S::to_tree).collect())
    }
    fn from_tree(tree: Tree<L>) -> Result<[S; N], Misfit> {
        let mut parts = tree.take_parts(N)?;
        let all: Vec<S> = (0..N).map(|_| parts.take()).collect::<Result<_, _>>()?;
        all.try_into().map_err(|all: Vec<S>| Misfit::new(path::parts_in_words(N), path::parts_in_words(all.len())))
    }
}

impl<L, S: Structure<L>> Structure<L> for Vec<S> {
    type Exprs = Vec<S::Exprs>;
    fn to_tree(&self) -> Tree<L> {
        Tree::Tuple(self.iter().map(S::to_tree).collect())
    }
    fn from_tree(tree: Tree<L>) -> Result<Vec<S>, Misfit> {
        let part = |(at, part)| S::from_tree(part).map_err(|misfit| misfit.within(&path::index(at)));
        tree.parts()?.into_iter().enumerate().map(part).collect()
    }
}

impl<L, S: Structure<L>> Structure<L> for Box<S> {
    type Exprs = Box<S::Exprs>;
    fn to_tree(&self) -> Tree<L> {
        (**self).to_tree()
    }
    fn from_tree(tree: Tree<L>) -> Result<Box<S>, Misfit> {
        S::from_tree(tree).map(Box::new)
    }
}

impl<L, S: Structure<L>> Structure<L> for BTreeMap<String, S> {
    type Exprs = BTreeMap<String, S::Exprs>;
    fn to_tree(&self) -> Tree<L> {
        Tree::Record(self.iter().map(|(key, part)| (key.as_str().into(), part.to_tree())).collect())
    }
    fn from_tree(tree: Tree<L>) -> Result<Self, Misfit> {
        entries(tree)
    }
}

/// In the order of the keys, so that equal maps are equal structures.
impl<L, S: Structure<L>, H: BuildHasher + Default> Structure<L> for HashMap<String, S, H> {
    type Exprs = HashMap<String, S::Exprs, H>;
    fn to_tree(&self) -> Tree<L> {
        let sorted: BTreeMap<&String, &S> = self.iter().collect();
        Tree::Record(sorted.into_iter().map(|(key, part)| (key.as_str().into(), part.to_tree())).collect())
    }
    fn from_tree(tree: Tree<L>) -> Result<Self, Misfit> {
        entries(tree)
    }
}

fn entries<L, S: Structure<L>, M: FromIterator<(String, S)>>(tree: Tree<L>) -> Result<M, Misfit> {
    let fields = tree.fields()?.into_iter();
    let entry = |(key, part): (Arc<str>, Tree<L>)| match S::from_tree(part) {
        Ok(part) => Ok((String::from(&*key), part)),
        Err(misfit) => Err(misfit.within(&path::field(&key))),
    };
    fields.map(entry).collect()
}

impl<L> Structure<L> for () {
    type Exprs = ();
    fn to_tree(&self) -> Tree<L> {
        Tree::Tuple(Vec::new())
    }
    fn from_tree(tree: Tree<L>) -> Result<(), Misfit> {
        tree.take_parts(0).map(|_| ())
    }
}

macro_rules! tuples {
    ($($count:literal: $($part:ident $index:tt),*;)*) => { $(
        impl<L, $($part: Structure<L>),*> Structure<L> for ($($part,)*) {
            type Exprs = ($($part::Exprs,)*);
            fn to_tree(&self) -> Tree<L> {
                Tree::Tuple(vec![$(self.$index.to_tree()),*])
            }
            fn from_tree(tree: Tree<L>) -> Result<Self, Misfit> {
                let mut parts = tree.take_parts($count)?;
                Ok(($(parts.take::<$part>()?,)*))
            }
        }

        impl<$($part: Structure<Tensor>),*> super::Arguments<$count> for ($(&$part,)*) {
            type Exprs = ($($part::Exprs,)*);
            fn to_trees(&self) -> [Tree<Tensor>; $count] {
                [$(self.$index.to_tree()),*]
            }
        }
    )* };
}

tuples! {
    1: A 0;
    2: A 0, B 1;
    3: A 0, B 1, C 2;
    4: A 0, B 1, C 2, D 3;
    5: A 0, B 1, C 2, D 3, E 4;
    6: A 0, B 1, C 2, D 3, E 4, F 5;
}
