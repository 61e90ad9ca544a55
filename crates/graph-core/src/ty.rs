//! Types: tensors of static shape, tuples and records.
//!
//! A type is a value. Inside a graph it is interned behind [`TypeId`], so that comparing the types of two nodes is
//! comparing two integers. Structures may nest at most [`MAX_NESTING`] deep; the constructors of [`Type`] keep that,
//! so no walk over a type needs care about the call stack.

use std::fmt;
use std::sync::Arc;

use smallvec::SmallVec;

use crate::error::Error;

/// Deepest nesting of tuples and records in a type.
pub const MAX_NESTING: usize = 64;

/// Most parts of a type, those of its parts included, so that a type built from shared halves cannot outgrow its text.
pub const MAX_PARTS: usize = 1 << 16;

/// Largest number of elements of one tensor.
pub const MAX_ELEMENTS: usize = 1 << 40;

/// Largest rank of a tensor.
pub const MAX_RANK: usize = 32;

/// The kind of a tensor's elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DType {
    /// IEEE binary64.
    F64,
    /// IEEE binary32.
    F32,
    /// Two's complement, wrapping.
    I64,
    /// `true` or `false`.
    Bool,
}

impl DType {
    /// Every dtype, in text order.
    pub const ALL: [DType; 4] = [DType::F64, DType::F32, DType::I64, DType::Bool];

    /// Its name in text.
    pub fn name(self) -> &'static str {
        match self {
            DType::F64 => "f64",
            DType::F32 => "f32",
            DType::I64 => "i64",
            DType::Bool => "bool",
        }
    }

    /// Whether derivatives with respect to such elements exist.
    pub fn is_float(self) -> bool {
        matches!(self, DType::F64 | DType::F32)
    }

    /// Size of an element in bytes.
    pub fn bytes(self) -> usize {
        match self {
            DType::F64 | DType::I64 => 8,
            DType::F32 => 4,
            DType::Bool => 1,
        }
    }
}

/// The extents of a tensor, outermost first; empty for a scalar.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Shape(SmallVec<[usize; 4]>);

impl Shape {
    /// The shape of a scalar.
    pub fn scalar() -> Shape {
        Shape::default()
    }

    /// A shape with these extents.
    pub fn new(extents: &[usize]) -> Shape {
        Shape(SmallVec::from_slice(extents))
    }

    /// Number of axes.
    pub fn rank(&self) -> usize {
        self.0.len()
    }

    /// Number of elements.
    pub fn elements(&self) -> usize {
        self.0.iter().product()
    }

    /// Row-major strides, in elements.
    pub fn strides(&self) -> SmallVec<[usize; 4]> {
        let mut strides = SmallVec::from_elem(1, self.rank());
        for axis in (1..self.rank()).rev() {
            strides[axis - 1] = strides[axis] * self.0[axis];
        }
        strides
    }

    /// The position along each axis of the element at a row-major place.
    pub fn unravel(&self, place: usize) -> SmallVec<[usize; 4]> {
        let mut rest = place;
        let mut position = SmallVec::from_elem(0, self.rank());
        for axis in (0..self.rank()).rev() {
            position[axis] = rest % self.0[axis];
            rest /= self.0[axis];
        }
        position
    }

    /// Whether rank and number of elements are within the limits.
    pub fn check(&self) -> Result<(), Error> {
        let elements = self.0.iter().try_fold(1usize, |n, &e| n.checked_mul(e.max(1)));
        match elements {
            _ if self.rank() > MAX_RANK => Err(Error::limit("rank of a tensor", MAX_RANK)),
            Some(n) if n <= MAX_ELEMENTS => Ok(()),
            _ => Err(Error::limit("elements of a tensor", MAX_ELEMENTS)),
        }
    }
}

impl std::ops::Deref for Shape {
    type Target = [usize];
    fn deref(&self) -> &[usize] {
        &self.0
    }
}

impl FromIterator<usize> for Shape {
    fn from_iter<I: IntoIterator<Item = usize>>(iter: I) -> Shape {
        Shape(iter.into_iter().collect())
    }
}

/// Element kind and shape of one tensor.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TensorType {
    /// Kind of the elements.
    pub dtype: DType,
    /// Extents.
    pub shape: Shape,
}

/// The type of a node, a parameter or a result.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Type {
    /// A tensor; a scalar is a tensor of rank 0.
    Tensor(TensorType),
    /// Positional parts.
    Tuple(Arc<[Type]>),
    /// Named parts, in the order given.
    Record(Arc<[(Arc<str>, Type)]>),
}

impl Type {
    /// A tensor type.
    pub fn tensor(dtype: DType, extents: &[usize]) -> Type {
        Type::Tensor(TensorType { dtype, shape: Shape::new(extents) })
    }

    /// The type of a real scalar.
    pub fn f64() -> Type {
        Type::tensor(DType::F64, &[])
    }

    /// A tuple of these parts.
    pub fn tuple(parts: impl IntoIterator<Item = Type>) -> Type {
        Type::Tuple(parts.into_iter().collect())
    }

    /// A record with these fields.
    pub fn record<N: Into<Arc<str>>>(fields: impl IntoIterator<Item = (N, Type)>) -> Type {
        Type::Record(fields.into_iter().map(|(name, ty)| (name.into(), ty)).collect())
    }

    /// The tensor type, unless this is a structure.
    pub fn as_tensor(&self) -> Option<&TensorType> {
        match self {
            Type::Tensor(t) => Some(t),
            Type::Tuple(_) | Type::Record(_) => None,
        }
    }

    /// Number of immediate parts of a structure; 0 for a tensor.
    pub fn parts(&self) -> usize {
        match self {
            Type::Tensor(_) => 0,
            Type::Tuple(parts) => parts.len(),
            Type::Record(fields) => fields.len(),
        }
    }

    /// The type of an immediate part.
    pub fn part(&self, index: usize) -> Option<&Type> {
        match self {
            Type::Tensor(_) => None,
            Type::Tuple(parts) => parts.get(index),
            Type::Record(fields) => fields.get(index).map(|(_, ty)| ty),
        }
    }

    /// The tensors inside, depth first.
    pub fn leaves(&self) -> Vec<&TensorType> {
        let mut leaves = Vec::new();
        let mut stack = vec![self];
        while let Some(ty) = stack.pop() {
            match ty {
                Type::Tensor(t) => leaves.push(t),
                Type::Tuple(parts) => stack.extend(parts.iter().rev()),
                Type::Record(fields) => stack.extend(fields.iter().rev().map(|(_, ty)| ty)),
            }
        }
        leaves
    }

    /// Whether some tensor inside has real elements, so that a derivative with respect to it can exist.
    pub fn has_float(&self) -> bool {
        self.leaves().iter().any(|t| t.dtype.is_float())
    }

    /// The type of a cotangent or tangent: the same structure, with `()` for integers and truth values, which have none.
    pub fn cotangent(&self) -> Type {
        match self {
            Type::Tensor(t) if t.dtype.is_float() => self.clone(),
            Type::Tensor(_) => Type::tuple([]),
            Type::Tuple(parts) => Type::tuple(parts.iter().map(Type::cotangent)),
            Type::Record(fields) => Type::record(fields.iter().map(|(name, ty)| (name.clone(), ty.cotangent()))),
        }
    }

    /// Depth of nesting; 0 for a tensor.
    pub fn depth(&self) -> usize {
        let mut deepest = 0;
        let mut stack = vec![(self, 0)];
        while let Some((ty, depth)) = stack.pop() {
            deepest = deepest.max(depth + usize::from(ty.as_tensor().is_none()));
            stack.extend((0..ty.parts()).filter_map(|i| ty.part(i)).map(|part| (part, depth + 1)));
        }
        deepest
    }

    /// Whether every tensor inside is within the limits, nesting and the number of parts are, and field names are
    /// distinct.
    pub fn check(&self) -> Result<(), Error> {
        let mut parts = 0;
        let mut stack = vec![(self, 0)];
        while let Some((ty, depth)) = stack.pop() {
            parts += ty.parts();
            if parts > MAX_PARTS {
                return Err(Error::limit("parts of a type", MAX_PARTS));
            }
            let inner = depth + 1;
            match ty {
                Type::Tensor(t) => t.shape.check()?,
                Type::Tuple(_) | Type::Record(_) if inner > MAX_NESTING => {
                    return Err(Error::limit("nesting of a type", MAX_NESTING));
                }
                Type::Tuple(parts) => stack.extend(parts.iter().map(|ty| (ty, inner))),
                Type::Record(fields) => {
                    check_names(fields)?;
                    stack.extend(fields.iter().map(|(_, ty)| (ty, inner)));
                }
            }
        }
        Ok(())
    }
}

fn check_names(fields: &[(Arc<str>, Type)]) -> Result<(), Error> {
    let mut names: Vec<_> = fields.iter().map(|(name, _)| name).collect();
    names.sort();
    if let Some(pair) = names.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(Error::Name {
            name: pair[0].to_string(),
            why: "occurs twice in a record; rename one of the fields".into(),
        });
    }
    Ok(())
}

impl From<TensorType> for Type {
    fn from(t: TensorType) -> Type {
        Type::Tensor(t)
    }
}

impl fmt::Display for DType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        crate::text::list(f, "[", self.iter(), ",", "]")
    }
}

impl fmt::Display for TensorType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.shape.rank() {
            0 => write!(f, "{}", self.dtype),
            _ => write!(f, "{}{}", self.dtype, self.shape),
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Type::Tensor(t) => write!(f, "{t}"),
            Type::Tuple(parts) => crate::text::list(f, "(", parts.iter(), ", ", ")"),
            Type::Record(fields) => crate::text::list(
                f,
                "{",
                fields.iter().map(|(name, ty)| format!("{}: {ty}", crate::text::FieldName(name))),
                ", ",
                "}",
            ),
        }
    }
}
