//! Tests that span crates.

mod batching;
mod cases;
mod closure;
mod conventions;
mod limits;
mod manifest;
mod properties;
