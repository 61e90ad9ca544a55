//! Determinants, by elimination with partial pivoting on elements that carry their errors.

use graph_core::op::{Binary, Unary};
use graph_core::{DType, Op};

use super::{Element, elementwise, exact, unary};

/// The determinant of an `n` × `n` matrix.
pub fn det(matrix: &[Element], n: usize) -> Element {
    let (sign, pivots) = pivots(matrix, n);
    pivots.into_iter().fold(exact(sign), |product, pivot| two(Binary::Mul, product, pivot))
}

/// Its sign, and the logarithm of its magnitude.
pub fn slogdet(matrix: &[Element], n: usize) -> [Element; 2] {
    let (sign, pivots) = pivots(matrix, n);
    let one = |op, x| unary(op, DType::F64, x);
    let sign = pivots.iter().fold(exact(sign), |sign, &pivot| two(Binary::Mul, sign, one(Unary::Sign, pivot)));
    let logs = pivots.into_iter().map(|pivot| one(Unary::Log, one(Unary::Abs, pivot)));
    [sign, logs.fold(exact(0.0), |sum, log| two(Binary::Add, sum, log))]
}

/// The sign of the permutation, and the diagonal of U.
fn pivots(matrix: &[Element], n: usize) -> (f64, Vec<Element>) {
    let mut rows: Vec<Vec<Element>> = matrix.chunks(n).map(<[Element]>::to_vec).collect();
    let mut sign = 1.0;
    for column in 0..n {
        let size = |row: &usize| rows[*row][column].value.abs();
        let largest = (column..n).max_by(|a, b| size(a).total_cmp(&size(b))).expect("a row is left");
        if largest != column {
            rows.swap(largest, column);
            sign = -sign;
        }
        let (above, below) = rows.split_at_mut(column + 1);
        let pivot = &above[column];
        for row in below.iter_mut().filter(|_| pivot[column].value != 0.0) {
            let factor = two(Binary::Div, row[column], pivot[column]);
            for (x, &above) in row.iter_mut().zip(pivot).skip(column + 1) {
                *x = two(Binary::Sub, *x, two(Binary::Mul, factor, above));
            }
        }
    }
    (sign, (0..n).map(|i| rows[i][i]).collect())
}

fn two(op: Binary, x: Element, y: Element) -> Element {
    elementwise(Op::Binary(op), DType::F64, &[x, y])
}
