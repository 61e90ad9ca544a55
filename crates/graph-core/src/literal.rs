//! Constants inside a graph. Equality and hashing go by bits, so `0.0` and `-0.0` differ and NaN equals itself.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use crate::ty::{DType, Shape, TensorType};

/// Elements of one kind. Equality is that of numbers: NaN differs from itself.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "one variant a dtype")]
pub enum Buffer {
    F64(Vec<f64>),
    F32(Vec<f32>),
    I64(Vec<i64>),
    Bool(Vec<bool>),
}

impl Buffer {
    /// Kind of the elements.
    pub fn dtype(&self) -> DType {
        match self {
            Buffer::F64(_) => DType::F64,
            Buffer::F32(_) => DType::F32,
            Buffer::I64(_) => DType::I64,
            Buffer::Bool(_) => DType::Bool,
        }
    }

    /// Number of elements.
    pub fn len(&self) -> usize {
        match self {
            Buffer::F64(v) => v.len(),
            Buffer::F32(v) => v.len(),
            Buffer::I64(v) => v.len(),
            Buffer::Bool(v) => v.len(),
        }
    }

    /// Whether there are no elements.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// One element.
    pub fn get(&self, index: usize) -> Scalar {
        match self {
            Buffer::F64(v) => Scalar::F64(v[index]),
            Buffer::F32(v) => Scalar::F32(v[index]),
            Buffer::I64(v) => Scalar::I64(v[index]),
            Buffer::Bool(v) => Scalar::Bool(v[index]),
        }
    }

    /// Collects scalars of one kind; others are converted as [`Scalar::cast`] does.
    pub fn collect(dtype: DType, scalars: impl Iterator<Item = Scalar>) -> Buffer {
        match dtype {
            DType::F64 => Buffer::F64(scalars.map(|s| s.as_f64()).collect()),
            DType::F32 => Buffer::F32(scalars.map(|s| s.as_f64() as f32).collect()),
            DType::I64 => Buffer::I64(scalars.map(|s| s.as_i64()).collect()),
            DType::Bool => Buffer::Bool(scalars.map(|s| s.as_bool()).collect()),
        }
    }
}

/// One element.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "one variant a dtype")]
pub enum Scalar {
    F64(f64),
    F32(f32),
    I64(i64),
    Bool(bool),
}

impl Scalar {
    /// Kind of the element.
    pub fn dtype(self) -> DType {
        match self {
            Scalar::F64(_) => DType::F64,
            Scalar::F32(_) => DType::F32,
            Scalar::I64(_) => DType::I64,
            Scalar::Bool(_) => DType::Bool,
        }
    }

    /// As a real number; `true` is 1.
    pub fn as_f64(self) -> f64 {
        match self {
            Scalar::F64(x) => x,
            Scalar::F32(x) => f64::from(x),
            Scalar::I64(x) => x as f64,
            Scalar::Bool(x) => f64::from(u8::from(x)),
        }
    }

    /// As an integer: truncated, saturating, NaN to 0.
    pub fn as_i64(self) -> i64 {
        match self {
            Scalar::F64(x) => x as i64,
            Scalar::F32(x) => x as i64,
            Scalar::I64(x) => x,
            Scalar::Bool(x) => i64::from(x),
        }
    }

    /// Whether it is not zero (NaN is not zero).
    pub fn as_bool(self) -> bool {
        match self {
            Scalar::F64(x) => x != 0.0,
            Scalar::F32(x) => x != 0.0,
            Scalar::I64(x) => x != 0,
            Scalar::Bool(x) => x,
        }
    }

    /// What the op `cast` does with one element.
    pub fn cast(self, dtype: DType) -> Scalar {
        match dtype {
            DType::F64 => Scalar::F64(self.as_f64()),
            DType::F32 => match self {
                Scalar::I64(x) => Scalar::F32(x as f32),
                other => Scalar::F32(other.as_f64() as f32),
            },
            DType::I64 => Scalar::I64(self.as_i64()),
            DType::Bool => Scalar::Bool(self.as_bool()),
        }
    }

    /// What the op `bitcast` does with one element: the bits of an `f64` as an `i64`, or back. Others stay.
    pub fn bitcast(self) -> Scalar {
        match self {
            Scalar::F64(x) => Scalar::I64(x.to_bits() as i64),
            Scalar::I64(x) => Scalar::F64(f64::from_bits(x as u64)),
            Scalar::F32(_) | Scalar::Bool(_) => self,
        }
    }

    /// Its bits, widened.
    pub fn bits(self) -> u64 {
        match self {
            Scalar::F64(x) => x.to_bits(),
            Scalar::F32(x) => u64::from(x.to_bits()),
            Scalar::I64(x) => x as u64,
            Scalar::Bool(x) => u64::from(x),
        }
    }
}

/// The elements of a literal: one for all, or each.
#[derive(Clone, Debug)]
pub enum Data {
    /// Every element is this one.
    Splat(Scalar),
    /// Row-major elements; at least two different ones.
    Dense(Arc<Buffer>),
}

/// A constant tensor. Splat wherever all elements are equal in bits, so equal constants are equal values.
#[derive(Clone, Debug)]
pub struct Literal {
    /// Kind and shape.
    pub ty: TensorType,
    /// Elements.
    pub data: Data,
}

impl Literal {
    /// Every element is `value`.
    pub fn splat(value: Scalar, shape: Shape) -> Literal {
        Literal { ty: TensorType { dtype: value.dtype(), shape }, data: Data::Splat(value) }
    }

    /// Row-major elements; `None` if their number is not that of the shape.
    pub fn dense(elements: Buffer, shape: Shape) -> Option<Literal> {
        if elements.len() != shape.elements() {
            return None;
        }
        let ty = TensorType { dtype: elements.dtype(), shape };
        let all_equal = (1..elements.len()).all(|i| elements.get(i).bits() == elements.get(0).bits());
        let data = match all_equal && !elements.is_empty() {
            true => Data::Splat(elements.get(0)),
            false => Data::Dense(Arc::new(elements)),
        };
        Some(Literal { ty, data })
    }

    /// The element at a row-major position.
    pub fn get(&self, index: usize) -> Scalar {
        match &self.data {
            Data::Splat(value) => *value,
            Data::Dense(elements) => elements.get(index),
        }
    }

    /// The common element, if all are equal.
    pub fn as_splat(&self) -> Option<Scalar> {
        match &self.data {
            Data::Splat(value) => Some(*value),
            Data::Dense(_) => None,
        }
    }

    fn key(&self) -> (&TensorType, bool, usize) {
        match &self.data {
            Data::Splat(_) => (&self.ty, true, 1),
            Data::Dense(elements) => (&self.ty, false, elements.len()),
        }
    }
}

impl PartialEq for Literal {
    fn eq(&self, other: &Literal) -> bool {
        self.key() == other.key() && (0..self.key().2).all(|i| self.get(i).bits() == other.get(i).bits())
    }
}
impl Eq for Literal {}
impl Hash for Literal {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let key = self.key();
        key.hash(state);
        (0..key.2).for_each(|i| self.get(i).bits().hash(state));
    }
}
