//! Tests that span crates.

mod cases;
mod closure;
mod limits;
mod manifest;
mod properties;
