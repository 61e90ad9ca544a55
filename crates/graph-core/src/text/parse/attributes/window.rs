//! Attributes of ops with windows: what is not written has its default.

use super::{Value, Written};
use crate::arena::NodeId;
use crate::graph::Graph;
use crate::op::{ConvSpec, Slide};
use crate::text::parse::{Parsed, Parser};
use crate::ty::Type;

impl Parser<'_> {
    /// Those of a convolution of the base `operands[0]`.
    pub(super) fn conv(&self, g: &Graph, operands: &[NodeId], w: &mut Written, at: usize) -> Parsed<ConvSpec> {
        let slides = self.slides(w, rank(g, operands).saturating_sub(2), at)?;
        let mut groups = |name: &str| {
            let negative = |_| self.error_at(at, format!("{name} is negative"), "");
            usize::try_from(w.number(name).unwrap_or(1)).map_err(negative)
        };
        Ok(ConvSpec { slides, feature_groups: groups("feature_groups")?, batch_groups: groups("batch_groups")? })
    }

    /// As many entries as the lists that are written have, or else `rank`.
    pub(super) fn slides(&self, w: &mut Written, rank: usize, at: usize) -> Parsed<Vec<Slide>> {
        let names = ["stride", "low", "high", "base_dilation", "window_dilation"];
        let lists = names.map(|name| w.signed(name));
        let len = lists.iter().flatten().map(Vec::len).next().unwrap_or(rank);
        if lists.iter().flatten().any(|list| list.len() != len) {
            return Err(self.error_at(
                at,
                "stride, low, high and dilations are lists of different lengths",
                "each has one entry for each axis",
            ));
        }
        let [stride, low, high, base, window] = &lists;
        let entry = |list: &Option<Vec<i64>>, axis: usize| list.as_ref().map(|list| list[axis]);
        let size = |list: &Option<Vec<i64>>, axis: usize| {
            let negative = |_| self.error_at(at, "strides and dilations are at least 1", "");
            usize::try_from(entry(list, axis).unwrap_or(1)).map_err(negative)
        };
        let slide = |axis: usize| {
            Ok(Slide {
                stride: size(stride, axis)?,
                low: entry(low, axis).unwrap_or(0),
                high: entry(high, axis).unwrap_or(0),
                base_dilation: size(base, axis)?,
                window_dilation: size(window, axis)?,
            })
        };
        (0..len).map(slide).collect()
    }
}

fn rank(g: &Graph, operands: &[NodeId]) -> usize {
    let ty = operands.first().map(|&x| g.ty(x)).and_then(Type::as_tensor);
    ty.map_or(0, |t| t.shape.rank())
}

impl Written {
    fn signed(&mut self, name: &str) -> Option<Vec<i64>> {
        self.read(name, "a list of integers", |value| match value {
            Value::Numbers(numbers) => Some(numbers),
            Value::Words(_) => None,
        })
    }
}
