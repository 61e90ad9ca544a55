//! Which sweep builds which order.

use std::str::FromStr;

use crate::error::Error;

/// How derivatives of several orders are built.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Forward in one variable; else reverse for the first order and forward from there.
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

    /// The sweeps for the first and for every further order, in this many variables.
    ///
    /// # Errors
    /// [`Mode::Taylor`] is not there yet.
    pub fn sweeps(self, variables: usize) -> Result<(Sweep, Sweep), Error> {
        match self {
            Mode::Auto if variables == 1 => Ok((Sweep::Forward, Sweep::Forward)),
            Mode::Auto | Mode::ForwardOverReverse => Ok((Sweep::Reverse, Sweep::Forward)),
            Mode::Reverse => Ok((Sweep::Reverse, Sweep::Reverse)),
            Mode::Forward => Ok((Sweep::Forward, Sweep::Forward)),
            Mode::ReverseOverForward => Ok((Sweep::Forward, Sweep::Reverse)),
            Mode::Taylor => Err(Error::Unsupported(
                "mode `taylor` does not exist yet; `auto` gives the same derivatives by nested sweeps".into(),
            )),
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
