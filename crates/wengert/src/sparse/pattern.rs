//! Where a matrix may have entries that are not 0.

/// The places of a sparse matrix, by compressed columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    rows: usize,
    column_pointers: Vec<usize>,
    row_indices: Vec<usize>,
}

impl Pattern {
    /// Of these places (row, column), in any order, repeated or not.
    pub(crate) fn new(rows: usize, columns: usize, mut places: Vec<(usize, usize)>) -> Pattern {
        places.sort_unstable_by_key(|&(i, j)| (j, i));
        places.dedup();
        let mut column_pointers = vec![0; columns + 1];
        for &(_, j) in &places {
            column_pointers[j + 1] += 1;
        }
        for j in 0..columns {
            column_pointers[j + 1] += column_pointers[j];
        }
        Pattern { rows, column_pointers, row_indices: places.into_iter().map(|(i, _)| i).collect() }
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Number of columns.
    pub fn columns(&self) -> usize {
        self.column_pointers.len() - 1
    }

    /// Number of entries.
    pub fn entries(&self) -> usize {
        self.row_indices.len()
    }

    /// Where the entries of each column start, and behind the last where they end: columns + 1 numbers.
    pub fn column_pointers(&self) -> &[usize] {
        &self.column_pointers
    }

    /// The row of each entry, column by column, ascending within each.
    pub fn row_indices(&self) -> &[usize] {
        &self.row_indices
    }

    /// The rows of the entries of a column.
    pub fn column(&self, j: usize) -> &[usize] {
        &self.row_indices[self.column_pointers[j]..self.column_pointers[j + 1]]
    }

    /// Row and column of each entry, in the order of compressed columns.
    pub fn coordinates(&self) -> impl Iterator<Item = (usize, usize)> {
        (0..self.columns()).flat_map(|j| self.column(j).iter().map(move |&i| (i, j)))
    }

    /// Rows and columns exchanged.
    pub fn transposed(&self) -> Pattern {
        Pattern::new(self.columns(), self.rows, self.coordinates().map(|(i, j)| (j, i)).collect())
    }

    /// With every place the one across the diagonal, too.
    pub(crate) fn symmetric(&self) -> Pattern {
        let both = self.coordinates().flat_map(|(i, j)| [(i, j), (j, i)]).collect();
        Pattern::new(self.rows, self.columns(), both)
    }

    /// The dense matrix with these values of the entries, row by row, 0 elsewhere.
    ///
    /// # Panics
    /// If there is not a value for each entry.
    pub fn to_dense(&self, values: &[f64]) -> Vec<f64> {
        assert_eq!(values.len(), self.entries(), "a value for each entry");
        let mut dense = vec![0.0; self.rows * self.columns()];
        for ((i, j), &value) in self.coordinates().zip(values) {
            dense[i * self.columns() + j] = value;
        }
        dense
    }
}
