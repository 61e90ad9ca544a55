//! What inference refuses of gathers and scatters, and why; which constant indices do not lie within the operand.

use graph_core::text::parse;

use crate::infer::check;

/// Rows of a matrix.
const ROWS: &str = "offset=[1], collapsed=[0], start_map=[0], index_axis=1, sizes=[1,3]";

const OUT: &str = "axis 2 is out of range: a tensor of rank 2 has axes 0 to 1";

/// A gather from a matrix with these attributes is refused.
fn refused(indices: &str, attributes: &str, kind: &str, why: &str) {
    let head = format!("gather %x: f64[2,3], %i: {indices} {{{attributes}}}");
    check(
        &format!("%x: f64[2,3], %i: {indices}"),
        &format!("gather %x, %i {{{attributes}}}"),
        &format!("{kind} in `{head}`: {why}"),
    );
}

fn attribute(attributes: &str, why: &str) {
    refused("i64[7]", attributes, "bad attribute", why);
}

#[test]
fn indices_are_integers() {
    for dtype in ["f64", "f32", "bool"] {
        let why = format!("indices are i64, not {dtype}; `cast` them");
        refused(&format!("{dtype}[7]"), ROWS, "dtype mismatch", &why);
    }
}

#[test]
fn a_window_lies_along_all_axes_and_fits() {
    attribute(&ROWS.replace("[1,3]", "[3]"), "sizes need 2 entries, one for each axis of the operand");
    attribute(
        &ROWS.replace("[1,3]", "[1,4]"),
        "axis 1: a window of 4 does not fit into 3 element(s); make sizes smaller",
    );
    attribute(&ROWS.replace("[1,3]", "[2,3]"), "axis 0 is collapsed or a batch, so its window is 1, not 2");
    attribute(&ROWS.replace("collapsed=[0]", "collapsed=[2]"), &format!("collapsed: {OUT}"));
    attribute(
        "offset=[], collapsed=[1,0], start_map=[0], index_axis=1, sizes=[1,1]",
        "collapsed [1,0] decreases; list the axes in increasing order",
    );
}

#[test]
fn windows_have_as_many_axes_as_they_keep() {
    attribute(&ROWS.replace("offset=[1]", "offset=[]"), "0 offset axes for windows that keep 1 axes");
    attribute(&ROWS.replace("offset=[1]", "offset=[2]"), &format!("offset: {OUT}"));
    attribute(
        "offset=[1,0], collapsed=[], start_map=[0], index_axis=1, sizes=[1,3]",
        "offset [1,0] decreases; list the axes in increasing order",
    );
}

#[test]
fn index_vectors_have_a_component_for_each_axis() {
    attribute(
        &ROWS.replace("start_map=[0]", "start_map=[0,1]"),
        "index vectors have 1 component(s), start_map names [0,1]",
    );
    attribute(&ROWS.replace("start_map=[0]", "start_map=[2]"), OUT);
    attribute(
        &ROWS.replace("index_axis=1", "index_axis=2"),
        "index_axis 2 is beyond indices of rank 1; the rank itself means that each index is a vector",
    );
    attribute(&ROWS.replace("index_axis=1", "index_axis=0"), "index vectors have 7 component(s), start_map names [0]");
}

#[test]
fn batches_run_in_parallel() {
    let batches = |extent: usize, attributes: &str, kind: &str, why: &str| {
        let sizes = "collapsed=[1], start_map=[1], index_axis=2, sizes=[1,1]";
        refused(&format!("i64[{extent},7,1]"), &format!("offset=[], {sizes}, {attributes}"), kind, why);
    };
    batches(
        5,
        "operand_batch=[0], indices_batch=[0]",
        "shape mismatch",
        "batch axes 0 and 0 have 2 and 5 elements; they run in parallel",
    );
    batches(
        2,
        "operand_batch=[0], indices_batch=[]",
        "bad attribute",
        "[0] of the operand cannot run in parallel with [] of the indices",
    );
    batches(
        2,
        "operand_batch=[0], indices_batch=[2]",
        "bad attribute",
        "[0] of the operand cannot run in parallel with [2] of the indices",
    );
    batches(2, "operand_batch=[1], indices_batch=[0]", "bad attribute", "axis 1 occurs twice; name it once");
}

#[test]
fn updates_have_the_type_of_the_windows() {
    let scatter = |op: &str, x: &str, u: &str, kind: &str, why: &str| {
        check(
            &format!("%x: {x}[2,3], %i: i64[7], %u: {u}"),
            &format!("{op} %x, %i, %u {{{ROWS}}}"),
            &format!("{kind} in `{op} %x: {x}[2,3], %i: i64[7], %u: {u} {{{ROWS}}}`: {why}"),
        );
    };
    scatter(
        "scatter_add",
        "f64",
        "f64[3,7]",
        "shape mismatch",
        "the windows are [7,3], the updates [3,7]; an update is as large as its window",
    );
    scatter("scatter_set", "f64", "f32[7,3]", "dtype mismatch", "f64 and f32 do not mix; `cast` one of them");
    for op in ["scatter_add", "scatter_mul", "scatter_max", "scatter_min"] {
        let why = "it needs numbers, not bool; `cast` first, or use `scatter_set`";
        scatter(op, "bool", "bool[7,3]", "dtype mismatch", why);
    }
    let source = format!(
        "graph @f(%x: bool[2,3], %i: i64[7], %u: bool[7,3]) -> bool[2,3] {{
           %0 = scatter_set %x, %i, %u {{{ROWS}}} return %0 }}"
    );
    assert!(parse(&source).is_ok(), "truth values can be set");
}

#[test]
fn each_op_has_its_own_word_for_what_is_left_out() {
    let message = |op: &str, out: &str| {
        let source = format!(
            "graph @f(%x: f64[2,3], %i: i64[7], %u: f64[7,3]) -> () {{ %0 = {op} {{{ROWS}, out={out}}} return }}"
        );
        parse(&source).map_err(|e| e.to_string().split_once(": ").map(|(_, why)| why.to_string())).err().flatten()
    };
    assert_eq!(message("gather %x, %i", "fill"), None);
    assert_eq!(message("scatter_add %x, %i, %u", "drop"), None);
    assert_eq!(message("gather %x, %i", "drop").as_deref(), Some("`out` is one of error, clamp, fill"));
    assert_eq!(message("scatter_add %x, %i, %u", "fill").as_deref(), Some("`out` is one of error, clamp, drop"));
    assert_eq!(message("gather %x, %i", "3").as_deref(), Some("`out` is one of error, clamp, fill"));
}

#[test]
fn constant_indices_are_compared_with_the_extent_when_asked() {
    let problem = |constant: &str, out: &str| {
        let source = format!(
            "graph @f(%x: f64[2,3]) -> f64[2,3] {{
               %0 = const {constant} : i64[2] %1 = gather %x, %0 {{{ROWS}, out={out}}} return %1 }}"
        );
        let f = parse(&source).expect("it parses, so that what was printed does");
        f.graph().check_indices(f.results()[0]).map_err(|e| e.to_string()).err()
    };
    let message = format!(
        "bad attribute in `gather %x: f64[2,3], %0: i64[2] {{{ROWS}}}`: index 2 is out of range along axis 0 of 2 \
         element(s); indices count from 0; `out` says what else to do"
    );
    assert_eq!(problem("[1, 2]", "error").as_deref(), Some(&*message));
    assert_eq!(problem("2", "error").as_deref(), Some(&*message), "all alike");
    for out in ["clamp", "fill"] {
        assert_eq!(problem("[1, 2]", out), None);
    }
    assert_eq!(problem("[1, 0]", "error"), None);
}
