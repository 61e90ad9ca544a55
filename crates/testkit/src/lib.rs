//! What the tests share: [`case`] runs case files, [`sample`] has a function for every op, [`random`] makes programs.

pub mod case;
pub mod random;
pub mod sample;
