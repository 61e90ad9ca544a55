//! Run-time values: tensors, and tuples and records of them.
//!
//! A tensor holds as many elements as its shape says, row-major; the constructors check it, and so do the executors for
//! arguments whose fields were set by hand.

use std::sync::Arc;

use graph_core::{Buffer, DType, Scalar, Shape, TensorType, Type};

use crate::error::Error;

/// Elements of one kind in a shape, row-major. Equality is that of numbers; [`Tensor::same_bits`] is that of bits.
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor {
    /// Extents, outermost first; none for a scalar.
    pub shape: Shape,
    /// The elements.
    pub data: Buffer,
}

impl Tensor {
    /// A tensor of these elements, whose number must be that of the shape.
    pub fn new(shape: Shape, data: Buffer) -> Result<Tensor, Error> {
        let tensor = Tensor { shape, data };
        tensor.check()?;
        Ok(tensor)
    }

    /// A real scalar.
    pub fn scalar(value: f64) -> Tensor {
        Tensor { shape: Shape::scalar(), data: Buffer::F64(vec![value]) }
    }

    /// A real tensor of these elements, whose number must be that of the shape.
    pub fn f64(shape: &[usize], elements: Vec<f64>) -> Result<Tensor, Error> {
        Tensor::new(Shape::new(shape), Buffer::F64(elements))
    }

    /// Kind and shape.
    pub fn ty(&self) -> TensorType {
        TensorType { dtype: self.data.dtype(), shape: self.shape.clone() }
    }

    /// The only element of a tensor of rank 0, as a real number; `None` for other ranks.
    pub fn as_scalar(&self) -> Option<f64> {
        (self.shape.rank() == 0 && self.data.len() == 1).then(|| self.get(0))
    }

    /// The element at a row-major position, as a real number (`true` is 1).
    ///
    /// # Panics
    /// Beyond the last element.
    pub fn get(&self, index: usize) -> f64 {
        self.data.get(index).as_f64()
    }

    /// All elements as real numbers, row-major.
    pub fn to_f64(&self) -> Vec<f64> {
        self.elements().map(Scalar::as_f64).collect()
    }

    /// All elements, row-major.
    pub fn elements(&self) -> impl Iterator<Item = Scalar> + '_ {
        (0..self.data.len()).map(|i| self.data.get(i))
    }

    /// Same kind, shape and bits; any NaN is the same as any other, as neither hardware nor language fixes its bits.
    pub fn same_bits(&self, other: &Tensor) -> bool {
        self.ty() == other.ty() && self.elements().zip(other.elements()).all(|(x, y)| same_element(x, y))
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        let expected = self.shape.elements();
        match self.data.len() == expected {
            true => Ok(()),
            false => Err(Error::Elements { shape: self.shape.clone(), expected, found: self.data.len() }),
        }
    }

    /// Collects row-major elements of this kind.
    pub(crate) fn collect(dtype: DType, shape: Shape, elements: impl Iterator<Item = Scalar>) -> Tensor {
        Tensor { shape, data: Buffer::collect(dtype, elements) }
    }
}

fn same_element(x: Scalar, y: Scalar) -> bool {
    x.bits() == y.bits() || (x.as_f64().is_nan() && y.as_f64().is_nan())
}

/// An argument or a result.
#[derive(Clone, Debug)]
pub enum Value {
    /// A tensor; a scalar is a tensor of rank 0.
    Tensor(Tensor),
    /// Positional parts.
    Tuple(Vec<Value>),
    /// Named parts, in order.
    Record(Vec<(Arc<str>, Value)>),
}

impl Value {
    /// The type.
    pub fn ty(&self) -> Type {
        match self {
            Value::Tensor(t) => Type::Tensor(t.ty()),
            Value::Tuple(parts) => Type::tuple(parts.iter().map(Value::ty)),
            Value::Record(fields) => Type::record(fields.iter().map(|(name, part)| (Arc::clone(name), part.ty()))),
        }
    }

    /// The tensor, unless this is a structure.
    pub fn as_tensor(&self) -> Option<&Tensor> {
        match self {
            Value::Tensor(t) => Some(t),
            Value::Tuple(_) | Value::Record(_) => None,
        }
    }

    /// The number, if this is a tensor of rank 0.
    pub fn as_scalar(&self) -> Option<f64> {
        self.as_tensor().and_then(Tensor::as_scalar)
    }

    /// An immediate part of a structure.
    pub fn part(&self, index: usize) -> Option<&Value> {
        match self {
            Value::Tensor(_) => None,
            Value::Tuple(parts) => parts.get(index),
            Value::Record(fields) => fields.get(index).map(|(_, part)| part),
        }
    }

    /// The tensors inside, depth first; the order of [`Type::leaves`].
    pub fn leaves(&self) -> Vec<&Tensor> {
        let mut leaves = Vec::new();
        let mut stack = vec![self];
        while let Some(value) = stack.pop() {
            match value {
                Value::Tensor(t) => leaves.push(t),
                Value::Tuple(parts) => stack.extend(parts.iter().rev()),
                Value::Record(fields) => stack.extend(fields.iter().rev().map(|(_, part)| part)),
            }
        }
        leaves
    }

    /// The value of type `ty` with the next tensors of `leaves` inside; `None` if they run out or are of other types.
    pub fn from_leaves(ty: &Type, leaves: &mut impl Iterator<Item = Tensor>) -> Option<Value> {
        match ty {
            Type::Tensor(expected) => leaves.next().filter(|t| t.ty() == *expected).map(Value::Tensor),
            Type::Tuple(parts) => {
                let parts: Option<_> = parts.iter().map(|part| Value::from_leaves(part, leaves)).collect();
                parts.map(Value::Tuple)
            }
            Type::Record(fields) => {
                let field = |(name, part): &(Arc<str>, Type)| {
                    Value::from_leaves(part, leaves).map(|value| (Arc::clone(name), value))
                };
                let fields: Option<_> = fields.iter().map(field).collect();
                fields.map(Value::Record)
            }
        }
    }

    /// Same type and bits, any NaN the same as any other: [`Tensor::same_bits`] for all parts.
    pub fn same_bits(&self, other: &Value) -> bool {
        self.ty() == other.ty() && self.leaves().iter().zip(other.leaves()).all(|(x, y)| x.same_bits(y))
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Value {
        Value::Tensor(Tensor::scalar(value))
    }
}

impl From<Tensor> for Value {
    fn from(tensor: Tensor) -> Value {
        Value::Tensor(tensor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaves_and_structure_round_trip() {
        let part = Value::Tuple(vec![1.0.into(), Value::Tuple(vec![]), 2.0.into()]);
        let value = Value::Record(vec![("a".into(), part), ("b".into(), 3.0.into())]);
        let leaves: Vec<Tensor> = value.leaves().into_iter().cloned().collect();
        assert_eq!(leaves.iter().filter_map(Tensor::as_scalar).collect::<Vec<_>>(), [1.0, 2.0, 3.0]);
        let rebuilt =
            Value::from_leaves(&value.ty(), &mut leaves.clone().into_iter()).expect("the leaves of the value");
        assert!(rebuilt.same_bits(&value));
        assert!(Value::from_leaves(&value.ty(), &mut leaves.into_iter().take(2)).is_none());
    }

    #[test]
    fn zeros_of_different_sign_differ_and_nans_do_not() {
        assert!(!Value::from(0.0).same_bits(&Value::from(-0.0)));
        assert!(Value::from(f64::NAN).same_bits(&Value::from(-f64::NAN)));
    }

    #[test]
    fn the_number_of_elements_is_checked() {
        let wrong = Tensor::f64(&[2, 3], vec![0.0; 5]);
        assert_eq!(wrong.map(|_| ()).map_err(|e| e.code()), Err("elements"));
        assert!(Tensor::f64(&[2, 0], vec![]).is_ok());
    }
}
