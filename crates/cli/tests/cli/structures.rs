//! Parameters and results that are structures: JSON in, JSON out, and what does not fit is named by its path.

use serde_json::{Value as Json, json};

use crate::{pipe, run_on};

/// A loss of two layers, as a traced `Model` prints.
const LOSS: &str = "\
graph @loss(%params: {layers: ({w: f64[2,2], activation: {Tanh: ()}}, {w: f64[2], activation: {Relu: ()}}), n: i64}, %x: f64[2]) -> f64 {
  %0 = get %params {field=layers}
  %1 = get %0 {index=0}
  %2 = get %1 {field=w}
  %3 = dot %2, %x {lhs=[1], rhs=[0]}
  %4 = tanh %3
  %5 = get %0 {index=1}
  %6 = get %5 {field=w}
  %7 = dot %6, %4 {lhs=[0], rhs=[0]}
  return %7
}
";
const AT: &str =
    r#"params={"n":3,"layers":[{"activation":"Tanh","w":[[1,0],[0,2]]},{"w":[2,-1],"activation":"Relu"}]},x=[0.5,0]"#;

fn answer(tools: &[&[&str]]) -> Json {
    serde_json::from_str(&pipe(LOSS, tools)).expect("JSON")
}

#[test]
fn the_gradient_by_an_object_is_an_object() {
    let found = answer(&[&["grad", "-", "--wrt", "params"], &["eval", "-", "--at", AT, "--format", "json"]]);
    let th = 0.5f64.tanh();
    let first = &found["points"][0]["results"][0]["layers"][0];
    assert_eq!((&first["activation"], &first["w"][1]), (&json!("Tanh"), &json!([-0.5, 0.0])));
    assert!((first["w"][0][0].as_f64().expect("a number") - (1.0 - th * th)).abs() < 1e-15);
    let second = json!({"w": [th, 0.0], "activation": "Relu"});
    assert_eq!(found["points"][0]["results"][0]["layers"][1], second);
    assert_eq!(found["points"][0]["results"][0]["n"], json!([]), "an integer has no derivative");
}

#[test]
fn keys_are_any_strings() {
    let graph = "graph @f(%p: {\"0.w\": f64, \"a b\": f64}) -> f64 {\n  %0 = get %p {field=\"a b\"}\n  return %0\n}\n";
    let at = r#"p={"a b":2,"0.w":3}"#;
    let gradient = pipe(graph, &[&["grad", "-"], &["eval", "-", "--at", at, "--format", "json"]]);
    assert!(gradient.contains(r#""results":[{"0.w":0.0,"a b":1.0}]"#), "{gradient}");
    let wrong = run_on(graph.as_bytes(), &["eval", "-", "--at", r#"p={"a b":2,"0.w":[]}"#]);
    let shown = String::from_utf8_lossy(&wrong.stderr);
    assert_eq!(shown, "error[value]: `p[\"0.w\"]` is of type f64: `[]` is not a number\n");
}

#[test]
fn an_object_that_was_printed_reads_back() {
    let found = answer(&[&["eval", "-", "--at", AT, "--format", "json"]]);
    let at = format!("params={},x={}", found["points"][0]["at"]["params"], found["points"][0]["at"]["x"]);
    assert_eq!(answer(&[&["eval", "-", "--at", &at, "--format", "json"]]), found);
    let people = pipe(LOSS, &[&["grad", "-", "--wrt", "params"], &["eval", "-", "--at", AT]]);
    assert!(people.contains("activation: Tanh}, {w: [") && people.ends_with("n: []}\n"), "{people}");
}

#[test]
fn products_take_directions_of_the_same_structure() {
    let at = format!(
        r#"{AT},dparams={{"n":[],"layers":[{{"w":[[0,0],[0,0]],"activation":"Tanh"}},{{"w":[1,0],"activation":"Relu"}}]}}"#
    );
    let found = answer(&[&["jvp", "-", "--wrt", "params"], &["eval", "-", "--at", &at, "--format", "json"]]);
    assert_eq!(found["points"][0]["results"], json!([0.5f64.tanh()]));
}

#[test]
fn what_does_not_fit_is_named_by_its_path() {
    let check = |from: &str, to: &str, message: &str| {
        assert!(AT.contains(from), "{from}");
        let output = run_on(LOSS.as_bytes(), &["eval", "-", "--at", &AT.replace(from, to)]);
        let shown = String::from_utf8_lossy(&output.stderr);
        assert_eq!((output.status.code(), &*output.stdout), (Some(2), &b""[..]));
        assert_eq!(shown, format!("error[value]: {message}\n"));
    };
    check(
        "[2,-1]",
        "[2,-1,3]",
        "`params.layers[1].w` is of type f64[2]: expected an array of length 2, found one of length 3",
    );
    check(
        "\"Tanh\"",
        "\"Relu\"",
        "`params.layers[0].activation` is of type {Tanh: ()}: expected \"Tanh\", found `\"Relu\"`",
    );
    check("\"n\":3", "\"n\":0.5", "`params.n` is of type i64: `0.5` is not an integer of 64 bits");
    let second = "`params.layers[1]` is of type {w: f64[2], activation: {Relu: ()}}";
    check("\"w\":[2,", "\"v\":[2,", &format!("{second}: `w` is missing, `v` is no field of it"));
    check("x=[0.5,0]", "x={\"a\":1}", "`x` is of type f64[2]: expected an array of length 2, found `{\"a\":1}`");
}
