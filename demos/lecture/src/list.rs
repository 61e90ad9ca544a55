//! The Wengert list of the lecture's function: one elementary step a line.

use wengert::prelude::*;

use crate::AT;

/// One line: vᵢ, how it is computed, and from which lines.
pub struct Line {
    pub name: &'static str,
    pub formula: &'static str,
    pub from: &'static [usize],
    pub expr: Expr,
}

/// The list, in a graph. The last line is y.
pub fn list(g: &Graph) -> Vec<Line> {
    let (x1, x2) = (g.scalar("x1"), g.scalar("x2"));
    let (log, product, sine) = (x1.ln(), x1 * x2, x2.sin());
    let sum = log + product;
    vec![
        Line { name: "v1", formula: "x1", from: &[], expr: x1 },
        Line { name: "v2", formula: "x2", from: &[], expr: x2 },
        Line { name: "v3", formula: "ln v1", from: &[0], expr: log },
        Line { name: "v4", formula: "v1 * v2", from: &[0, 1], expr: product },
        Line { name: "v5", formula: "sin v2", from: &[1], expr: sine },
        Line { name: "v6", formula: "v3 + v4", from: &[2, 3], expr: sum },
        Line { name: "v7", formula: "v6 - v5", from: &[5, 4], expr: sum - sine },
    ]
}

/// The values of expressions at the lecture's point.
pub fn values(g: &Graph, exprs: &[Expr]) -> Result<Vec<f64>, Error> {
    g.compile(exprs.to_vec())?.run(&AT)
}
