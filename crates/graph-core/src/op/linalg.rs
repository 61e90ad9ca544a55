//! Linear algebra on matrices, which are the last two axes of a tensor; all axes before are batches.

/// A factorisation or function of matrices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Linalg {
    /// `cholesky x`: the lower triangular L with a positive diagonal and L·Lᵀ = (x + xᵀ)/2.
    Cholesky,
    /// `solve a, b`: a⁻¹·b.
    Solve,
    /// `det x`.
    Det,
    /// `cofactor x`: the matrix of cofactors, which is the gradient of `det`, whatever the rank of x.
    Cofactor,
    /// `slogdet x`: the tuple of the sign of the determinant and the logarithm of its magnitude.
    SlogDet,
    /// `lu x`: the tuple of L (below the diagonal, which is 1) and U in one matrix, and the permutation of the rows of x.
    Lu,
    /// `qr x`: the tuple of Q with orthonormal columns and R, upper triangular with a diagonal that is not negative.
    Qr,
    /// `eigh x`: the tuple of the eigenvalues of (x + xᵀ)/2, ascending, and its eigenvectors as columns.
    Eigh,
    /// `svd x`: the tuple U, s, Vᵀ with x = U·diag(s)·Vᵀ, s descending; U has as many columns as there are values.
    Svd,
    /// `expm x`: Σ xⁿ/n!.
    Expm,
}

impl Linalg {
    /// Every such op.
    pub const ALL: &'static [Linalg] = &[
        Linalg::Cholesky,
        Linalg::Solve,
        Linalg::Det,
        Linalg::Cofactor,
        Linalg::SlogDet,
        Linalg::Lu,
        Linalg::Qr,
        Linalg::Eigh,
        Linalg::Svd,
        Linalg::Expm,
    ];

    /// Its name in text.
    pub fn name(self) -> &'static str {
        match self {
            Linalg::Cholesky => "cholesky",
            Linalg::Solve => "solve",
            Linalg::Det => "det",
            Linalg::Cofactor => "cofactor",
            Linalg::SlogDet => "slogdet",
            Linalg::Lu => "lu",
            Linalg::Qr => "qr",
            Linalg::Eigh => "eigh",
            Linalg::Svd => "svd",
            Linalg::Expm => "expm",
        }
    }

    /// Number of operands.
    pub fn arity(self) -> usize {
        if self == Linalg::Solve { 2 } else { 1 }
    }

    /// Whether its operand must be square.
    pub fn is_square(self) -> bool {
        !matches!(self, Linalg::Lu | Linalg::Qr | Linalg::Svd)
    }
}

/// Which triangle of a matrix is meant, and which system it is the matrix of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Triangle {
    /// The upper triangle; else the lower.
    pub upper: bool,
    /// The matrix of the system is the transpose of the triangle.
    pub transposed: bool,
    /// The diagonal is 1, whatever the matrix holds there.
    pub unit: bool,
}

impl Triangle {
    /// The lower triangle.
    pub const LOWER: Triangle = Triangle { upper: false, transposed: false, unit: false };
    /// The upper triangle.
    pub const UPPER: Triangle = Triangle { upper: true, ..Triangle::LOWER };

    /// The same triangle, the transposed system.
    pub fn turned(self) -> Triangle {
        Triangle { transposed: !self.transposed, ..self }
    }

    /// The attributes that are set.
    pub fn flags(self) -> impl Iterator<Item = &'static str> {
        let flags = [(self.upper, "upper"), (self.transposed, "transposed"), (self.unit, "unit")];
        flags.into_iter().filter_map(|(set, name)| set.then_some(name))
    }
}
