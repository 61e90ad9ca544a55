//! What the factorisations share: sums, lengths and exact scaling of contiguous vectors.
//!
//! Sums run in lanes, in an order that depends on the length alone, so results are the same on every machine.

/// The exponent e with 2^(e-1) <= max |x| < 2^e, 0 where all are zero; `None` where some element is not finite.
pub fn exponent(x: impl Iterator<Item = f64>) -> Option<i32> {
    let mut largest = 0f64;
    for x in x {
        if !x.is_finite() {
            return None;
        }
        largest = largest.max(x.abs());
    }
    Some(exponent_of(largest))
}

/// The exponent of a finite number: 2^(e-1) <= |x| < 2^e.
fn exponent_of(x: f64) -> i32 {
    let field = |x: f64| (x.to_bits() >> 52 & 0x7ff) as i32;
    match (x == 0.0, field(x)) {
        (true, _) => 0,
        (false, 0) => field(x * power(64)) - 64 - 1022,
        (false, biased) => biased - 1022,
    }
}

/// 2^e for the exponents of normal numbers.
pub fn power(e: i32) -> f64 {
    f64::from_bits(((e + 1023) as u64) << 52)
}

/// x·2^e, exact unless the result leaves the range of normal numbers; |e| is at most 2044.
pub fn scaled(x: f64, e: i32) -> f64 {
    x * power(e / 2) * power(e - e / 2)
}

/// Σ xᵢyᵢ.
pub fn dot(x: &[f64], y: &[f64]) -> f64 {
    const LANES: usize = 8;
    let (xs, ys) = (x.chunks_exact(LANES), y.chunks_exact(LANES));
    let tail: f64 = xs.remainder().iter().zip(ys.remainder()).map(|(x, y)| x * y).sum();
    let mut lanes = [0.0; LANES];
    for (x, y) in xs.zip(ys) {
        for lane in 0..LANES {
            lanes[lane] += x[lane] * y[lane];
        }
    }
    let [a, b, c, d, e, f, g, h] = lanes;
    ((a + b) + (c + d)) + ((e + f) + (g + h)) + tail
}

/// y += a·x.
pub fn add_multiple(a: f64, x: &[f64], y: &mut [f64]) {
    y.iter_mut().zip(x).for_each(|(y, x)| *y += a * x);
}

/// The Euclidean length of a vector of finite numbers, of any scale.
pub fn norm(x: &[f64]) -> f64 {
    let sum = dot(x, x);
    if (power(-800)..=power(800)).contains(&sum) {
        return sum.sqrt();
    }
    let e = exponent(x.iter().copied()).unwrap_or(0);
    scaled(x.iter().map(|&x| scaled(x, -e).powi(2)).sum::<f64>().sqrt(), e)
}

/// 1 or -1, by which the first component of largest magnitude becomes positive.
pub fn orientation(x: impl Iterator<Item = f64>) -> f64 {
    let largest = x.fold(0f64, |largest, x| if x.abs() > largest.abs() { x } else { largest });
    if largest < 0.0 { -1.0 } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exponents_bracket_numbers_of_every_scale() {
        for (x, e) in [(1.0, 1), (0.75, 0), (f64::MAX, 1024), (f64::MIN_POSITIVE, -1021), (5e-324, -1073), (0.0, 0)] {
            assert_eq!(exponent([0.0, -x].into_iter()), Some(e), "{x:e}");
        }
        assert_eq!(exponent([1.0, f64::NAN].into_iter()), None);
    }

    #[test]
    fn scaling_there_and_back_changes_nothing() {
        for x in [1.5, -f64::MAX, 5e-324, 3e-310] {
            let e = exponent([x].into_iter()).expect("finite");
            assert!((0.5..1.0).contains(&scaled(x, -e).abs()));
            assert_eq!(scaled(scaled(x, -e), e), x);
        }
    }

    #[test]
    fn lengths_neither_overflow_nor_underflow() {
        for e in [-1060, -600, 0, 600, 1020] {
            assert_eq!(norm(&[scaled(3.0, e), scaled(-4.0, e)]), scaled(5.0, e));
        }
        assert_eq!(norm(&[1.0; 9]), 3.0);
        assert_eq!(norm(&[]), 0.0);
    }

    #[test]
    fn the_first_of_equal_magnitudes_decides_the_sign() {
        assert_eq!(orientation([1.0, -2.0, 2.0].into_iter()), -1.0);
        assert_eq!(orientation([0.0, 0.0].into_iter()), 1.0);
    }
}
