//! Tests that span crates.

mod absent;
mod batching;
mod cases;
mod closure;
mod conventions;
mod growth;
mod limits;
mod linalg;
mod manifest;
mod mixed;
mod orders;
mod random;
mod rulebook;
mod rules;
mod slices;
mod sparse;
mod tails;
mod tensor_conventions;
mod witness;
mod wrong;
