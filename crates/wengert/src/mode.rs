//! Which sweep builds which order.

use std::str::FromStr;

use crate::error::Error;

/// Highest order of [`Mode::Taylor`]: 171! is no longer a number of double precision.
pub const MAX_TAYLOR_ORDER: usize = 170;

/// How derivatives of several orders are built.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Forward where there are no more inputs than outputs, as in one variable; else reverse for the first order and forward
    /// from there. By power series in one number from order 3 on, and in up to eight where that computes less. With
    /// eigenvalues or singular values, reverse.
    #[default]
    Auto,
    /// Every order by reverse mode.
    Reverse,
    /// Every order by forward mode.
    Forward,
    /// The first order by reverse, each further one by forward.
    ForwardOverReverse,
    /// The first order by forward, each further one by reverse.
    ReverseOverForward,
    /// All orders at once by truncated power series.
    Taylor,
}

/// One sweep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sweep {
    /// Cotangents, from results to inputs.
    Reverse,
    /// Tangents, from inputs to results.
    Forward,
}

impl Mode {
    /// Every mode.
    pub const ALL: [Mode; 6] =
        [Mode::Auto, Mode::Reverse, Mode::Forward, Mode::ForwardOverReverse, Mode::ReverseOverForward, Mode::Taylor];

    /// The four modes that nest two sweeps.
    pub const NESTED: [Mode; 4] = [Mode::Reverse, Mode::Forward, Mode::ForwardOverReverse, Mode::ReverseOverForward];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Mode::Auto => "auto",
            Mode::Reverse => "reverse",
            Mode::Forward => "forward",
            Mode::ForwardOverReverse => "forward-over-reverse",
            Mode::ReverseOverForward => "reverse-over-forward",
            Mode::Taylor => "taylor",
        }
    }

    /// The sweeps for the first and for every further order of a function of this many elements in and out; `None` for
    /// power series, which do not nest.
    pub fn sweeps(self, inputs: usize, outputs: usize, order: usize) -> Option<(Sweep, Sweep)> {
        match self {
            Mode::Auto if inputs == 1 && (3..=MAX_TAYLOR_ORDER).contains(&order) => None,
            Mode::Auto if (1..=outputs).contains(&inputs) => Some((Sweep::Forward, Sweep::Forward)),
            Mode::Auto | Mode::ForwardOverReverse => Some((Sweep::Reverse, Sweep::Forward)),
            Mode::Reverse => Some((Sweep::Reverse, Sweep::Reverse)),
            Mode::Forward => Some((Sweep::Forward, Sweep::Forward)),
            Mode::ReverseOverForward => Some((Sweep::Forward, Sweep::Reverse)),
            Mode::Taylor => None,
        }
    }
}

impl FromStr for Mode {
    type Err = Error;
    fn from_str(name: &str) -> Result<Mode, Error> {
        let names = || Mode::ALL.map(Mode::name).join(", ");
        let found = Mode::ALL.into_iter().find(|mode| mode.name() == name);
        found.ok_or_else(|| Error::Unsupported(format!("no mode `{name}`; there are {}", names())))
    }
}
