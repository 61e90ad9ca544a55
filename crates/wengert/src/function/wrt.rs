//! Which parameters a transform is about: by position or by name, one or several.

use super::Function;
use crate::error::Error;

/// Parameters of a function: a position (the first is 0), a name, or a list of either.
pub trait Wrt {
    /// Their positions.
    ///
    /// # Errors
    /// A name that no parameter has. (A position that is too large is for the transform to tell.)
    fn positions(&self, f: &Function) -> Result<Vec<usize>, Error>;
}

impl Wrt for usize {
    fn positions(&self, _: &Function) -> Result<Vec<usize>, Error> {
        Ok(vec![*self])
    }
}

impl Wrt for &str {
    fn positions(&self, f: &Function) -> Result<Vec<usize>, Error> {
        Ok(vec![f.position(self)?])
    }
}

impl<W: Wrt> Wrt for [W] {
    fn positions(&self, f: &Function) -> Result<Vec<usize>, Error> {
        let lists: Vec<Vec<usize>> = self.iter().map(|w| w.positions(f)).collect::<Result<_, _>>()?;
        Ok(lists.concat())
    }
}

impl<W: Wrt, const N: usize> Wrt for [W; N] {
    fn positions(&self, f: &Function) -> Result<Vec<usize>, Error> {
        self[..].positions(f)
    }
}

impl<W: Wrt> Wrt for Vec<W> {
    fn positions(&self, f: &Function) -> Result<Vec<usize>, Error> {
        self[..].positions(f)
    }
}

impl<W: Wrt + ?Sized> Wrt for &W {
    fn positions(&self, f: &Function) -> Result<Vec<usize>, Error> {
        (**self).positions(f)
    }
}
