//! A function at many points: side by side in the lanes of one program, and on several threads.

use std::num::NonZero;
use std::panic::Location;
use std::thread;

use graph_core::Function as Core;

use crate::error::Error;
use crate::function::Function;
use crate::program::Program;

/// Points that are computed side by side.
const LANES: usize = 64;

/// A function ready to run at many points. Each op is done for 64 points at a time, so that what an interpreter costs is
/// shared by them, and scalars run in vectors.
///
/// ```
/// use std::num::NonZero;
///
/// use wengert::Points;
/// use wengert::prelude::*;
///
/// let f = Function::new("f", &[("x", Type::f64()), ("y", Type::f64())], |v| v[0].sin() * v[1])?;
/// let gradient = Points::new(&f.grad(["x", "y"])?)?;
/// let points: Vec<f64> = (0..2000).map(f64::from).collect();
/// let one = gradient.run(&points, NonZero::<usize>::MIN)?;
/// assert_eq!(one[2..4], [2f64.cos() * 3.0, 2f64.sin()]); // at x = 2, y = 3
/// assert_eq!(one, gradient.run(&points, NonZero::new(4).expect("not zero"))?);
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug)]
pub struct Points {
    block: Program,
    /// Elements of each leaf of the parameters, at one point.
    inputs: Vec<usize>,
    /// The same of the results.
    outputs: Vec<usize>,
}

impl Points {
    /// Of a function; all its parameters differ from point to point. Bind the others first ([`Function::bind`]).
    ///
    /// # Errors
    /// Those of [`Function::vmap`]; a function of no numbers, whose points cannot be counted.
    #[track_caller]
    pub fn new(f: &Function) -> Result<Points, Error> {
        let site = Location::caller();
        let core = f.core();
        if (0..core.params().len()).all(|i| core.param_type(i).leaves().iter().all(|leaf| leaf.shape.elements() == 0)) {
            return Err(Error::Count { what: "numbers of a point", expected: 1, found: 0 });
        }
        let axes = vec![Some(0); core.params().len()];
        let block = autodiff::vmap(core, &axes, LANES).map_err(crate::function::at_line(site))?;
        let elements = |ty: &graph_core::Type| ty.leaves().iter().map(|leaf| leaf.shape.elements()).collect::<Vec<_>>();
        let params = |f: &Core| (0..f.params().len()).flat_map(|i| elements(f.param_type(i))).collect();
        let results = |f: &Core| f.results().iter().flat_map(|&y| elements(f.graph().ty(y))).collect();
        Ok(Points { block: Function::from(block).compile()?, inputs: params(core), outputs: results(core) })
    }

    /// Numbers of a point: the elements of all parameters.
    pub fn inputs(&self) -> usize {
        self.inputs.iter().sum()
    }

    /// Numbers of an answer: the elements of all results.
    pub fn outputs(&self) -> usize {
        self.outputs.iter().sum()
    }

    /// The answers at all points, one after the other. Any number of threads gives the same bits.
    ///
    /// # Errors
    /// Those of [`Points::run_into`].
    pub fn run(&self, points: &[f64], threads: NonZero<usize>) -> Result<Vec<f64>, Error> {
        let count = points.len().checked_div(self.inputs()).unwrap_or(0);
        let mut answers = vec![0.0; count * self.outputs()];
        self.run_into(points, &mut answers, threads)?;
        Ok(answers)
    }

    /// As [`Points::run`], into a slice.
    ///
    /// # Errors
    /// Another number of numbers than of whole points, or than of their answers: then nothing is written. The first node
    /// that fails, at the first block of points where one does: then all answers are written, and others are right.
    pub fn run_into(&self, points: &[f64], answers: &mut [f64], threads: NonZero<usize>) -> Result<(), Error> {
        let (n, m) = (self.inputs(), self.outputs());
        let count = points.len().checked_div(n).unwrap_or(0);
        for (given, expected, what) in [(points.len(), count * n, "points"), (answers.len(), count * m, "answers")] {
            if given != expected {
                return Err(Error::Count { what, expected, found: given });
            }
        }
        if count == 0 || m == 0 {
            return Ok(());
        }
        // Whole blocks for each thread, so that the same points share a block whatever the number of threads.
        let blocks = count.div_ceil(LANES).div_ceil(threads.get());
        if threads.get() == 1 {
            return self.share(points, answers);
        }
        let shares = points.chunks(blocks * LANES * n).zip(answers.chunks_mut(blocks * LANES * m));
        thread::scope(|scope| {
            let share = |(points, answers)| scope.spawn(move || self.share(points, answers));
            let running: Vec<_> = shares.map(share).collect();
            let ended = running
                .into_iter()
                .map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
            ended.fold(Ok(()), Result::and)
        })
    }

    /// Block after block; the last is filled up with its last point.
    fn share(&self, points: &[f64], answers: &mut [f64]) -> Result<(), Error> {
        let (n, m) = (self.inputs(), self.outputs());
        let (mut lanes_in, mut lanes_out) = (vec![0.0; LANES * n], vec![0.0; LANES * m]);
        let mut outcome = Ok(());
        for (points, answers) in points.chunks(LANES * n).zip(answers.chunks_mut(LANES * m)) {
            let mut at = 0;
            for &len in &self.inputs {
                for lane in 0..LANES {
                    let point = lane.min(points.len() / n - 1) * n;
                    lanes_in[at * LANES + lane * len..][..len].copy_from_slice(&points[point + at..][..len]);
                }
                at += len;
            }
            let ran = self.block.run_into(&lanes_in, &mut lanes_out);
            outcome = outcome.and(ran);
            let mut at = 0;
            for &len in &self.outputs {
                for (lane, answer) in answers.chunks_mut(m).enumerate() {
                    answer[at..][..len].copy_from_slice(&lanes_out[at * LANES + lane * len..][..len]);
                }
                at += len;
            }
        }
        outcome
    }
}
