//! The exponential of a matrix by scaling and squaring: exp A = r(A/2ˢ)^(2ˢ) with a Padé approximant r.
//!
//! Degrees and limits are those of Higham 2005, "The Scaling and Squaring Method for the Matrix Exponential Revisited",
//! SIAM J. Matrix Anal. Appl. 26, 1179-1193 (reprinted in SIAM Review 51 (2009), 747-764): the cheapest diagonal
//! approximant whose backward error is below the unit roundoff for the 1-norm of A/2ˢ.

use super::jacobi::rows;
use super::vector::{add_multiple, exponent, scaled};

/// Numerator coefficients of the diagonal approximants, lowest first, and the largest 1-norm that each is for.
const LOW_DEGREES: [(f64, &[f64]); 4] = [
    (1.495585217958292e-2, &[120.0, 60.0, 12.0, 1.0]),
    (2.53939833006323e-1, &[30240.0, 15120.0, 3360.0, 420.0, 30.0, 1.0]),
    (9.504178996162932e-1, &[17297280.0, 8648640.0, 1995840.0, 277200.0, 25200.0, 1512.0, 56.0, 1.0]),
    (
        2.097847961257068,
        &[17643225600.0, 8821612800.0, 2075673600.0, 302702400.0, 30270240.0, 2162160.0, 110880.0, 3960.0, 90.0, 1.0],
    ),
];

const LIMIT_13: f64 = 5.371920351148152;

const DEGREE_13: [f64; 14] = [
    64764752532480000.0,
    32382376266240000.0,
    7771770303897600.0,
    1187353796428800.0,
    129060195264000.0,
    10559470521600.0,
    670442572800.0,
    33522128640.0,
    1323241920.0,
    40840800.0,
    960960.0,
    16380.0,
    182.0,
    1.0,
];

/// Length of the scratch of [`expm`].
pub fn work(n: usize) -> usize {
    7 * n * n
}

/// exp A. Elements beyond the range overflow as in the squarings they are made of: to infinity or NaN.
pub fn expm(n: usize, a: &[f64], y: &mut [f64], work: &mut [f64]) {
    let Some(e) = exponent(a.iter().copied()) else {
        return y.fill(f64::NAN);
    };
    if n < 2 {
        return y.iter_mut().zip(a).for_each(|(y, x)| *y = x.exp());
    }
    let mut blocks = work.chunks_exact_mut(n * n);
    let [x, p2, p4, p6, p8, odd, even] = std::array::from_fn(|_| blocks.next().expect("the scratch is seven blocks"));
    let norm = norm_1(n, a, e);
    let squarings = (0..).find(|&s| scaled(norm, e - s) <= LIMIT_13).expect("a finite norm is halved to the limit");
    x.iter_mut().zip(a).for_each(|(x, &a)| *x = scaled(a, -squarings));
    match LOW_DEGREES.iter().find(|(limit, _)| scaled(norm, e) <= *limit) {
        Some((_, c)) => low_degree(n, c, x, &mut [&mut *p2, p4, p6, p8][..c.len() / 2 - 1], odd, even),
        None => degree_13(n, x, [&mut *p2, p4, p6], p8, odd, even),
    }
    let u = p2;
    multiply(n, x, odd, u);
    y.iter_mut().zip(&*even).zip(&*u).for_each(|((y, v), u)| *y = v + u);
    even.iter_mut().zip(&*u).for_each(|(v, u)| *v -= u);
    solve(n, even, y);
    for _ in 0..squarings {
        multiply(n, y, y, x);
        if x.iter().zip(&*y).all(|(x, y)| x.to_bits() == y.to_bits()) {
            break;
        }
        y.copy_from_slice(x);
    }
}

/// The largest absolute column sum of A/2ᵉ.
fn norm_1(n: usize, a: &[f64], e: i32) -> f64 {
    let column = |j: usize| a[j..].iter().step_by(n).map(|&a| scaled(a, -e).abs()).sum::<f64>();
    (0..n).map(column).fold(0.0, f64::max)
}

/// r = (x·odd + even) / (even - x·odd) from the even powers of x, which are left in place.
fn low_degree(n: usize, c: &[f64], x: &[f64], powers: &mut [&mut [f64]], odd: &mut [f64], even: &mut [f64]) {
    even_powers(n, x, powers);
    odd.fill(0.0);
    even.fill(0.0);
    accumulate(n, odd, c.iter().skip(1).step_by(2), powers);
    accumulate(n, even, c.iter().step_by(2), powers);
}

/// The same with the powers from x⁸ on as products with x⁶.
fn degree_13(n: usize, x: &[f64], mut powers: [&mut [f64]; 3], spare: &mut [f64], odd: &mut [f64], even: &mut [f64]) {
    even_powers(n, x, &mut powers);
    for (parity, sum) in [even, odd].into_iter().enumerate() {
        spare.fill(0.0);
        accumulate(n, spare, [&0.0].into_iter().chain(DEGREE_13[8 + parity..].iter().step_by(2)), &powers);
        multiply(n, powers[2], spare, sum);
        accumulate(n, sum, DEGREE_13[parity..8].iter().step_by(2), &powers);
    }
}

/// x², x⁴, x⁶, ...
fn even_powers(n: usize, x: &[f64], powers: &mut [&mut [f64]]) {
    let (square, higher) = powers.split_first_mut().expect("every degree uses the square");
    multiply(n, x, x, square);
    let mut last = &**square;
    for power in higher {
        multiply(n, last, square, power);
        last = power;
    }
}

/// y += c₀ + c₁x² + c₂x⁴ + ...
fn accumulate<'c>(n: usize, y: &mut [f64], mut c: impl Iterator<Item = &'c f64>, powers: &[&mut [f64]]) {
    let constant = c.next().expect("a polynomial has a constant");
    c.zip(powers).for_each(|(&c, power)| add_multiple(c, power, y));
    y.iter_mut().step_by(n + 1).for_each(|y| *y += constant);
}

/// z = xy.
fn multiply(n: usize, x: &[f64], y: &[f64], z: &mut [f64]) {
    z.fill(0.0);
    for (x, z) in x.chunks_exact(n).zip(z.chunks_exact_mut(n)) {
        x.iter().zip(y.chunks_exact(n)).for_each(|(&x, y)| add_multiple(x, y, z));
    }
}

/// y = m⁻¹y by elimination with partial pivoting. The denominators of the approximants are well conditioned (Higham 2005,
/// section 2), so no pivot is zero.
fn solve(n: usize, m: &mut [f64], y: &mut [f64]) {
    for k in 0..n {
        let magnitude = |i: usize| m[i * n + k].abs();
        let pivot = (k + 1..n).fold(k, |best, i| if magnitude(i) > magnitude(best) { i } else { best });
        if pivot != k {
            for matrix in [&mut *m, &mut *y] {
                let (x, y) = rows(matrix, n, k, pivot);
                x.swap_with_slice(y);
            }
        }
        for i in k + 1..n {
            let factor = m[i * n + k] / m[k * n + k];
            for matrix in [&mut *m, &mut *y] {
                let (from, to) = rows(matrix, n, k, i);
                add_multiple(-factor, from, to);
            }
        }
    }
    for k in (0..n).rev() {
        y[k * n..][..n].iter_mut().for_each(|y| *y /= m[k * n + k]);
        for i in 0..k {
            let (to, from) = rows(y, n, i, k);
            add_multiple(-m[i * n + k], from, to);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::trial::{Matrix, random};
    use super::*;

    fn exp(n: usize, a: &[f64]) -> Matrix {
        let mut y = vec![7.0; n * n];
        expm(n, a, &mut y, &mut vec![7.0; work(n)]);
        Matrix::new(n, n, y)
    }

    fn close(x: &Matrix, y: [f64; 4], tolerance: f64) -> bool {
        x.distance(&Matrix::new(2, 2, y.to_vec())) <= tolerance * x.norm()
    }

    #[test]
    fn extents_zero_and_one() {
        assert_eq!(exp(0, &[]).elements, []);
        for x in [0.0, -1e-300, 0.01, 700.0, 1e300, -1e300] {
            assert_eq!(exp(1, &[x]).elements, [x.exp()]);
        }
    }

    #[test]
    fn a_nilpotent_matrix_has_a_polynomial() {
        for x in [1e-200, 1e-3, 0.1, 0.5, 1.5, 4.0, 1e5, 1e200] {
            assert!(close(&exp(2, &[0.0, x, 0.0, 0.0]), [1.0, x, 0.0, 1.0], 1e-15), "{x}");
        }
    }

    #[test]
    fn a_generator_of_rotations_gives_rotations() {
        for angle in [1e-9, 0.01, 0.2, 0.9, 2.0, 5.0, 40.0] {
            let (sin, cos) = f64::sin_cos(angle);
            assert!(
                close(&exp(2, &[0.0, -angle, angle, 0.0]), [cos, -sin, sin, cos], 1e-14 * angle.max(1.0)),
                "{angle}"
            );
        }
    }

    #[test]
    fn the_exponential_of_the_negative_is_the_inverse() {
        for (n, size) in [(3, 0.01), (4, 0.05), (5, 0.2), (6, 0.5), (7, 1.0), (9, 2.0)] {
            let a: Vec<f64> = random(n as u64, n * n).iter().map(|x| x * size).collect();
            let negative: Vec<f64> = a.iter().map(|x| -x).collect();
            let (y, inverse) = (exp(n, &a), exp(n, &negative));
            let identity = Matrix::from_fn(n, n, |i, j| if i == j { 1.0 } else { 0.0 });
            let error = y.times(&inverse).distance(&identity);
            assert!(error <= 50.0 * f64::EPSILON * y.norm() * inverse.norm(), "{n} {error:e}");
        }
    }

    #[test]
    fn extremes_of_scale_end() {
        assert_eq!(exp(2, &[-1e300, 0.0, 0.0, -1e308]).elements, [0.0; 4]);
        assert!(exp(2, &[f64::MAX; 4]).elements.iter().all(|y| !y.is_finite()));
        assert!(exp(2, &[5e-324; 4]).distance(&Matrix::from_fn(2, 2, |i, j| if i == j { 1.0 } else { 0.0 })) < 1e-323);
        assert!(exp(2, &[0.0, f64::NAN, 0.0, 0.0]).elements.iter().all(|y| y.is_nan()));
    }
}
