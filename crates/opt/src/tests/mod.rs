//! Every rule of the table, against a witness that knows no rules.

mod eval;

mod algebra;
mod driver;
mod equations;
mod facts;
mod instances;
mod integers;
mod stack;
mod values;
