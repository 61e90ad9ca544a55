//! Fits the nonlinear regression problems of NIST from formulas given as text, with exact derivatives from one compiled
//! program.
//!
//! Reading order: [`dataset`] reads a file, [`notation`] its model, [`model`] compiles the residuals with their first and
//! second derivatives, [`mod@fit`] minimises, [`compare`] counts the digits that agree, [`report`] prints.

pub mod archive;
pub mod compare;
pub mod dataset;
pub mod deviation;
pub mod fit;
pub mod model;
pub mod notation;
pub mod report;
pub mod sum;
pub mod trust;
