//! Structures taken apart: the form that all of them share, with a leaf type of one's choice.

use std::sync::Arc;

use graph_core::{Misfit, Type, path};

use super::Structure;

/// A structure with leaves `L`, as graphs and values have it: positional parts, named parts, leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tree<L> {
    /// One number, tensor or expression.
    Leaf(L),
    /// Parts of a tuple, array, vector or tuple struct.
    Tuple(Vec<Tree<L>>),
    /// Fields of a struct, entries of a map.
    Record(Fields<L>),
}

/// Parts and their names, in order.
pub type Fields<L> = Vec<(Arc<str>, Tree<L>)>;

impl<L> Tree<L> {
    /// Named parts.
    pub fn record<const N: usize>(fields: [(&str, Tree<L>); N]) -> Tree<L> {
        Tree::Record(fields.into_iter().map(|(name, part)| (name.into(), part)).collect())
    }

    /// A variant of an enum without data ([`Type::choice`]).
    pub fn choice(variant: &str) -> Tree<L> {
        Tree::record([(variant, Tree::Tuple(Vec::new()))])
    }

    /// The only leaf.
    ///
    /// # Errors
    /// This is a structure; `expected` says what a leaf is.
    pub fn leaf(self, expected: &str) -> Result<L, Misfit> {
        match self {
            Tree::Leaf(leaf) => Ok(leaf),
            other => Err(Misfit::new(expected, other.kind())),
        }
    }

    /// All positional parts.
    ///
    /// # Errors
    /// This is no tuple.
    pub fn parts(self) -> Result<Vec<Tree<L>>, Misfit> {
        match self {
            Tree::Tuple(parts) => Ok(parts),
            other => Err(Misfit::new("a tuple", other.kind())),
        }
    }

    /// All named parts.
    ///
    /// # Errors
    /// This is no record.
    pub fn fields(self) -> Result<Fields<L>, Misfit> {
        match self {
            Tree::Record(fields) => Ok(fields),
            other => Err(Misfit::new("a record", other.kind())),
        }
    }

    /// As many positional parts, to be taken one by one.
    ///
    /// # Errors
    /// This is no tuple of so many parts.
    pub fn take_parts(self, count: usize) -> Result<Parts<L>, Misfit> {
        match self {
            Tree::Tuple(parts) if parts.len() == count => {
                let steps = (0..count).map(path::index);
                Ok(Parts(steps.zip(parts).collect::<Vec<_>>().into_iter()))
            }
            other => Err(Misfit::new(path::parts_in_words(count), other.kind())),
        }
    }

    /// The fields of these names in this order, to be taken one by one.
    ///
    /// # Errors
    /// This is no record of these fields.
    pub fn take_fields(self, names: &[&str]) -> Result<Parts<L>, Misfit> {
        let Tree::Record(fields) = self else {
            return Err(Misfit::new(path::fields_in_words(names.iter().copied()), self.kind()));
        };
        let found: Vec<&str> = fields.iter().map(|(name, _)| &**name).collect();
        path::fit_names(names, &found)?;
        Ok(Parts(fields.into_iter().map(|(name, part)| (path::field(&name), part)).collect::<Vec<_>>().into_iter()))
    }

    /// The position of the variant chosen among these.
    ///
    /// # Errors
    /// This is no choice of one of them.
    pub fn take_choice(self, variants: &[&str]) -> Result<usize, Misfit> {
        let found = match &self {
            Tree::Record(fields) if fields.len() == 1 => variants.iter().position(|variant| **variant == *fields[0].0),
            _ => None,
        };
        found.ok_or_else(|| {
            let variants: Vec<_> = variants.iter().map(|variant| format!("`{variant}`")).collect();
            Misfit::new(variants.join(" or "), self.kind())
        })
    }

    /// The leaves, in order.
    pub fn into_leaves(self) -> Vec<L> {
        let mut leaves = Vec::new();
        let _ = self.try_map(&mut |leaf| {
            leaves.push(leaf);
            Ok::<(), std::convert::Infallible>(())
        });
        leaves
    }

    /// The same structure with other leaves, made in order.
    ///
    /// # Errors
    /// The first of `each`.
    pub fn try_map<M, E>(self, each: &mut impl FnMut(L) -> Result<M, E>) -> Result<Tree<M>, E> {
        Ok(match self {
            Tree::Leaf(leaf) => Tree::Leaf(each(leaf)?),
            Tree::Tuple(parts) => {
                Tree::Tuple(parts.into_iter().map(|part| part.try_map(each)).collect::<Result<_, E>>()?)
            }
            Tree::Record(fields) => {
                let fields = fields.into_iter().map(|(name, part)| Ok((name, part.try_map(each)?)));
                Tree::Record(fields.collect::<Result<_, E>>()?)
            }
        })
    }

    /// The path from here to each leaf, in order.
    pub fn paths(&self) -> Vec<String> {
        let under = |step: String, part: &Tree<L>| part.paths().into_iter().map(move |path| format!("{step}{path}"));
        match self {
            Tree::Leaf(_) => vec![String::new()],
            Tree::Tuple(parts) => {
                parts.iter().enumerate().flat_map(|(at, part)| under(path::index(at), part)).collect()
            }
            Tree::Record(fields) => fields.iter().flat_map(|(name, part)| under(path::field(name), part)).collect(),
        }
    }

    fn kind(&self) -> String {
        match self {
            Tree::Leaf(_) => "one value".to_string(),
            Tree::Tuple(parts) => path::parts_in_words(parts.len()),
            Tree::Record(fields) => match &fields[..] {
                [(name, Tree::Tuple(parts))] if parts.is_empty() => format!("`{name}`"),
                _ => path::fields_in_words(fields.iter().map(|(name, _)| &**name)),
            },
        }
    }
}

impl Tree<Type> {
    /// The type of the whole.
    pub fn into_type(self) -> Type {
        match self {
            Tree::Leaf(ty) => ty,
            Tree::Tuple(parts) => Type::tuple(parts.into_iter().map(Tree::into_type)),
            Tree::Record(fields) => Type::record(fields.into_iter().map(|(name, part)| (name, part.into_type()))),
        }
    }
}

/// Parts of a structure, to be taken one by one, with their paths.
#[derive(Clone, Debug)]
pub struct Parts<L>(std::vec::IntoIter<(String, Tree<L>)>);

impl<L> Parts<L> {
    /// The next part.
    ///
    /// # Errors
    /// It is not of this structure; or there is none, which whoever asked for the right number does not meet.
    pub fn take<S: Structure<L>>(&mut self) -> Result<S, Misfit> {
        let (step, part) = self.0.next().ok_or_else(|| Misfit::new("a further part", "none"))?;
        S::from_tree(part).map_err(|misfit| misfit.within(&step))
    }
}
