//! A picture of a function as standalone SVG: operands above their users, one block for each function that is called.
//!
//! The layout is Sugiyama's: longest-path layers, barycentre order, edges routed through the layers they cross. Nothing
//! here is random, so the same function gives the same bytes. Layout libraries were tried and do not end within seconds
//! on a few hundred nodes; this one is for pictures that a person can still read, hence [`MAX_NODES`].

use std::fmt::Write as _;
use std::sync::Arc;

use graph_core::text::{Names, callees};
use graph_core::{Error, Function, Op};

/// Most nodes of a picture, callees included; larger functions go to Graphviz by `graph_core::text::dot`.
pub const MAX_NODES: usize = 400;

/// Sweeps over the layers, for their order and for the places in them.
const SWEEPS: usize = 12;
const BOX_HEIGHT: f64 = 36.0;
const LAYER_HEIGHT: f64 = 78.0;
const CHARACTER_WIDTH: f64 = 7.3;
/// Room between neighbours of a layer, around a block, and for its title.
const GAP: f64 = 22.0;
const MARGIN: f64 = 24.0;
const TITLE: f64 = 26.0;

const STYLE: &str = "<style>text{font:12px ui-monospace,Menlo,Consolas,monospace;text-anchor:middle;fill:#1c2733}\
    .type{font-size:10px;fill:#5b6876}.title{font-weight:bold;text-anchor:start}\
    path{fill:none;stroke:#7c8896;stroke-width:1.2}\
    rect{stroke-width:1.2}.node{fill:#e3ecf8;stroke:#5b7ba8}.derived{fill:#fdeedb;stroke:#c07a2c}\
    .param{fill:#e6f3e0;stroke:#6a9a5b}.result{fill:#f0f0f0;stroke:#777}</style>\
    <marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"6\" markerHeight=\"6\" orient=\"auto\">\
    <path d=\"M0 0L8 4L0 8z\" style=\"fill:#7c8896;stroke:none\"/></marker>";

/// Draws a function and what it calls. Parameters are green, nodes of derivatives orange, results grey.
pub fn svg(f: &Arc<Function>) -> Result<String, Error> {
    let functions = callees(f);
    if functions.iter().map(|(f, _)| f.graph().len() + f.results().len()).sum::<usize>() > MAX_NODES {
        let what = "nodes and results in a picture (the `dot` form has no limit)".to_string();
        return Err(Error::Limit { what, limit: MAX_NODES });
    }
    let (mut body, mut left, mut height) = (String::new(), 0.0, 0.0_f64);
    for (f, name) in &functions {
        let drawing = Drawing::of(f);
        let _ = writeln!(body, "<g transform=\"translate({left:.1} 0)\">");
        let _ = writeln!(body, "<text class=\"title\" x=\"{MARGIN}\" y=\"{TITLE}\">@{}</text>", escaped(name));
        drawing.write(&mut body);
        body.push_str("</g>\n");
        let title = name.chars().count() as f64 * CHARACTER_WIDTH * 1.2 + 2.0 * MARGIN;
        left += drawing.width().max(title);
        height = height.max(drawing.height());
    }
    let size = format!("width=\"{left:.0}\" height=\"{height:.0}\" viewBox=\"0 0 {left:.0} {height:.0}\"");
    let paper = "<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>";
    Ok(format!("<svg xmlns=\"http://www.w3.org/2000/svg\" {size}>\n{STYLE}\n{paper}\n{body}</svg>\n"))
}

/// A box, or a bend where an edge crosses a layer.
struct Vertex {
    lines: Vec<String>,
    class: &'static str,
    layer: usize,
    width: f64,
    x: f64,
    above: Vec<usize>,
    below: Vec<usize>,
}

impl Vertex {
    fn labelled(lines: Vec<String>, class: &'static str) -> Vertex {
        let longest = lines.iter().map(|line| line.chars().count()).max().unwrap_or(0);
        let width = (longest as f64 * CHARACTER_WIDTH + 18.0).max(44.0);
        Vertex { lines, class, layer: 0, width, x: 0.0, above: Vec::new(), below: Vec::new() }
    }

    fn bend(layer: usize) -> Vertex {
        Vertex { layer, width: 2.0, ..Vertex::labelled(Vec::new(), "") }
    }

    fn top(&self) -> f64 {
        TITLE + MARGIN + self.layer as f64 * LAYER_HEIGHT
    }
}

/// One function laid out.
struct Drawing {
    vertices: Vec<Vertex>,
    layers: Vec<Vec<usize>>,
    /// For each edge its vertices from top to bottom, and where it enters the last: 0 left, 1 right.
    routes: Vec<(Vec<usize>, f64)>,
}

impl Drawing {
    fn of(f: &Function) -> Drawing {
        let (mut vertices, edges) = boxes(f);
        assign_layers(&mut vertices, &edges, f.graph().len());
        let routes = route(&mut vertices, &edges);
        let depth = vertices.iter().map(|v| v.layer + 1).max().unwrap_or(0);
        let mut layers = vec![Vec::new(); depth];
        vertices.iter().enumerate().for_each(|(v, vertex)| layers[vertex.layer].push(v));
        let mut drawing = Drawing { vertices, layers, routes };
        (0..SWEEPS).for_each(|sweep| drawing.sort_layers(sweep % 2 == 0));
        drawing.pack();
        (0..2 * SWEEPS).for_each(|sweep| drawing.straighten(sweep % 2 == 0));
        drawing.move_to_margin();
        drawing
    }

    fn layer_order(&self, downwards: bool) -> Vec<usize> {
        let layers = 0..self.layers.len();
        if downwards { layers.collect() } else { layers.rev().collect() }
    }

    /// Each layer by the mean position of the neighbours in the layer before it.
    fn sort_layers(&mut self, downwards: bool) {
        let mut position = vec![0.0; self.vertices.len()];
        for layer in self.layer_order(downwards) {
            let mut keyed: Vec<(f64, usize)> = Vec::with_capacity(self.layers[layer].len());
            for (at, &v) in self.layers[layer].iter().enumerate() {
                let key = mean(self.neighbours(v, downwards).iter().map(|&n| position[n]));
                keyed.push((key.unwrap_or(at as f64 / self.layers[layer].len() as f64), v));
            }
            keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
            let count = keyed.len() as f64;
            keyed.iter().enumerate().for_each(|(at, &(_, v))| position[v] = (at as f64 + 0.5) / count);
            self.layers[layer] = keyed.into_iter().map(|(_, v)| v).collect();
        }
    }

    fn neighbours(&self, v: usize, above: bool) -> &[usize] {
        if above { &self.vertices[v].above } else { &self.vertices[v].below }
    }

    /// Least distance of the centres of two neighbours.
    fn distance(&self, left: usize, right: usize) -> f64 {
        (self.vertices[left].width + self.vertices[right].width) / 2.0 + GAP
    }

    /// Side by side, each layer centred about 0.
    fn pack(&mut self) {
        for layer in &self.layers {
            let total: f64 = layer.iter().map(|&v| self.vertices[v].width + GAP).sum();
            let mut left = -total / 2.0;
            for &v in layer {
                self.vertices[v].x = left + self.vertices[v].width / 2.0;
                left += self.vertices[v].width + GAP;
            }
        }
    }

    /// Moves vertices below (or above) their neighbours, those without any to the middle of the others: the mean of the leftmost-first and the rightmost-first
    /// placement, both of which keep the distances, so the mean does too.
    fn straighten(&mut self, downwards: bool) {
        for layer in self.layer_order(downwards) {
            let row = &self.layers[layer];
            let linked = row.iter().filter(|&&v| !self.is_alone(v));
            let middle = mean(linked.map(|&v| self.vertices[v].x)).unwrap_or(0.0);
            let place = |&v: &usize| if self.is_alone(v) { middle } else { self.wanted(v, downwards) };
            let wanted: Vec<f64> = row.iter().map(place).collect();
            let (mut from_left, mut from_right) = (wanted.clone(), wanted);
            for i in 1..row.len() {
                from_left[i] = from_left[i].max(from_left[i - 1] + self.distance(row[i - 1], row[i]));
            }
            for i in (1..row.len()).rev() {
                from_right[i - 1] = from_right[i - 1].min(from_right[i] - self.distance(row[i - 1], row[i]));
            }
            for (i, &v) in row.iter().enumerate() {
                self.vertices[v].x = f64::midpoint(from_left[i], from_right[i]);
            }
        }
    }

    fn is_alone(&self, v: usize) -> bool {
        self.vertices[v].above.is_empty() && self.vertices[v].below.is_empty()
    }

    fn wanted(&self, v: usize, above: bool) -> f64 {
        let at = |n: &usize| self.vertices[*n].x;
        mean(self.neighbours(v, above).iter().map(at)).unwrap_or(self.vertices[v].x)
    }

    fn move_to_margin(&mut self) {
        let left = self.vertices.iter().map(|v| v.x - v.width / 2.0).fold(f64::INFINITY, f64::min);
        self.vertices.iter_mut().for_each(|v| v.x += MARGIN - left);
    }

    fn width(&self) -> f64 {
        self.vertices.iter().map(|v| v.x + v.width / 2.0).fold(MARGIN, f64::max) + MARGIN
    }

    fn height(&self) -> f64 {
        self.vertices.iter().map(|v| v.top() + BOX_HEIGHT).fold(TITLE, f64::max) + MARGIN
    }

    fn write(&self, out: &mut String) {
        self.routes.iter().for_each(|(route, port)| self.write_edge(out, route, *port));
        self.vertices.iter().filter(|v| !v.lines.is_empty()).for_each(|v| write_box(out, v));
    }

    fn write_edge(&self, out: &mut String, route: &[usize], port: f64) {
        let end = route.len() - 1;
        let points = route.iter().enumerate().map(|(i, &v)| {
            let vertex = &self.vertices[v];
            let shift = if i == end { (port - 0.5) * vertex.width } else { 0.0 };
            (vertex.x + shift, vertex.top(), vertex.top() + if i == end { 0.0 } else { BOX_HEIGHT })
        });
        let points: Vec<(f64, f64, f64)> = points.collect();
        let _ = write!(out, "<path marker-end=\"url(#tip)\" d=\"M{:.1} {:.1}", points[0].0, points[0].2);
        for pair in points.windows(2) {
            let ((x0, _, y0), (x1, y1, bottom)) = (pair[0], pair[1]);
            let half = f64::midpoint(y0, y1);
            let _ = write!(out, "C{x0:.1} {half:.1} {x1:.1} {half:.1} {x1:.1} {y1:.1}");
            if bottom > y1 {
                let _ = write!(out, "V{bottom:.1}");
            }
        }
        out.push_str("\"/>\n");
    }
}

/// The boxes of nodes and results, and the edges (from, to, port).
fn boxes(f: &Function) -> (Vec<Vertex>, Vec<(usize, usize, f64)>) {
    let g = f.graph();
    let names = Names::new(g);
    let (mut vertices, mut edges) = (Vec::new(), Vec::new());
    for &id in g.nodes() {
        let (class, label) = match g.op(id) {
            Op::Param(_) => ("param", names.value(id)),
            _ if g.origin(id).derived.is_some() => ("derived", format!("{} = {}", names.value(id), names.op(id))),
            _ => ("node", format!("{} = {}", names.value(id), names.op(id))),
        };
        vertices.push(Vertex::labelled(vec![label, g.ty(id).to_string()], class));
        let ports = g.operands(id).len() as f64 + 1.0;
        let operands = g.operands(id).iter().enumerate();
        edges.extend(operands.map(|(i, x)| (x.index(), id.index(), (i as f64 + 1.0) / ports)));
    }
    for (index, y) in f.results().iter().enumerate() {
        edges.push((y.index(), vertices.len(), 0.5));
        vertices.push(Vertex::labelled(vec![format!("result {index}")], "result"));
    }
    (vertices, edges)
}

/// A vertex stands below everything it depends on; a constant just above its first user.
fn assign_layers(vertices: &mut [Vertex], edges: &[(usize, usize, f64)], nodes: usize) {
    let mut has_operand = vec![false; vertices.len()];
    let mut first_user = vec![usize::MAX; vertices.len()];
    // Edges are listed by their lower end, oldest first, so the upper end has its final layer.
    for &(from, to, _) in edges {
        vertices[to].layer = vertices[to].layer.max(vertices[from].layer + 1);
        has_operand[to] = true;
    }
    for &(from, to, _) in edges {
        first_user[from] = first_user[from].min(vertices[to].layer);
    }
    for v in 0..nodes {
        if !has_operand[v] && vertices[v].class != "param" && first_user[v] != usize::MAX {
            vertices[v].layer = first_user[v] - 1;
        }
    }
}

/// Bends where edges cross layers, shared by the edges that leave one vertex.
fn route(vertices: &mut Vec<Vertex>, edges: &[(usize, usize, f64)]) -> Vec<(Vec<usize>, f64)> {
    let mut chains: Vec<Vec<usize>> = (0..vertices.len()).map(|v| vec![v]).collect();
    let mut routes = Vec::with_capacity(edges.len());
    for &(from, to, port) in edges {
        let crossed = vertices[to].layer - vertices[from].layer;
        while chains[from].len() < crossed {
            let (last, bend) = (chains[from][chains[from].len() - 1], vertices.len());
            vertices.push(Vertex::bend(vertices[last].layer + 1));
            link(vertices, last, bend);
            chains[from].push(bend);
        }
        let mut route = chains[from][..crossed].to_vec();
        link(vertices, route[crossed - 1], to);
        route.push(to);
        routes.push((route, port));
    }
    routes
}

fn link(vertices: &mut [Vertex], upper: usize, lower: usize) {
    vertices[upper].below.push(lower);
    vertices[lower].above.push(upper);
}

fn write_box(out: &mut String, v: &Vertex) {
    let (left, top, width) = (v.x - v.width / 2.0, v.top(), v.width);
    let round = if v.class == "node" || v.class == "derived" { 8 } else { 2 };
    let class = v.class;
    let _ = write!(out, "<rect class=\"{class}\" x=\"{left:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" ");
    let _ = writeln!(out, "height=\"{BOX_HEIGHT}\" rx=\"{round}\"/>");
    let first = if v.lines.len() == 1 { 22.0 } else { 16.0 };
    for (i, line) in v.lines.iter().enumerate() {
        let (class, y) = (if i == 0 { "op" } else { "type" }, top + first + 13.0 * i as f64);
        let _ = writeln!(out, "<text class=\"{class}\" x=\"{:.1}\" y=\"{y:.1}\">{}</text>", v.x, escaped(line));
    }
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = values.fold((0.0, 0.0), |(sum, count), x| (sum + x, count + 1.0));
    (count > 0.0).then(|| sum / count)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use graph_core::text::parse;
    use graph_core::{Error, Function, Graph, Type};

    use super::{MAX_NODES, svg};

    const LECTURE: &str = "graph @y(%x1: f64, %x2: f64) -> f64 {
  %0 = log %x1
  %1 = mul %x1, %x2
  %2 = add %0, %1
  %3 = sin %x2
  %4 = sub %2, %3
  return %4
}";

    #[test]
    fn every_node_result_and_edge_is_drawn_once() {
        let text = svg(&parse(LECTURE).expect("it is a graph")).expect("it is small");
        assert_eq!(text.matches("<rect class=").count(), 2 + 5 + 1);
        assert_eq!(text.matches("<path marker-end").count(), 8 + 1);
        assert_eq!(text, svg(&parse(LECTURE).expect("it is a graph")).expect("it is small"));
    }

    #[test]
    fn boxes_of_a_layer_do_not_overlap() {
        let drawing = super::Drawing::of(&parse(LECTURE).expect("it is a graph"));
        for row in &drawing.layers {
            for pair in row.windows(2) {
                let (left, right) = (&drawing.vertices[pair[0]], &drawing.vertices[pair[1]]);
                assert!(left.x + left.width / 2.0 < right.x - right.width / 2.0);
            }
        }
    }

    #[test]
    fn too_many_nodes_are_refused_with_the_limit() {
        let mut g = Graph::new();
        let mut y = g.param("x", Type::f64()).expect("a name");
        for _ in 0..MAX_NODES {
            y = g.add(y, y);
        }
        let f = Arc::new(Function::new("f", &g, &[y]).expect("a name"));
        assert!(matches!(svg(&f), Err(Error::Limit { limit: MAX_NODES, .. })));
    }

    #[test]
    fn a_function_without_nodes_has_a_picture() {
        let f = Function::new("empty", &Graph::new(), &[]).expect("a name");
        let text = svg(&Arc::new(f)).expect("it is small");
        assert!(text.contains("@empty") && !text.contains("NaN") && !text.contains("inf"), "{text}");
    }
}
