//! Attributes of `gather` and `scatter`: what is not written has its default.

use super::{Value, Written};
use crate::graph::Graph;
use crate::op::{GatherSpec, Op, Opcode, OutOfRange};
use crate::text::index::answer;
use crate::text::parse::{Parsed, Parser};

impl Parser<'_> {
    /// The op of this code with its windows.
    pub(super) fn windows(&self, g: &mut Graph, code: Opcode, w: &mut Written, at: usize) -> Parsed<Op> {
        let missing = |name: &str| self.error_at(at, format!("`{}` needs {{{name}=…}}", code.name()), "");
        let mut axes = |name: &str| w.axes(name).ok_or_else(|| missing(name));
        let (offset, collapsed, start_map) = (axes("offset")?, axes("collapsed")?, axes("start_map")?);
        let sizes = axes("sizes")?;
        let index_axis = self.index(w.number("index_axis").ok_or_else(|| missing("index_axis"))?, at)?;
        let mut pairs = |name: &str| w.axes(name).unwrap_or_default();
        let (operand_batch, indices_batch) = (pairs("operand_batch"), pairs("indices_batch"));
        let out = self.out_of_range(code, w, at)?;
        let spec = GatherSpec { offset, collapsed, operand_batch, indices_batch, start_map, index_axis, sizes, out };
        let spec = g.intern_gather(spec);
        Ok(match code {
            Opcode::Scatter(op) => Op::Scatter(op, spec),
            _ => Op::Gather(spec),
        })
    }

    /// `out=clamp`; not written, it is `error`.
    fn out_of_range(&self, code: Opcode, w: &mut Written, at: usize) -> Parsed<OutOfRange> {
        let scatters = code != Opcode::Gather;
        let known = [OutOfRange::Error, OutOfRange::Clamp, OutOfRange::Skip];
        let written = match w.take("out") {
            None => return Ok(OutOfRange::Error),
            Some((_, Value::Words(words))) => words.join(", "),
            Some((_, Value::Numbers(_))) => String::new(),
        };
        let found = known.into_iter().find(|&out| answer(scatters, out) == written);
        let names = known.map(|out| answer(scatters, out)).join(", ");
        found.ok_or_else(|| self.error_at(at, format!("`out` is one of {names}"), ""))
    }
}
