//! All rules in order, and the index by which the driver finds those of a node.
//!
//! Rules of one opcode are tried in the order of the families and, within a family, of the page: a special law stands
//! before a general one. A rule whose pattern says what operands 0 and 1 are is skipped by comparing two bytes.

use std::sync::LazyLock;

use graph_core::{Graph, NodeId, Opcode};

use crate::level::Level;
use crate::pattern::Pattern;
use crate::rule::{Law, Rule};
use crate::rules::families;

static RULES: LazyLock<Vec<Rule>> = LazyLock::new(families);
static INDICES: LazyLock<[Index; 4]> = LazyLock::new(|| Level::ALL.map(Index::new));

/// Every rule, in the order in which rules are tried.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    RULES.iter()
}

/// The rules of one level by the opcode of the node they replace.
pub(crate) struct Index {
    by_head: Vec<Vec<Entry>>,
    /// Position of the rule `commute`, which the driver applies before it makes a node.
    pub commute: usize,
}

/// A rule, with one orientation of its left side if it has one.
struct Entry {
    rule: usize,
    operands: [u8; 2],
    left: Option<Pattern>,
}

/// The operand may be anything.
const ANY: u8 = u8::MAX;

impl Index {
    /// The index that holds the rules of a level.
    pub fn of(level: Level) -> &'static Index {
        &INDICES[level as usize]
    }

    fn new(level: Level) -> Index {
        assert!(Opcode::all().len() < usize::from(ANY), "opcodes fit a byte");
        let commute = RULES.iter().position(|rule| rule.name() == "commute").expect("it is in the table");
        let mut index = Index { by_head: Opcode::all().iter().map(|_| Vec::new()).collect(), commute };
        for (at, rule) in RULES.iter().enumerate().filter(|(_, rule)| level.admits(rule.class())) {
            index.insert(at, rule);
        }
        index
    }

    fn insert(&mut self, at: usize, rule: &Rule) {
        match &rule.law {
            Law::Function { heads, first, .. } => {
                let operands = [first.map_or(ANY, byte), ANY];
                for head in heads {
                    self.by_head[head.index()].push(Entry { rule: at, operands, left: None });
                }
            }
            Law::Equation { left, .. } => {
                for left in left.orientations() {
                    let Pattern::Node(op, parts) = &left else { panic!("`{}` starts with an op", rule.name()) };
                    let operands = [kind(parts.first()), kind(parts.get(1))];
                    self.by_head[op.code().index()].push(Entry { rule: at, operands, left: Some(left) });
                }
            }
        }
    }

    /// The first rule that replaces `id` by another node, and that node. Its operands are normal; `shared` says whether
    /// an operand has other users.
    pub fn apply(&self, g: &mut Graph, id: NodeId, shared: impl Fn(NodeId) -> bool) -> Option<(usize, NodeId)> {
        let entries = &self.by_head[g.op(id).code().index()];
        if entries.is_empty() {
            return None;
        }
        let [x, y] = match *g.operands(id) {
            [] => [ANY; 2],
            [x] => [byte(g.op(x).code()), ANY],
            [x, y, ..] => [byte(g.op(x).code()), byte(g.op(y).code())],
        };
        let fits = |entry: &&Entry| {
            let [p, q] = entry.operands;
            (p == ANY || p == x) && (q == ANY || q == y)
        };
        for entry in entries.iter().filter(fits) {
            if RULES[entry.rule].alone && g.operands(id).iter().any(|&x| shared(x)) {
                continue;
            }
            match RULES[entry.rule].attempt(entry.left.as_ref(), g, id) {
                Some(better) if better != id => return Some((entry.rule, better)),
                _ => {}
            }
        }
        None
    }
}

fn byte(op: Opcode) -> u8 {
    op.index() as u8
}

fn kind(part: Option<&Pattern>) -> u8 {
    match part {
        None | Some(Pattern::Any(_)) => ANY,
        Some(Pattern::Constant(_) | Pattern::Number(_)) => byte(Opcode::Const),
        Some(Pattern::Node(op, _)) => byte(op.code()),
    }
}
