//! Sums of products as exact as twice the precision makes them, so that their rounding does not matter.

/// A sum in two parts, value and correction (Ogita, Rump and Oishi, *Accurate sum and dot product*, SIAM J. Sci. Comput.
/// 26, 2005).
#[derive(Clone, Copy, Debug, Default)]
pub struct Sum {
    value: f64,
    correction: f64,
}

impl Sum {
    /// Adds x·y, the rounding of product and sum kept.
    pub fn add_product(&mut self, x: f64, y: f64) {
        let product = x * y;
        let low = x.mul_add(y, -product);
        let sum = self.value + product;
        let other = sum - self.value;
        let lost = (self.value - (sum - other)) + (product - other);
        self.value = sum;
        self.correction += lost + low;
    }

    /// The sum, rounded once.
    pub fn total(self) -> f64 {
        self.value + self.correction
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cancels_leaves_what_rounding_would_have_lost() {
        let mut sum = Sum::default();
        for (x, y) in [(1e16, 1.0), (1.0, 1.0), (-1e16, 1.0), (1.0 + f64::EPSILON, 1.0 - f64::EPSILON), (-1.0, 1.0)] {
            sum.add_product(x, y);
        }
        assert_eq!(sum.total(), 1.0 - f64::EPSILON * f64::EPSILON);
    }
}
