//! Recipes: what a random program is spelled in.

use std::fmt;

/// The choices of one step, one byte each. Zero is the simplest choice, and what is read beyond the end.
pub type Gene = [u8; 16];

/// Which programs are spelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum World {
    /// Scalars: elementwise ops, structures, calls.
    Scalar,
    /// Tensors: all ops.
    Tensor,
}

/// A program as a list of choices. The first gene is about the parameters, each other one is a step.
#[derive(Clone, PartialEq, Eq)]
pub struct Recipe {
    /// Which ops there are.
    pub world: World,
    /// The choices.
    pub genes: Vec<Gene>,
}

impl Recipe {
    /// A recipe for each seed. Most have few steps, one in a hundred has hundreds.
    pub fn random(world: World, seed: u64) -> Recipe {
        let mut random = Random(seed);
        let steps = match random.below(100) {
            0 => 60 + random.below(90),
            1..=9 => 16 + random.below(30),
            _ => 2 + random.below(11),
        };
        let genes = (0..=steps).map(|_| random.gene()).collect();
        Recipe { world, genes }
    }
}

impl fmt::Debug for Recipe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.world)?;
        for gene in &self.genes {
            let used = gene.len() - gene.iter().rev().take_while(|&&byte| byte == 0).count();
            f.write_str(" ")?;
            gene[..used.max(1)].iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
        }
        Ok(())
    }
}

/// Numbers from a seed: splitmix64 (Steele, Lea and Flood 2014).
#[derive(Debug)]
pub struct Random(pub u64);

impl Random {
    /// The next number.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    fn gene(&mut self) -> Gene {
        let both = [self.next().to_le_bytes(), self.next().to_le_bytes()].concat();
        both.try_into().expect("twice eight bytes")
    }
}

/// The choices of a gene, one after the other.
#[derive(Debug)]
pub struct Dice<'r> {
    gene: &'r [u8],
}

impl<'r> Dice<'r> {
    /// From the first byte.
    pub fn new(gene: &'r Gene) -> Dice<'r> {
        Dice { gene }
    }

    fn byte(&mut self) -> usize {
        match self.gene {
            [first, rest @ ..] => {
                self.gene = rest;
                usize::from(*first)
            }
            [] => 0,
        }
    }

    /// A number below `sides` (at least 1) from one byte, or from two for many sides.
    pub fn roll(&mut self, sides: usize) -> usize {
        let number = if sides > 64 { self.byte() + (self.byte() << 8) } else { self.byte() };
        number % sides.max(1)
    }

    /// Whether one of two.
    pub fn flip(&mut self) -> bool {
        self.roll(2) == 1
    }

    /// One of a list.
    pub fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.roll(list.len())]
    }
}
