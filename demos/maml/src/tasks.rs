//! Tasks: sine waves of any height and shift, with some points of each.

use std::f64::consts::PI;

use wengert::prelude::*;
use wengert::random;

/// A program from the number of a batch to examples `x`, `y`, `x_new`, `y_new` of `tasks` sine waves: amplitude 0.1 to 5,
/// phase 0 to π, x from −5 to 5, as in the paper.
///
/// # Errors
/// None, unless the engine is broken.
pub fn sine_waves(tasks: usize, shots: usize, seed: i64) -> Result<Program, Error> {
    let g = Graph::new();
    let batch = g.param("batch", Type::tensor(DType::I64, &[]));
    let keys: [Expr; 4] = random::split(random::fold_in(random::key(&g, seed), batch));
    let amplitude = 0.1 + 4.9 * random::uniform(keys[0], &[tasks, 1]);
    let phase = PI * random::uniform(keys[1], &[tasks, 1]);
    let [x, x_new] = [keys[2], keys[3]].map(|key| 10.0 * random::uniform(key, &[tasks, shots]) - 5.0);
    let [y, y_new] = [x, x_new].map(|x| amplitude * (x - phase).sin());
    g.compile([x, y, x_new, y_new])
}
