//! Tuples and records.

use std::sync::Arc;

use crate::value::Value;

/// A tuple of these parts.
pub fn tuple(parts: &[&Value]) -> Value {
    Value::Tuple(parts.iter().map(|&part| part.clone()).collect())
}

/// A record of these parts under these names.
pub fn record(names: &[Arc<str>], parts: &[&Value]) -> Value {
    Value::Record(names.iter().cloned().zip(parts.iter().map(|&part| part.clone())).collect())
}

/// An immediate part.
pub fn get(index: usize, x: &Value) -> Value {
    x.part(index).expect("inference admits parts that exist").clone()
}
