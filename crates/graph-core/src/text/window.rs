//! Attributes of ops with windows, as written: only what differs from the default.

use std::fmt;

use crate::op::{ConvSpec, Slide, WindowSpec};

struct List<T>(Vec<T>);

impl<T: fmt::Display> fmt::Display for List<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        super::list(f, "[", self.0.iter(), ",", "]")
    }
}

/// `stride=[2,1]`, and so on.
fn slides(slides: &[Slide]) -> impl Iterator<Item = String> {
    let plain = Slide::default();
    let list = |name: &str, of: &dyn Fn(&Slide) -> i64| {
        let entries: Vec<i64> = slides.iter().map(of).collect();
        let told = entries.iter().any(|&entry| entry != of(&plain));
        told.then(|| format!("{name}={}", List(entries)))
    };
    let lists = [
        list("stride", &|slide| slide.stride as i64),
        list("low", &|slide| slide.low),
        list("high", &|slide| slide.high),
        list("base_dilation", &|slide| slide.base_dilation as i64),
        list("window_dilation", &|slide| slide.window_dilation as i64),
    ];
    lists.into_iter().flatten()
}

/// Those of a convolution.
pub(super) fn conv(spec: &ConvSpec) -> Vec<String> {
    let groups = [("feature_groups", spec.feature_groups), ("batch_groups", spec.batch_groups)];
    let groups = groups.into_iter().filter(|(_, n)| *n != 1).map(|(name, n)| format!("{name}={n}"));
    slides(&spec.slides).chain(groups).collect()
}

/// Those of a windowed reduction.
pub(super) fn reduce(spec: &WindowSpec) -> Vec<String> {
    std::iter::once(format!("window={}", spec.window)).chain(slides(&spec.slides)).collect()
}

/// ` {…}`, or nothing.
pub(super) fn braced(f: &mut fmt::Formatter<'_>, attributes: &[String]) -> fmt::Result {
    match attributes {
        [] => Ok(()),
        _ => super::list(f, " {", attributes.iter(), ", ", "}"),
    }
}
