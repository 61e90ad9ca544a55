//! The graphs of this thread, so that an [`crate::Expr`] can be `Copy` and still know its graph.
//!
//! A graph lives from `Graph::new` until its handle drops. Places are used again, with a new generation, so a stale
//! handle is recognised.

use std::cell::RefCell;

use graph_core::provenance::Site;

use crate::error::Error;

/// Which graph, and which of the graphs that have had its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct GraphId {
    place: u32,
    generation: u32,
}

/// A graph under construction: its nodes, and the first mistake made in building it.
#[derive(Default)]
pub(crate) struct Building {
    pub core: graph_core::Graph,
    pub mistake: Option<Error>,
}

impl Building {
    /// Keeps the first mistake.
    pub fn blame(&mut self, mistake: Error) {
        self.mistake.get_or_insert(mistake);
    }
}

#[derive(Default)]
struct Place {
    generation: u32,
    graph: Option<Box<Building>>,
}

#[derive(Default)]
struct Registry {
    places: Vec<Place>,
    free: Vec<u32>,
}

thread_local! {
    static REGISTRY: RefCell<Registry> = RefCell::default();
}

/// Registers an empty graph, or one that exists.
pub(crate) fn insert(core: graph_core::Graph) -> GraphId {
    let graph = Some(Box::new(Building { core, mistake: None }));
    REGISTRY.with_borrow_mut(|registry| match registry.free.pop() {
        Some(place) => {
            let entry = &mut registry.places[place as usize];
            entry.graph = graph;
            GraphId { place, generation: entry.generation }
        }
        None => {
            let place = u32::try_from(registry.places.len()).expect("fewer than 2^32 graphs at once");
            registry.places.push(Place { generation: 0, graph });
            GraphId { place, generation: 0 }
        }
    })
}

/// Frees a graph.
pub(crate) fn remove(id: GraphId) {
    // The graph is dropped after the borrow ends; during the exit of a thread the registry may be gone already.
    let _gone = REGISTRY.try_with(|registry| {
        let registry = &mut *registry.borrow_mut();
        let entry = &mut registry.places[id.place as usize];
        entry.generation = entry.generation.wrapping_add(1);
        registry.free.push(id.place);
        entry.graph.take()
    });
}

/// Works on a graph, if it still exists. `work` must not come back here.
pub(crate) fn with<R>(id: GraphId, work: impl FnOnce(&mut Building) -> R) -> Option<R> {
    REGISTRY.with_borrow_mut(|registry| {
        let entry = registry.places.get_mut(id.place as usize)?;
        (entry.generation == id.generation).then_some(())?;
        entry.graph.as_deref_mut().map(work)
    })
}

/// As [`with`], for calls that return a `Result`: the graph must exist and have no mistake in it.
pub(crate) fn sound<R>(
    id: GraphId,
    site: Site,
    work: impl FnOnce(&mut graph_core::Graph) -> Result<R, Error>,
) -> Result<R, Error> {
    let worked = with(id, |building| match &building.mistake {
        Some(mistake) => Err(mistake.clone()),
        None => work(&mut building.core),
    });
    worked.unwrap_or(Err(Error::Dropped { site }))
}
