//! A rewrite rule as a value.

use std::fmt;

use graph_core::{Graph, NodeId, Opcode};

use crate::level::Class;
use crate::pattern::{Bindings, Match, Pattern};

/// A law by which one node may stand for another of the same type.
pub struct Rule {
    name: &'static str,
    class: Class,
    family: &'static str,
    /// Fires only where nothing else uses the operands, which would stay.
    pub(crate) alone: bool,
    /// May raise the cost, for values that would be lost.
    pub(crate) dearer: bool,
    pub(crate) law: Law,
}

/// How a law is given.
pub(crate) enum Law {
    /// Two elementwise expressions.
    Equation { left: Pattern, right: Pattern, when: Option<(&'static str, Condition)> },
    /// A function that returns the better node, for laws about shapes, structures or any op of a family.
    Function { heads: Vec<Opcode>, first: Option<Opcode>, text: &'static str, apply: Apply },
}

pub(crate) type Condition = fn(&Match<'_>) -> bool;
pub(crate) type Apply = fn(&mut Graph, NodeId) -> Option<NodeId>;

/// The equation `left = right`, used from left to right.
pub(crate) fn rule(name: &'static str, class: Class, left: Pattern, right: impl Into<Pattern>) -> Rule {
    Rule {
        name,
        class,
        family: "",
        alone: false,
        dearer: false,
        law: Law::Equation { left, right: right.into(), when: None },
    }
}

/// A law given by a function, tried at nodes of these opcodes.
pub(crate) fn law(
    name: &'static str,
    class: Class,
    heads: impl IntoIterator<Item = Opcode>,
    text: &'static str,
    apply: Apply,
) -> Rule {
    let heads = heads.into_iter().collect();
    Rule {
        name,
        class,
        family: "",
        alone: false,
        dearer: false,
        law: Law::Function { heads, first: None, text, apply },
    }
}

impl Rule {
    /// Its name: the law in kebab case.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// What it guarantees about values.
    pub fn class(&self) -> Class {
        self.class
    }

    /// The family (file) it stands in.
    pub fn family(&self) -> &'static str {
        self.family
    }

    /// Whether it may raise the cost, for values that would be lost.
    pub fn may_cost_more(&self) -> bool {
        self.dearer
    }

    /// The law, printed.
    pub fn text(&self) -> String {
        match &self.law {
            Law::Equation { left, right, when: None } => format!("{left} = {right}"),
            Law::Equation { left, right, when: Some((condition, _)) } => format!("{left} = {right}, if {condition}"),
            Law::Function { text, .. } => text.to_string(),
        }
    }

    /// The equation holds under a condition only.
    pub(crate) fn when(mut self, text: &'static str, condition: Condition) -> Rule {
        match &mut self.law {
            Law::Equation { when, .. } => *when = Some((text, condition)),
            Law::Function { .. } => panic!("`{}`: the function of a law checks its own conditions", self.name),
        }
        self
    }

    /// The law concerns nodes whose operand 0 is such a node, so that others need not be tried.
    pub(crate) fn of(mut self, operand: Opcode) -> Rule {
        match &mut self.law {
            Law::Function { first, .. } => *first = Some(operand),
            Law::Equation { .. } => panic!("`{}`: the pattern of an equation says its operands", self.name),
        }
        self
    }

    /// The law makes an operand anew in another form; where something else uses it, both would be computed.
    pub(crate) fn alone(self) -> Rule {
        Rule { alone: true, ..self }
    }

    /// The law may raise the cost: what it saves are values that overflow inside.
    pub(crate) fn dearer(self) -> Rule {
        Rule { dearer: true, ..self }
    }

    pub(crate) fn in_family(self, family: &'static str) -> Rule {
        Rule { family, ..self }
    }

    /// The node that may stand for `id`, by this law alone; `left` is one orientation of its left side.
    pub(crate) fn attempt(&self, left: Option<&Pattern>, g: &mut Graph, id: NodeId) -> Option<NodeId> {
        match &self.law {
            Law::Function { apply, .. } => apply(g, id),
            Law::Equation { left: written, right, when } => {
                let mut bound = Bindings::default();
                if !left.unwrap_or(written).matches(g, id, &mut bound) {
                    return None;
                }
                if when.is_some_and(|(_, holds)| !holds(&Match::new(g, &bound))) {
                    return None;
                }
                let ty = g.ty(id).as_tensor().expect("elementwise nodes are tensors").clone();
                Some(right.build(g, &bound, &ty))
            }
        }
    }
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}): {}", self.name, self.class, self.text())
    }
}
