//! Tests that span crates.

mod cases;
mod closure;
mod conventions;
mod limits;
mod manifest;
mod properties;
