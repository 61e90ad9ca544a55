//! Sparse Jacobians and Hessians: patterns found by following sets of inputs through the graph; entries found directly
//! where the program is elementwise (`direct`), else columns coloured so that one product serves many; and the entries
//! gathered by nodes of the same graph. So a sparse derivative is a function as any other: it can be run, batched, and
//! differentiated again.
//!
//! The number of products does not depend on the size where the pattern is local; they run as one batched sweep. Sources:
//! Curtis, Powell, Reid 1974; Gebremedhin, Manne, Pothen 2005 (colourings); Walther 2008 (patterns of Hessians; ours is
//! that of the Jacobian of the gradient).

mod acyclic;
mod colour;
mod direct;
mod flow;
mod pattern;
mod sets;

use std::panic::Location;
use std::sync::Arc;

use autodiff::{dense, prefers_reverse};
use graph_core::op::{Compare, GatherSpec, Scatter};
use graph_core::provenance::Site;
use graph_core::smallvec::SmallVec;
use graph_core::{Buffer, DType, Graph, Literal, NodeId, Shape, TensorType};
use opt::Level;
use rustc_hash::FxHashMap;

use crate::error::Error;
use crate::function::{Function, Wrt, at_line};
use colour::Colouring;
pub use pattern::Pattern;

/// Most rounds of a substitution: each adds four nodes to the graph, and a rounding to the last entries.
const MAX_ROUNDS: usize = 64;

/// A sparse derivative.
#[derive(Clone, Debug)]
pub struct Sparse {
    /// The parameters of the function that was differentiated to the values of the entries, in the order of
    /// [`Pattern::coordinates`]: one vector, in double precision unless all that it comes from is single.
    pub function: Function,
    /// Where the entries are.
    pub pattern: Pattern,
    /// How many products (tangents, adjoints or Hessian products) give all entries, in one batched sweep; of programs whose
    /// entries are found without products, how many selections of elements of the inputs they stand for.
    pub passes: usize,
}

impl Function {
    /// Where the Jacobian of all results, one after the other, by `wrt`, one after the other, may have entries that are
    /// not 0. Structural: it holds at every point.
    ///
    /// # Errors
    /// Results or parameters that are not tensors of reals.
    #[track_caller]
    pub fn jacobian_pattern(&self, wrt: impl Wrt) -> Result<Pattern, Error> {
        let piece = Piece::jacobian(self, &wrt.positions(self)?, Location::caller())?;
        piece.pattern()
    }

    /// Where the Hessian of the only result, a real number, by `wrt`, one after the other, may have entries that are not 0.
    ///
    /// # Errors
    /// Those of [`Function::hessian`].
    #[track_caller]
    pub fn hessian_pattern(&self, wrt: impl Wrt) -> Result<Pattern, Error> {
        let piece = Piece::hessian(self, &wrt.positions(self)?, Location::caller())?;
        Ok(piece.pattern()?.symmetric())
    }

    /// The Jacobian of all results by `wrt`, sparse: entry by entry where the program is elementwise, else by tangents along
    /// sums of columns that share no row, or by adjoints of sums of rows that share no column, whichever are fewer.
    ///
    /// ```
    /// use wengert::prelude::*;
    ///
    /// // Differences of neighbours: two columns at a time are enough, however many there are.
    /// let f = Function::new("f", &[("x", Type::tensor(DType::F64, &[1000]))], |v| {
    ///     let (left, right) = (v[0].slice(&[0], &[999], &[1]), v[0].slice(&[1], &[1000], &[1]));
    ///     right.square() - left.exp()
    /// })?;
    /// let sparse = f.sparse_jacobian("x")?;
    /// assert_eq!((sparse.passes, sparse.pattern.entries()), (2, 2 * 999));
    /// let values = sparse.function.compile()?.run(&vec![0.0; 1000])?;
    /// assert_eq!(values[..3], [-1.0, 0.0, -1.0]); // ∂f₀/∂x₀; ∂f₀/∂x₁, ∂f₁/∂x₁
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// Results or parameters that are not tensors of reals.
    #[track_caller]
    pub fn sparse_jacobian(&self, wrt: impl Wrt) -> Result<Sparse, Error> {
        let site = Location::caller();
        let piece = Piece::jacobian(self, &wrt.positions(self)?, site)?;
        let pattern = piece.pattern()?;
        piece.whole("jacobian", pattern, site)
    }

    /// The Hessian of the only result, a real number, by `wrt`, sparse and whole (both triangles): entry by entry
    /// where the program is elementwise, else by Hessian products along sums of columns, star-coloured, so that each entry
    /// is read off once.
    ///
    /// # Errors
    /// Those of [`Function::hessian`].
    #[track_caller]
    pub fn sparse_hessian(&self, wrt: impl Wrt) -> Result<Sparse, Error> {
        let site = Location::caller();
        let piece = Piece::hessian(self, &wrt.positions(self)?, site)?;
        let pattern = piece.pattern()?.symmetric();
        piece.whole("hessian", pattern, site)
    }

    /// As [`Function::sparse_hessian`], by fewer products where that costs less by an eighth ([`opt::total_cost`]): columns
    /// are coloured acyclically, and entries are found one after the other by substitution. An entry may be off by
    /// roundings of others that are found before it, which matters where they are much larger.
    ///
    /// # Errors
    /// Those of [`Function::hessian`].
    #[track_caller]
    pub fn sparse_hessian_by_substitution(&self, wrt: impl Wrt) -> Result<Sparse, Error> {
        let site = Location::caller();
        let piece = Piece::hessian(self, &wrt.positions(self)?, site)?;
        let pattern = piece.pattern()?.symmetric();
        let acyclic = if piece.symmetric { piece.substituted(&pattern, site)? } else { None };
        let star = piece.whole("hessian", pattern, site)?;
        Ok(acyclic.filter(|acyclic| pays(&acyclic.function, &star.function)).unwrap_or(star))
    }
}

/// Whether substitution saves an eighth at least: reading and writing single elements costs more than is counted.
fn pays(acyclic: &Function, star: &Function) -> bool {
    let cost = |f: &Function| opt::total_cost(f.core().graph(), f.core().results());
    cost(acyclic) < cost(star) - cost(star) / 8
}

/// A colouring of columns, for tangents (true), or of rows, for adjoints, whichever are fewer: in one batched
/// sweep an adjoint costs what a tangent does (`docs/sparse.md`). A colouring that cannot win, as some row or column alone needs too many colours, is not made.
fn cheapest(pattern: &Pattern, prefers_reverse: bool) -> (Colouring, bool) {
    let transposed = pattern.transposed();
    let widest = |pattern: &Pattern| (0..pattern.columns()).map(|j| pattern.column(j).len()).max().unwrap_or(0);
    let (least_columns, least_rows) = (widest(&transposed), widest(pattern));
    let (columns, rows) = (|| colour::columns(pattern), || colour::columns(&transposed));
    let choose = |columns: Colouring, rows: Colouring| match columns.count <= rows.count {
        true => (columns, true),
        false => (rows, false),
    };
    if prefers_reverse {
        return (rows(), false);
    }
    if least_columns <= least_rows {
        let columns = columns();
        return if columns.count <= least_rows { (columns, true) } else { choose(columns, rows()) };
    }
    let rows = rows();
    if rows.count < least_columns { (rows, false) } else { choose(columns(), rows) }
}

/// What is differentiated by what: nodes of a simplified graph.
struct Piece {
    name: String,
    graph: Graph,
    results: Vec<NodeId>,
    inputs: Vec<NodeId>,
    /// Whether it is a Hessian that must be symmetric: a rule of the user's may give a derivative that is no gradient.
    symmetric: bool,
}

/// Whether a function has a derivative of its own, or calls one that has. Recursion ends at the nesting limit of calls.
fn holds_rule(f: &graph_core::Function) -> bool {
    f.rule().is_some() || f.graph().functions().iter().any(|callee| holds_rule(callee))
}

impl Piece {
    fn jacobian(f: &Function, wrt: &[usize], site: Site) -> Result<Piece, Error> {
        let simple = f.optimize(Level::default()).0;
        let (graph, inputs, results) = autodiff::function::open(simple.core(), wrt).map_err(at_line(site))?;
        let all: Vec<NodeId> = results.iter().chain(&inputs).copied().collect();
        autodiff::function::check_tensors(&graph, &all).map_err(at_line(site))?;
        autodiff::function::check_distinct(&graph, &inputs).map_err(at_line(site))?;
        Ok(Piece { name: f.name().to_string(), graph, results, inputs, symmetric: false })
    }

    /// The gradient, by `wrt`.
    fn hessian(f: &Function, wrt: &[usize], site: Site) -> Result<Piece, Error> {
        let gradient = autodiff::function::grad(f.core(), wrt).map_err(at_line(site))?;
        let piece = Piece::jacobian(&gradient.into(), wrt, site)?;
        Ok(Piece { name: f.name().to_string(), symmetric: !holds_rule(f.core()), ..piece })
    }

    fn prefers_reverse(&self) -> bool {
        prefers_reverse(&self.graph, &self.results)
    }

    fn elements(&self, nodes: &[NodeId]) -> usize {
        nodes.iter().map(|&x| self.graph.shape(x).elements()).sum()
    }

    fn pattern(&self) -> Result<Pattern, Error> {
        let mut g = self.graph.clone();
        let inlined = autodiff::inline(&mut g, &self.results, |_| false)?;
        let (sets, rows) = flow::dependences(&g, &inlined, &self.inputs)?;
        let mut places = Vec::new();
        for (i, &set) in rows.iter().enumerate() {
            places.extend(sets.members(set).iter().map(|&j| (i, j as usize)));
        }
        Ok(Pattern::new(rows.len(), self.elements(&self.inputs), places))
    }

    /// All entries: directly, by a star colouring if the matrix is symmetric, or by the cheaper colouring.
    fn whole(&self, what: &str, pattern: Pattern, site: Site) -> Result<Sparse, Error> {
        match self.direct(&pattern)? {
            Some((g, values, passes)) => Ok(Sparse { function: self.function(what, &g, values)?, passes, pattern }),
            None if self.symmetric => self.read_off(pattern, site),
            None => self.compressed(what, pattern, site),
        }
    }

    /// By columns or by rows.
    fn compressed(&self, what: &str, pattern: Pattern, site: Site) -> Result<Sparse, Error> {
        let (colouring, forward) = cheapest(&pattern, self.prefers_reverse());
        let (mut g, products) = self.products(&colouring, forward, site)?;
        let place = |(i, j)| match forward {
            true => colouring.colours[j] * pattern.rows() + i,
            false => colouring.colours[i] * pattern.columns() + j,
        };
        let values = taken(&mut g, products, pattern.coordinates().map(place));
        let function = self.function(what, &g, values)?;
        Ok(Sparse { function, passes: colouring.count, pattern })
    }

    /// The values of the entries without products, with the number of selections, where that costs no more than products
    /// would. Of a symmetric matrix what is below the diagonal counts for both triangles.
    fn direct(&self, pattern: &Pattern) -> Result<Option<(Graph, NodeId, usize)>, Error> {
        let mut g = self.graph.clone();
        let results = autodiff::inline(&mut g, &self.results, |_| false)?;
        let before = opt::total_cost(&g, &results);
        let Some((mut g, blocks, selections)) = direct::blocks(&g, &results, &self.inputs)? else { return Ok(None) };
        let place = |(i, j): (usize, usize)| if self.symmetric { (i.max(j), i.min(j)) } else { (i, j) };
        let mut terms: FxHashMap<(usize, usize), SmallVec<[usize; 2]>> =
            pattern.coordinates().map(|at| (place(at), SmallVec::new())).collect();
        let (mut used, mut first) = (Vec::new(), 0);
        for block in &blocks {
            let mut is_used = false;
            for (row, column, at) in block.entries().filter(|&(row, column, _)| !self.symmetric || row >= column) {
                if let Some(terms) = terms.get_mut(&(row, column)) {
                    terms.push(first + at);
                    is_used = true;
                }
            }
            if is_used {
                used.push(block.factors);
                first += g.shape(block.factors).elements();
            }
        }
        let factors = direct::side_by_side(&mut g, &used, self.precision(&self.results));
        let entries: Vec<&[usize]> = pattern.coordinates().map(|at| &terms[&place(at)][..]).collect();
        let values = sums(&mut g, factors, &entries, first);
        // Products are at least as many as the most entries of a row.
        let widest = pattern.transposed();
        let widest = (0..widest.columns()).map(|row| widest.column(row).len()).max().unwrap_or(0) as u64;
        let pays = opt::total_cost(&g, &[values]) <= before.saturating_mul(1 + widest);
        Ok(pays.then_some((g, values, selections)))
    }

    /// One vector has one precision: double, unless all is single.
    fn precision(&self, nodes: &[NodeId]) -> DType {
        let is_single = |&x: &NodeId| self.graph.ty(x).as_tensor().is_some_and(|t| t.dtype == DType::F32);
        if !nodes.is_empty() && nodes.iter().all(is_single) { DType::F32 } else { DType::F64 }
    }

    /// The Hessian by a star colouring.
    fn read_off(&self, pattern: Pattern, site: Site) -> Result<Sparse, Error> {
        let colouring = colour::star(&pattern);
        let n = pattern.columns();
        // How many entries of a row fall together.
        let mut together: FxHashMap<(usize, usize), usize> = FxHashMap::default();
        pattern.coordinates().for_each(|(i, j)| *together.entry((i, colouring.colours[j])).or_default() += 1);
        let place = |(i, j)| match together[&(i, colouring.colours[j])] {
            1 => colouring.colours[j] * n + i,
            _ => colouring.colours[i] * n + j,
        };
        let (mut g, products) = self.products(&colouring, !self.prefers_reverse(), site)?;
        let values = taken(&mut g, products, pattern.coordinates().map(place));
        let function = self.function("hessian", &g, values)?;
        Ok(Sparse { function, passes: colouring.count, pattern })
    }

    /// The Hessian by an acyclic colouring, unless it takes more than [`MAX_ROUNDS`].
    fn substituted(&self, pattern: &Pattern, site: Site) -> Result<Option<Sparse>, Error> {
        let colouring = acyclic::acyclic(pattern);
        let rounds = acyclic::rounds(pattern, &colouring);
        if rounds.len() > MAX_ROUNDS {
            return Ok(None);
        }
        let (mut g, products) = self.products(&colouring, !self.prefers_reverse(), site)?;
        let values = acyclic::substituted(&mut g, products, pattern, &colouring, &rounds);
        let function = self.function("hessian", &g, values)?;
        Ok(Some(Sparse { function, passes: colouring.count, pattern: pattern.clone() }))
    }

    /// The function from parameters to one vector of values.
    fn function(&self, what: &str, g: &Graph, values: NodeId) -> Result<Function, Error> {
        let function = graph_core::Function::new(&format!("{}.sparse_{what}", self.name), g, &[values])?;
        Ok(Arc::new(function).into())
    }

    /// A graph with the matrix of products, a row for each colour, as one vector.
    fn products(&self, colouring: &Colouring, forward: bool, site: Site) -> Result<(Graph, NodeId), Error> {
        let mut g = self.graph.clone();
        let (seeded, read) = if forward { (&self.inputs, &self.results) } else { (&self.results, &self.inputs) };
        let mut sums: Vec<Option<NodeId>> = vec![None; read.len()];
        let mut first = 0;
        for &x in seeded {
            let ty = g.ty(x).as_tensor().expect("it was checked").clone();
            let end = first + ty.shape.elements();
            let directions = directions(&mut g, &colouring.colours[first..end], colouring.count, &ty);
            first = end;
            let products = match forward {
                true => dense::along(&mut g, read, x, directions, colouring.count),
                false => dense::against(&mut g, x, read, directions, colouring.count),
            };
            for (sum, product) in sums.iter_mut().zip(products.map_err(at_line(site))?) {
                *sum = match (*sum, product.node()) {
                    (Some(sum), Some(product)) => Some(g.add(sum, product)),
                    (one, other) => one.or(other),
                };
            }
        }
        let dtype = self.precision(read);
        let mut parts = Vec::new();
        for (sum, &like) in sums.into_iter().zip(read) {
            let shape = Shape::new(&[colouring.count, g.shape(like).elements()]);
            parts.push(match sum {
                Some(sum) => {
                    let rows = g.reshape(sum, &shape);
                    g.cast(dtype, rows)
                }
                None => g.splat(0.0, &TensorType { dtype, shape }),
            });
        }
        let all = match parts[..] {
            [] => g.splat(0.0, &TensorType { dtype, shape: Shape::new(&[colouring.count, 0]) }),
            [one] => one,
            _ => g.concat(&parts, 1),
        };
        let flat = Shape::new(&[g.shape(all).elements()]);
        let flat = g.reshape(all, &flat);
        Ok((g, flat))
    }
}

/// Most terms of an entry that are gathered side by side; more are scattered.
const FEW: usize = 4;

/// For each entry the sum of some elements of a vector, in which there is a zero at the end.
fn sums(g: &mut Graph, vector: NodeId, entries: &[&[usize]], zero: usize) -> NodeId {
    let most = entries.iter().map(|terms| terms.len()).max().unwrap_or(0);
    if most <= FEW {
        let side = |g: &mut Graph, nth: usize| {
            taken(g, vector, entries.iter().map(|terms| terms.get(nth).copied().unwrap_or(zero)))
        };
        let first = side(g, 0);
        return (1..most).fold(first, |sum, nth| {
            let more = side(g, nth);
            g.add(sum, more)
        });
    }
    let all = taken(g, vector, entries.iter().flat_map(|terms| terms.iter().copied()));
    let to = entries.iter().enumerate().flat_map(|(at, terms)| terms.iter().map(move |_| at));
    let to = places(g, to);
    let dtype = g.ty(vector).as_tensor().expect("a vector").dtype;
    let zeros = g.splat(0.0, &TensorType { dtype, shape: Shape::new(&[entries.len()]) });
    let spec = GatherSpec::take(g.shape(zeros), 0, 1);
    g.scatter(Scatter::Add, zeros, to, all, spec)
}

/// The elements of a vector at these places.
fn taken(g: &mut Graph, vector: NodeId, at: impl Iterator<Item = usize>) -> NodeId {
    let at = places(g, at);
    let spec = GatherSpec::take(g.shape(vector), 0, 1);
    g.gather(vector, at, spec)
}

/// Places in a vector, as a constant.
fn places(g: &mut Graph, at: impl Iterator<Item = usize>) -> NodeId {
    let at: Vec<i64> = at.map(|at| at as i64).collect();
    let shape = Shape::new(&[at.len()]);
    g.literal_node(Literal::dense(Buffer::I64(at), shape).expect("as many as the shape has"))
}

/// For each colour, 1 at the elements of that colour and 0 elsewhere.
fn directions(g: &mut Graph, colours: &[usize], count: usize, ty: &TensorType) -> NodeId {
    let n = colours.len();
    let literal = Literal::dense(Buffer::I64(colours.iter().map(|&c| c as i64).collect()), Shape::new(&[n]));
    let colours = g.literal_node(literal.expect("as many as the shape has"));
    let square = Shape::new(&[count, n]);
    let colours = g.broadcast(colours, &square, &Shape::new(&[1]));
    let each = g.iota(DType::I64, &square, 0);
    let chosen = g.compare(Compare::Eq, colours, each);
    let ones = g.cast(ty.dtype, chosen);
    let shape: Shape = std::iter::once(count).chain(ty.shape.iter().copied()).collect();
    g.reshape(ones, &shape)
}
