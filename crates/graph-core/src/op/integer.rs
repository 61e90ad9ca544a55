//! Arithmetic of 64-bit integers, and the predicates that look at the bits of a real. Their derivative is zero by class.
//!
//! Every op is total: sums and products wrap, and what is no number elsewhere (a division by 0, a shift by more bits
//! than there are) has the value that its row states. Both branches of a `select` are computed, so an op that failed
//! would fail where its value is not used.

/// A generic callee for an integer function, so that executors get one compiled loop for each op.
pub trait VisitInteger {
    /// What the visit returns.
    type Out;
    /// Called with the function of an op of one operand.
    fn one(self, f: impl Fn(i64) -> i64 + Copy + Send + Sync + 'static) -> Self::Out;
    /// Called with the function of an op of two operands.
    fn two(self, f: impl Fn(i64, i64) -> i64 + Copy + Send + Sync + 'static) -> Self::Out;
}

macro_rules! integers {
    ($( $(#[$doc:meta])* $op:ident $name:ident = $arity:ident($eval:expr); )*) => {
        /// A function of one or two integers, applied to every element.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Integer { $( $(#[$doc])* $op, )* }

        impl Integer {
            /// Every row of the table.
            pub const ALL: &'static [Integer] = &[$( Integer::$op, )*];

            /// Its one name: in text, as a method.
            pub fn name(self) -> &'static str {
                match self { $( Integer::$op => stringify!($name), )* }
            }

            /// Hands the function to `v`, monomorphised.
            pub fn visit<V: VisitInteger>(self, v: V) -> V::Out {
                match self { $( Integer::$op => v.$arity($eval), )* }
            }
        }

        /// Calls `$macro! { Variant name arity, …; }` with every integer op, for wrappers in other crates.
        #[macro_export]
        macro_rules! for_each_integer {
            ($macro:ident) => { $macro! { $( $(#[$doc])* $op $name $arity, )* } };
        }
    };
}

// Rows are: name, number of operands, value.
integers! {
    /// The quotient, rounded towards zero; x/0 is 0, so that x = (x/y)·y + x rem y for every y
    IntDiv int_div = two(|x, y| x.checked_div(y).unwrap_or(if y == 0 { 0 } else { x }));
    /// The remainder of [`Integer::IntDiv`], with the sign of the dividend; x rem 0 is x
    IntRem int_rem = two(|x, y| if y == 0 { x } else { x.wrapping_rem(y) });
    /// Bits that are set in both
    BitAnd bit_and = two(|x, y| x & y);
    /// Bits that are set in either
    BitOr bit_or = two(|x, y| x | y);
    /// Bits that are set in one only
    BitXor bit_xor = two(|x, y| x ^ y);
    /// x·2ʸ, wrapping; y is taken as unsigned, and 0 results from 64 on
    ShiftLeft shift_left = two(|x, y| if in_range(y) { x << y } else { 0 });
    /// The quotient by 2ʸ, rounded down; y is taken as unsigned, and the sign (0 or -1) results from 64 on
    ShiftRight shift_right = two(|x, y| x >> if in_range(y) { y } else { 63 });
    /// The bits moved down and zeros moved in; y is taken as unsigned, and 0 results from 64 on
    ShiftRightLogical shift_right_logical = two(|x, y| if in_range(y) { (x as u64 >> y) as i64 } else { 0 });
    /// The high 64 bits of the product of 128 bits, operands and result taken as unsigned
    MulHigh mul_high = two(|x, y| ((u128::from(x as u64) * u128::from(y as u64)) >> 64) as i64);
    /// Every bit inverted: −1 − x
    BitNot bit_not = one(|x| !x);
    /// The number of bits that are set
    Popcount popcount = one(|x| i64::from(x.count_ones()));
    /// The number of zeros above the highest bit that is set; 64 for 0
    LeadingZeros leading_zeros = one(|x| i64::from(x.leading_zeros()));
}

fn in_range(shift: i64) -> bool {
    (0..64).contains(&shift)
}

impl Integer {
    /// Number of operands.
    pub fn arity(self) -> usize {
        self.visit(Arity)
    }

    /// The value; ops of one operand look at `x` alone.
    pub fn eval(self, x: i64, y: i64) -> i64 {
        self.visit(At(x, y))
    }

    /// Whether the order of two operands is of no account.
    pub fn commutes(self) -> bool {
        match self {
            Integer::BitAnd | Integer::BitOr | Integer::BitXor | Integer::MulHigh => true,
            Integer::IntDiv | Integer::IntRem => false,
            Integer::ShiftLeft | Integer::ShiftRight | Integer::ShiftRightLogical => false,
            Integer::BitNot | Integer::Popcount | Integer::LeadingZeros => false,
        }
    }
}

struct Arity;
impl VisitInteger for Arity {
    type Out = usize;
    fn one(self, _: impl Fn(i64) -> i64 + Copy + Send + Sync + 'static) -> usize {
        1
    }
    fn two(self, _: impl Fn(i64, i64) -> i64 + Copy + Send + Sync + 'static) -> usize {
        2
    }
}

struct At(i64, i64);
impl VisitInteger for At {
    type Out = i64;
    fn one(self, f: impl Fn(i64) -> i64 + Copy + Send + Sync + 'static) -> i64 {
        f(self.0)
    }
    fn two(self, f: impl Fn(i64, i64) -> i64 + Copy + Send + Sync + 'static) -> i64 {
        f(self.0, self.1)
    }
}

/// A predicate of one real element.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Test {
    IsFinite,
    IsNan,
    IsInf,
}

impl Test {
    /// Every predicate.
    pub const ALL: &'static [Test] = &[Test::IsFinite, Test::IsNan, Test::IsInf];

    /// Its name in text.
    pub fn name(self) -> &'static str {
        match self {
            Test::IsFinite => "is_finite",
            Test::IsNan => "is_nan",
            Test::IsInf => "is_inf",
        }
    }

    /// Whether the predicate holds.
    pub fn eval(self, x: f64) -> bool {
        match self {
            Test::IsFinite => x.is_finite(),
            Test::IsNan => x.is_nan(),
            Test::IsInf => x.is_infinite(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AWKWARD: [i64; 12] = [0, 1, -1, 2, -3, 7, 63, 64, 1 << 53, (1 << 53) + 1, i64::MAX, i64::MIN];

    fn pairs() -> impl Iterator<Item = (i64, i64)> {
        AWKWARD.iter().flat_map(|&x| AWKWARD.iter().map(move |&y| (x, y)))
    }

    #[test]
    fn quotient_and_remainder_add_up_for_every_divisor() {
        for (x, y) in pairs() {
            let (quotient, remainder) = (Integer::IntDiv.eval(x, y), Integer::IntRem.eval(x, y));
            assert_eq!(quotient.wrapping_mul(y).wrapping_add(remainder), x, "{x}, {y}");
            assert!(remainder == 0 || (remainder < 0) == (x < 0), "{x}, {y}: {remainder}");
            assert!(y == 0 || remainder.unsigned_abs() < y.unsigned_abs(), "{x}, {y}: {remainder}");
        }
        assert_eq!([Integer::IntDiv.eval(-7, 2), Integer::IntRem.eval(-7, 2)], [-3, -1]);
        assert_eq!([Integer::IntDiv.eval(i64::MIN, -1), Integer::IntRem.eval(i64::MIN, -1)], [i64::MIN, 0]);
    }

    #[test]
    fn shifts_are_those_of_unbounded_integers() {
        for (x, y) in pairs() {
            let by = u32::try_from(y).unwrap_or(u32::MAX).min(64);
            let wide = i128::from(x);
            assert_eq!(Integer::ShiftLeft.eval(x, y), (wide << by) as i64, "{x}, {y}");
            assert_eq!(Integer::ShiftRight.eval(x, y), (wide >> by) as i64, "{x}, {y}");
            assert_eq!(Integer::ShiftRightLogical.eval(x, y), (u128::from(x as u64) >> by) as i64, "{x}, {y}");
        }
    }

    /// By schoolbook multiplication of 32-bit halves.
    #[test]
    fn the_high_half_of_a_product_is_that_of_long_multiplication() {
        for (x, y) in pairs() {
            let (a, b) = ((x as u64) >> 32, (x as u64) & 0xffff_ffff);
            let (c, d) = ((y as u64) >> 32, (y as u64) & 0xffff_ffff);
            let middle = ((b * d) >> 32) + ((a * d) & 0xffff_ffff) + ((b * c) & 0xffff_ffff);
            let high = a * c + ((a * d) >> 32) + ((b * c) >> 32) + (middle >> 32);
            assert_eq!(Integer::MulHigh.eval(x, y) as u64, high, "{x}, {y}");
        }
    }

    #[test]
    fn ops_that_commute_do() {
        for &op in Integer::ALL.iter().filter(|op| op.arity() == 2) {
            let commutes = pairs().all(|(x, y)| op.eval(x, y) == op.eval(y, x));
            assert_eq!(op.commutes(), commutes, "{op:?}");
        }
    }

    #[test]
    fn bits_are_counted_as_they_print() {
        for x in AWKWARD {
            let digits = format!("{x:064b}");
            assert_eq!(Integer::Popcount.eval(x, 0) as usize, digits.matches('1').count());
            assert_eq!(Integer::LeadingZeros.eval(x, 0) as usize, digits.find('1').unwrap_or(64));
            assert_eq!(Integer::BitNot.eval(x, 0), (-1i64).wrapping_sub(x));
        }
    }
}
