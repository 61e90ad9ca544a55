//! A million nodes in a row never meet the call stack.

use std::sync::Arc;
use std::thread;

use graph_core::op::Unary;
use graph_core::text::{dot, math, parse, print};
use graph_core::{Function, Graph, Type, verify, walk};

const LENGTH: usize = 1_000_000;
const STACK: usize = 2 << 20;

#[test]
fn a_chain_is_built_walked_printed_parsed_and_dropped_on_a_small_stack() {
    let work = || {
        let mut g = Graph::new();
        let x = g.param("x", Type::f64()).expect("a name");
        let y = (0..LENGTH).fold(x, |y, i| if i % 2 == 0 { g.unary(Unary::Sin, y) } else { g.add(y, x) });
        assert_eq!(walk::ancestors(&g, &[y]).len(), LENGTH + 1);
        assert!(g.bytes() <= 64 * LENGTH, "{} bytes", g.bytes());
        let f = Arc::new(Function::new("chain", &g, &[y]).expect("a name"));
        verify(f.graph()).expect("it is a graph");
        let again = parse(&print(&f)).expect("it is a text");
        assert_eq!(again, f);
        assert!(math(&f, 0).len() + dot(&f).len() > LENGTH);
    };
    let thread = thread::Builder::new().stack_size(STACK).spawn(work).expect("a thread starts");
    thread.join().expect("nothing overflows");
}
