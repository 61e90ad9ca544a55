//! One op of linear algebra on one matrix, with all that it needs laid out in one stretch of numbers. Both executors run
//! the same problems, batch by batch.

use graph_core::op::{Linalg, Op, Triangle};
use graph_core::smallvec::SmallVec;
use graph_core::{Graph, NodeId};

use super::{NoConvergence, eigh, expm, lu, qr, svd, triangular};
use crate::alias::tensor;
use crate::fault::What;

/// What is computed, and the extents of its matrices.
#[derive(Clone, Copy, Debug)]
pub struct Problem {
    op: Kind,
    rows: usize,
    cols: usize,
    /// Number of right sides.
    right: usize,
    /// Number of matrices.
    pub batch: usize,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Linalg(Linalg),
    Triangular(Triangle),
}

/// Why a matrix has no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    NotPositiveDefinite,
    Singular,
    NoConvergence,
}

impl From<NoConvergence> for Failure {
    fn from(NoConvergence: NoConvergence) -> Failure {
        Failure::NoConvergence
    }
}

impl Failure {
    /// The same of this element of the batch.
    pub fn at(self, element: usize) -> What {
        match self {
            Failure::NotPositiveDefinite => What::NotPositiveDefinite { element },
            Failure::Singular => What::Singular { element },
            Failure::NoConvergence => What::NoConvergence { element },
        }
    }
}

impl Problem {
    /// That of a node.
    pub fn of(g: &Graph, id: NodeId) -> Problem {
        let op = match g.op(id) {
            Op::Linalg(op) => Kind::Linalg(op),
            Op::TriangularSolve(triangle) => Kind::Triangular(triangle),
            _ => unreachable!("asked for linear algebra only"),
        };
        let shape = |i: usize| &tensor(g, g.operands(id)[i]).shape;
        let x = shape(0);
        let right = if g.operands(id).len() == 2 { shape(1)[x.rank() - 1] } else { 0 };
        let [rows, cols] = [x[x.rank() - 2], x[x.rank() - 1]];
        Problem { op, rows, cols, right, batch: x[..x.rank() - 2].iter().product() }
    }

    /// Length of each operand.
    pub fn operands(&self) -> SmallVec<[usize; 2]> {
        let right = matches!(self.op, Kind::Triangular(_) | Kind::Linalg(Linalg::Solve));
        [self.rows * self.cols].into_iter().chain(right.then_some(self.rows * self.right)).collect()
    }

    /// Length of each result.
    pub fn results(&self) -> SmallVec<[usize; 3]> {
        let (m, n, k) = (self.rows, self.cols, self.rows.min(self.cols));
        match self.op {
            Kind::Triangular(_) | Kind::Linalg(Linalg::Solve) => [m * self.right].into_iter().collect(),
            Kind::Linalg(Linalg::Cholesky | Linalg::Cofactor | Linalg::Expm) => [m * n].into_iter().collect(),
            Kind::Linalg(Linalg::Det) => [1].into_iter().collect(),
            Kind::Linalg(Linalg::SlogDet) => [1, 1].into_iter().collect(),
            Kind::Linalg(Linalg::Lu) => [m * n, m].into_iter().collect(),
            Kind::Linalg(Linalg::Qr) => [m * k, k * n].into_iter().collect(),
            Kind::Linalg(Linalg::Eigh) => [n, n * n].into_iter().collect(),
            Kind::Linalg(Linalg::Svd) => [m * k, k, k * n].into_iter().collect(),
        }
    }

    fn work(&self) -> usize {
        let (m, n) = (self.rows, self.cols);
        match self.op {
            Kind::Triangular(_) | Kind::Linalg(Linalg::Cholesky | Linalg::Lu) => 0,
            Kind::Linalg(Linalg::Solve | Linalg::Det | Linalg::SlogDet) => lu::work(n),
            Kind::Linalg(Linalg::Cofactor) => lu::cofactor_work(n),
            Kind::Linalg(Linalg::Qr) => qr::work(m, n),
            Kind::Linalg(Linalg::Eigh) => eigh::work(n),
            Kind::Linalg(Linalg::Svd) => svd::work(m, n),
            Kind::Linalg(Linalg::Expm) => expm::work(n),
        }
    }

    /// Length of the stretch: operands, then results, then scratch.
    pub fn len(&self) -> usize {
        self.operands().iter().sum::<usize>() + self.results().iter().sum::<usize>() + self.work()
    }

    /// From the operands at the beginning of the stretch to the results behind them. Where there is none, all are NaN.
    pub fn run(&self, stretch: &mut [f64], fast: bool) -> Result<(), Failure> {
        let operands = self.operands();
        let (given, rest) = stretch.split_at_mut(operands.iter().sum());
        let (a, b) = given.split_at_mut(operands[0]);
        let lengths = self.results();
        let (found, work) = rest.split_at_mut(lengths.iter().sum());
        let outcome = self.compute(a, b, found, work, fast);
        if outcome.is_err() {
            found.fill(f64::NAN);
        }
        outcome
    }

    fn compute(&self, a: &[f64], b: &[f64], found: &mut [f64], work: &mut [f64], fast: bool) -> Result<(), Failure> {
        let Problem { rows, cols, right, .. } = *self;
        let (n, lengths) = (cols, self.results());
        let first = lengths[0];
        let op = match self.op {
            Kind::Triangular(triangle) => {
                found.copy_from_slice(b);
                let done = fast && fast::triangular(n, a, triangle, right, found);
                return regular(done || triangular::solve(n, a, triangle, right, found));
            }
            Kind::Linalg(op) => op,
        };
        match op {
            Linalg::Cholesky => {
                let done = fast && fast::cholesky(n, a, found) || triangular::cholesky(n, a, found);
                if done { Ok(()) } else { Err(Failure::NotPositiveDefinite) }
            }
            Linalg::Solve => {
                let done = fast && fast::solve(n, right, a, b, found);
                regular(done || lu::solve(n, right, a, b, found, work))
            }
            Linalg::Det => {
                found[0] = lu::det(n, a, work);
                Ok(())
            }
            Linalg::SlogDet => {
                found.copy_from_slice(&lu::slogdet(n, a, work));
                Ok(())
            }
            Linalg::Cofactor => {
                lu::cofactor(n, a, found, work);
                Ok(())
            }
            Linalg::Lu => {
                let (packed, sources) = found.split_at_mut(first);
                packed.copy_from_slice(a);
                lu::lu(rows, cols, packed, sources);
                Ok(())
            }
            Linalg::Qr => {
                let (q, r) = found.split_at_mut(first);
                if !(fast && fast::qr(rows, cols, a, q, r)) {
                    qr::qr(rows, cols, a, q, r, work);
                }
                Ok(())
            }
            Linalg::Eigh => {
                let (values, vectors) = found.split_at_mut(first);
                if fast && fast::eigh(n, a, values, vectors) {
                    return Ok(());
                }
                Ok(eigh::eigh(n, a, values, vectors, work)?)
            }
            Linalg::Svd => {
                let (u, rest) = found.split_at_mut(first);
                let (s, vt) = rest.split_at_mut(lengths[1]);
                if fast && fast::svd((rows, cols), a, u, s, vt) {
                    return Ok(());
                }
                Ok(svd::svd((rows, cols), a, u, s, vt, work)?)
            }
            Linalg::Expm => {
                expm::expm(n, a, found, work);
                Ok(())
            }
        }
    }
}

fn regular(done: bool) -> Result<(), Failure> {
    if done { Ok(()) } else { Err(Failure::Singular) }
}

/// What faer does, where it is built in; each function says whether it did.
#[cfg(feature = "faer")]
mod fast {
    use graph_core::op::Triangle;

    use super::super::{faer, triangular};

    pub use faer::{eigh, qr, svd};

    pub fn triangular(n: usize, a: &[f64], t: Triangle, right: usize, x: &mut [f64]) -> bool {
        let triangle = faer::Triangle { lower: !t.upper, transposed: t.transposed, unit: t.unit };
        faer::solve_triangular(n, a, triangle, right, x)
    }

    /// faer reads the lower triangle: of a symmetric matrix only.
    pub fn cholesky(n: usize, a: &[f64], l: &mut [f64]) -> bool {
        let symmetric = (0..n).all(|i| (0..i).all(|j| a[i * n + j] == a[j * n + i]));
        symmetric && faer::cholesky(n, a, l)
    }

    pub fn solve(n: usize, right: usize, a: &[f64], b: &[f64], x: &mut [f64]) -> bool {
        let (mut factors, mut sources) = (vec![0.0; n * n], vec![0; n]);
        if !faer::lu(n, a, &mut factors, &mut sources) {
            return false;
        }
        for (row, &source) in x.chunks_exact_mut(right.max(1)).zip(&sources) {
            row.copy_from_slice(&b[source * right..][..right]);
        }
        [Triangle { unit: true, ..Triangle::LOWER }, Triangle::UPPER]
            .into_iter()
            .all(|t| triangular(n, &factors, t, right, x) || triangular::solve(n, &factors, t, right, x))
    }
}

/// Nothing is done faster.
#[cfg(not(feature = "faer"))]
mod fast {
    use graph_core::op::Triangle;

    pub fn triangular(_: usize, _: &[f64], _: Triangle, _: usize, _: &mut [f64]) -> bool {
        false
    }

    pub fn cholesky(_: usize, _: &[f64], _: &mut [f64]) -> bool {
        false
    }

    pub fn solve(_: usize, _: usize, _: &[f64], _: &[f64], _: &mut [f64]) -> bool {
        false
    }

    pub fn qr(_: usize, _: usize, _: &[f64], _: &mut [f64], _: &mut [f64]) -> bool {
        false
    }

    pub fn eigh(_: usize, _: &[f64], _: &mut [f64], _: &mut [f64]) -> bool {
        false
    }

    pub fn svd(_: (usize, usize), _: &[f64], _: &mut [f64], _: &mut [f64], _: &mut [f64]) -> bool {
        false
    }
}
