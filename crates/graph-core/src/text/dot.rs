//! From functions to Graphviz: `dot -Tsvg`. Every function is a cluster, callees first, the main one last; node and
//! edge lines follow the order of the graph, so the text is deterministic.
//!
//! Parameters and results are boxes, nodes that serve a derivative are orange, other nodes blue. Edges into a node
//! appear in operand order, left to right.

use std::fmt::Write as _;
use std::sync::Arc;

use super::names::{Callees, Names};
use crate::arena::NodeId;
use crate::function::Function;
use crate::op::Op;

const HEADER: &str = r##"  ordering="in"
  node [fontname="monospace", fontsize=10, style="filled,rounded", shape=box, color="#5b7ba8", fillcolor="#e3ecf8"]
  edge [color="#555555", arrowsize=0.6]
"##;

/// Looks of a parameter, a node that serves a derivative, and a result.
const PARAM: &str = r##", style=filled, color="#6a9a5b", fillcolor="#e6f3e0""##;
const DERIVED: &str = r##", color="#c07a2c", fillcolor="#fdeedb""##;
const RESULT: &str = r##", style=filled, color="#777777", fillcolor="#f0f0f0""##;

/// A function and all that it calls, as one Graphviz graph.
pub fn dot(f: &Arc<Function>) -> String {
    let callees = Callees::of(f);
    let mut out = format!("digraph {} {{\n{HEADER}", quoted(f.name()));
    for (number, (f, name)) in callees.order.iter().enumerate() {
        Cluster { f, number, names: Names::new(f.graph()), callees: &callees }.write(&mut out, name);
    }
    out.push_str("}\n");
    out
}

struct Cluster<'a> {
    f: &'a Function,
    number: usize,
    names: Names<'a>,
    callees: &'a Callees,
}

impl Cluster<'_> {
    fn write(&self, out: &mut String, name: &str) {
        let label = quoted(&format!("@{name}"));
        let _ = writeln!(out, "  subgraph cluster_{} {{\n    label={label}\n    color=\"#bbbbbb\"", self.number);
        for &id in self.f.graph().nodes() {
            self.node(out, id);
        }
        for (index, &y) in self.f.results().iter().enumerate() {
            let result = format!("r{}_{index}", self.number);
            let _ = writeln!(out, "    {result} [label=\"result {index}\"{RESULT}]\n    {} -> {result}", self.key(y));
        }
        out.push_str("  }\n");
    }

    /// Unique in the whole text, whatever the names are.
    fn key(&self, id: NodeId) -> String {
        format!("n{}_{}", self.number, id.index())
    }

    fn node(&self, out: &mut String, id: NodeId) {
        let g = self.f.graph();
        let look = match g.op(id) {
            Op::Param(_) => PARAM,
            _ if g.origin(id).derived.is_some() => DERIVED,
            _ => "",
        };
        let _ = writeln!(out, "    {} [label={}{look}]", self.key(id), quoted(&self.label(id)));
        for &x in g.operands(id) {
            let _ = writeln!(out, "    {} -> {}", self.key(x), self.key(id));
        }
    }

    /// Name and op above the type.
    fn label(&self, id: NodeId) -> String {
        let g = self.f.graph();
        let name = self.names.value(id);
        match g.op(id) {
            Op::Param(_) => format!("{name}\n{}", g.ty(id)),
            Op::Call(f) => format!("{name} = call @{}\n{}", self.callees.name(&g[f]), g.ty(id)),
            _ => format!("{name} = {}\n{}", self.names.op(id), g.ty(id)),
        }
    }
}

/// A string of the DOT language: only quotes, backslashes and line ends need care.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}

#[cfg(test)]
mod tests {
    use crate::text::parse;

    #[test]
    fn nodes_and_edges_stand_in_the_order_of_the_graph() {
        let f = parse("graph @f(%x: f64, %y: f64) -> f64 {\n  %0 = sub %y, %x\n  return %0\n}").expect("it is a graph");
        let text = super::dot(&f);
        let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| line.contains("->")).collect();
        assert_eq!(lines, ["n0_1 -> n0_2", "n0_0 -> n0_2", "n0_2 -> r0_0"]);
        assert_eq!(text, super::dot(&f));
    }

    #[test]
    fn callees_are_clusters_of_their_own() {
        let source = "graph @sq(%x: f64) -> f64 {\n  %0 = mul %x, %x\n  return %0\n}\n\
                      graph @f(%x: f64) -> f64 {\n  %0 = call @sq(%x)\n  return %0\n}";
        let text = super::dot(&parse(source).expect("it is a graph"));
        assert!(text.contains("subgraph cluster_0 {\n    label=\"@sq\""), "{text}");
        assert!(text.contains("subgraph cluster_1 {\n    label=\"@f\""), "{text}");
        assert!(text.contains("label=\"%0 = call @sq\\nf64\""), "{text}");
    }

    #[test]
    fn quotes_and_backslashes_are_escaped() {
        assert_eq!(super::quoted("a\"b\\c\nd"), r#""a\"b\\c\nd""#);
    }
}
