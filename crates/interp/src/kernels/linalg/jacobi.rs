//! Plane rotations, and when sweeps of them end.

/// Sweeps did not end. No matrix is known that does this. Ten sweeps are many; dependent columns that leave no direction
/// free take the twenty in which rounding shrinks one of them to what counts as zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoConvergence;

const SWEEPS: usize = 64;

/// A rotation by an angle of at most 45 degrees.
#[derive(Clone, Copy, Debug)]
pub struct Rotation {
    sin: f64,
    /// The tangent of the angle.
    pub tan: f64,
    /// The tangent of half the angle.
    half: f64,
}

impl Rotation {
    /// The rotation by half the angle of this cotangent.
    pub fn by_half(cot: f64) -> Rotation {
        let root = if cot.abs() < 1e100 { (1.0 + cot * cot).sqrt() } else { cot.abs() };
        let tan = 1f64.copysign(cot) / (cot.abs() + root);
        let cos = 1.0 / (1.0 + tan * tan).sqrt();
        let sin = cos * tan;
        Rotation { sin, tan, half: sin / (1.0 + cos) }
    }

    /// x, y = cos·x - sin·y, sin·x + cos·y, as corrections: many small turns keep lengths (Rutishauser 1966, Numer. Math.
    /// 9, 1-10).
    pub fn turn(self, x: &mut [f64], y: &mut [f64]) {
        for (x, y) in x.iter_mut().zip(y) {
            (*x, *y) = (*x - self.sin * (*y + self.half * *x), *y + self.sin * (*x - self.half * *y));
        }
    }
}

/// Repeats a sweep, which says whether it turned anything, until one does not.
pub fn sweeps(mut sweep: impl FnMut() -> bool) -> Result<(), NoConvergence> {
    match (0..SWEEPS).any(|_| !sweep()) {
        true => Ok(()),
        false => Err(NoConvergence),
    }
}

/// Rows p < q of a matrix with rows of this length.
pub fn rows(matrix: &mut [f64], length: usize, p: usize, q: usize) -> (&mut [f64], &mut [f64]) {
    let (low, high) = matrix.split_at_mut(q * length);
    (&mut low[p * length..][..length], &mut high[..length])
}

/// The identity, or its first columns.
pub fn identity(matrix: &mut [f64], length: usize) {
    matrix.fill(0.0);
    matrix.iter_mut().step_by(length + 1).for_each(|x| *x = 1.0);
}

/// Brings `keys` into the order in which `before` holds from front to back, and the rows of the matrices with them.
pub fn sort<const N: usize>(keys: &mut [f64], before: fn(f64, f64) -> bool, mut matrices: [(&mut [f64], usize); N]) {
    for i in 0..keys.len() {
        let first = (i + 1..keys.len()).fold(i, |first, j| if before(keys[j], keys[first]) { j } else { first });
        if first != i {
            keys.swap(i, first);
            for (matrix, length) in &mut matrices {
                let (x, y) = rows(matrix, *length, i, first);
                x.swap_with_slice(y);
            }
        }
    }
}
