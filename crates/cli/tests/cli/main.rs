//! The program as users meet it: what it prints, what it refuses and with which exit code.

mod structures;

use std::io::Write;
use std::process::{Command, Output, Stdio};

use serde_json::{Value as Json, json};

const LECTURE: &str = "ln(x1) + x1*x2 - sin(x2)";
const SQUARE: &str =
    "graph @f(%x: f64, %y: f64) -> f64 {\n  %0 = mul %x, %x : f64\n  %1 = mul %0, %y : f64\n  return %1\n}\n";

fn run_on(input: &[u8], args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wengert"));
    command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    let input = input.to_vec();
    // A program that ends early closes the pipe, which is no fault of the test.
    let writer = std::thread::spawn(move || _ = stdin.write_all(&input));
    let output = child.wait_with_output().expect("the program ends");
    writer.join().expect("the writer ends");
    output
}

fn run(args: &[&str]) -> Output {
    run_on(b"", args)
}

fn stdout(output: &Output) -> String {
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

fn pipe(input: &str, tools: &[&[&str]]) -> String {
    tools.iter().fold(input.to_string(), |text, args| stdout(&run_on(text.as_bytes(), args)))
}

/// The text up to the line with the time.
fn timeless(text: &str) -> &str {
    text.split("set-up:").next().unwrap_or_default()
}

fn answers(output: &Output) -> Vec<Json> {
    let text = std::str::from_utf8(&output.stdout).expect("UTF-8");
    text.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
}

/// Answers of jobs, which are all right.
fn jobs(jobs: &[Json]) -> Vec<Json> {
    let input: String = jobs.iter().map(|job| format!("{job}\n")).collect();
    let output = run_on(input.as_bytes(), &["derive", "--jobs", "-"]);
    assert!(output.status.success(), "{output:?}");
    answers(&output)
}

#[test]
fn a_person_reads_value_gradient_hessian_and_node_counts() {
    let shown = stdout(&run(&["derive", LECTURE, "--at", "x1=2,x2=5", "--order", "3"]));
    let (values, rest) = shown.split_once("\nnodes: ").expect("node counts");
    assert_eq!(
        values,
        "\
f = ln(x1) + x1*x2 - sin(x2)

at x1 = 2.0, x2 = 5.0
value
  11.652071455223084
gradient
  d/dx1 = 5.5
  d/dx2 = 1.7163378145367738
Hessian
         x1                   x2
  x1  -0.25                  1.0
  x2    1.0  -0.9589242746631385
order 3
  d3/dx1 dx1 dx1 = 0.25
  d3/dx1 dx1 dx2 = 0.0
  d3/dx1 dx2 dx2 = 0.0
  d3/dx2 dx2 dx2 = 0.28366218546322625
"
    );
    assert!(rest.starts_with("5 in the function, ") && rest.contains("\nset-up: "), "{rest}");
}

#[test]
fn without_a_point_the_derivatives_are_formulas() {
    let shown = stdout(&run(&["derive", "x^2*y", "--order", "2"]));
    let names: Vec<&str> = shown.lines().filter_map(|line| line.split_once(" = ")).map(|(name, _)| name).collect();
    let partials: Vec<&str> = names.into_iter().filter(|name| !name.starts_with('t')).collect();
    assert_eq!(partials, ["f", "d/dx", "d/dy", "d2/dx dx", "d2/dx dy", "d2/dy dy"], "{shown}");
}

#[test]
fn a_program_reads_json_with_the_promised_keys_in_the_promised_order() {
    let args = ["derive", LECTURE, "--at", "x1=2,x2=5", "--at", "x2=1,x1=1e300", "--order", "2", "--format", "json"];
    let answer = answers(&run(&args)).remove(0);
    let keys = |json: &Json| json.as_object().expect("an object").keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&answer), ["expr", "variables", "order", "mode", "opt", "nodes", "seconds", "points"]);
    assert_eq!(keys(&answer["nodes"]), ["function", "generated", "optimized"]);
    assert_eq!(keys(&answer["points"][0]), ["at", "partials"]);
    assert_eq!(keys(&answer["points"][1]["at"]), ["x2", "x1"]);
    let partials = json!([
        {"wrt": [], "value": 11.652071455223084}, {"wrt": ["x1"], "value": 5.5},
        {"wrt": ["x2"], "value": 1.7163378145367738}, {"wrt": ["x1", "x1"], "value": -0.25},
        {"wrt": ["x1", "x2"], "value": 1.0}, {"wrt": ["x2", "x2"], "value": -0.9589242746631385}
    ]);
    assert_eq!(answer["points"][0]["partials"], partials);
    assert!(answer["seconds"]["setup"].as_f64().is_some_and(|seconds| seconds > 0.0));
}

#[test]
fn two_runs_print_the_same_but_for_the_time() {
    for show in ["none", "graph", "math", "dot", "svg"] {
        let args = ["derive", "exp(x*y)/y + gamma(x)", "--at", "x=1,y=2", "--order", "3", "--show", show];
        let (first, second) = (stdout(&run(&args)), stdout(&run(&args)));
        assert_eq!(timeless(&first), timeless(&second), "{show}");
    }
    let answer = || {
        let mut answer = jobs(&[json!({"expr": "exp(x*y)/y", "at": {"x": 1, "y": 2}, "order": 3})]).remove(0);
        answer["seconds"].take();
        answer.to_string()
    };
    assert_eq!(answer(), answer());
}

#[test]
fn a_formula_may_start_with_a_sign() {
    for (formula, value) in [("-h", "-2.0"), ("-hypot(h, h)", "-2.8284271247461903"), ("--h", "2.0")] {
        let shown = stdout(&run(&["derive", formula, "--at", "h=2", "--order", "0"]));
        assert!(shown.contains(&format!("value\n  {value}\n")), "{shown}");
    }
}

#[test]
fn what_is_shown_beside_values_is_still_a_graph_or_a_picture() {
    let derive = |show| stdout(&run(&["derive", LECTURE, "--at", "x1=2,x2=5", "--show", show]));
    let graph = derive("graph");
    assert!(graph.contains("//   d/dx1 = 5.5\n"), "{graph}");
    assert_eq!(pipe(&graph, &[&["check", "-"]]), "");
    let values = pipe(&graph, &[&["eval", "-", "--at", "x1=2,x2=5"]]);
    assert_eq!(values, "11.652071455223084\n5.5\n1.7163378145367738\n");
    assert!(derive("dot").starts_with("digraph ") && derive("dot").contains("// value\n"));
    assert!(derive("svg").starts_with("<svg ") && derive("svg").contains("<!-- value -->\n"));
}

#[test]
fn numbers_that_json_lacks_are_strings_both_ways() {
    let job = json!({"expr": "x^2", "at": [{"x": "inf"}, {"x": "-inf"}, {"x": "nan"}, {"x": 0.1}], "order": 0});
    let answer = jobs(&[job]).remove(0);
    let points = answer["points"].as_array().expect("points").iter();
    let seen: Vec<(Json, Json)> = points.map(|p| (p["at"]["x"].clone(), p["partials"][0]["value"].clone())).collect();
    let expected = [("inf".into(), "inf".into()), ("-inf".into(), "inf".into()), ("nan".into(), "nan".into())];
    assert_eq!(seen[..3], expected);
    assert_eq!(seen[3], (0.1.into(), (0.1 * 0.1).into()));
}

/// A job for every mode, level and executor.
fn every_way(expr: &str) -> Vec<Json> {
    let mut all = Vec::new();
    for mode in ["auto", "reverse", "forward", "forward-over-reverse", "reverse-over-forward", "taylor"] {
        for opt in ["none", "exact", "safe", "relaxed"] {
            for exec in ["reference", "compiled"] {
                let at = json!([{"x": 0.5, "y": 2}]);
                all.push(json!({"expr": expr, "at": at, "order": 3, "mode": mode, "opt": opt, "exec": exec}));
            }
        }
    }
    all
}

#[test]
fn every_mode_level_and_executor_gives_the_same_partials() {
    let (x, y) = (0.5_f64, 2.0_f64);
    let (sin, cos, s) = ((x * y).sin(), (x * y).cos(), x + y);
    // Each with ∂³/∂x³ and ∂³/∂x∂y², by hand.
    let cases = [
        ("sin(x*y)", -y.powi(3) * cos, -x * (2.0 * sin + x * y * cos)),
        ("1/(x + y)", -6.0 / s.powi(4), -6.0 / s.powi(4)),
        ("x^y", y * (y - 1.0) * (y - 2.0) * x.powf(y - 3.0), x.powf(y - 1.0) * x.ln() * (y * x.ln() + 2.0)),
        ("exp(-x^2)*y^2", y * y * (12.0 * x - 8.0 * x.powi(3)) * (-x * x).exp(), -4.0 * x * (-x * x).exp()),
        ("where(x < y, log(x)*y^3, 0)", 2.0 * y.powi(3) / x.powi(3), 6.0 * y / x),
        ("D(x^4*y^3, x)", 24.0 * y.powi(3), 12.0 * x * x * 6.0 * y),
    ];
    for (expr, pure, mixed) in cases {
        let all = every_way(expr);
        for (job, answer) in all.iter().zip(jobs(&all)) {
            assert_eq!((&answer["mode"], &answer["opt"]), (&job["mode"], &job["opt"]));
            let partials = answer["points"][0]["partials"].as_array().expect("partials");
            assert_eq!(partials.len(), 10);
            for (wrt, expected) in [(json!(["x", "x", "x"]), pure), (json!(["x", "y", "y"]), mixed)] {
                let found = partials.iter().find(|p| p["wrt"] == wrt).and_then(|p| p["value"].as_f64());
                let found = found.expect("a number");
                assert!((found - expected).abs() < 1e-12 * expected.abs().max(1.0), "{job}: {wrt} {found} {expected}");
            }
        }
    }
}

#[test]
fn variables_come_as_asked_and_unused_ones_give_zeros() {
    let job = json!({"expr": "x*y", "wrt": ["z", "y"], "at": [{"x": 3, "y": 5, "other": 7}]});
    let answer = jobs(&[job]).remove(0);
    assert_eq!(answer["variables"], json!(["z", "y"]));
    assert_eq!(answer["points"][0]["at"], json!({"x": 3.0, "y": 5.0, "other": 7.0}));
    let partials = json!([{"wrt": [], "value": 15.0}, {"wrt": ["z"], "value": 0.0}, {"wrt": ["y"], "value": 3.0}]);
    assert_eq!(answer["points"][0]["partials"], partials);
    let names = answers(&run(&["derive", "x*y", "--wrt", " z , y", "--format", "json"])).remove(0);
    assert_eq!(names["variables"], json!(["z", "y"]));
}

#[test]
fn a_wrong_job_is_answered_on_its_line_and_the_next_one_runs() {
    let lines: [(&[u8], &str, usize); 17] = [
        (b"{\"expr\":\"x +* 2\"}", "syntax", 4),
        (b"{\"expr\":\"x*y\",\"at\":[{\"x\":1}]}", "no-value", 3),
        (b"{\"expr\":\"foo(x)\"}", "unknown-function", 1),
        (b"{\"expr\":\"x\",\"odrer\":2}", "key", 13),
        (b"{\"at\":[]}", "key", 1),
        (b"{\"expr\":\"x\",\"order\":-1}", "value", 13),
        (b"{\"expr\":\"x\",\"mode\":\"backward\"}", "value", 13),
        (b"{\"expr\":\"x\",\"at\":[{\"x\":[[1],[2,3]]}]}", "value", 13),
        (b"{\"expr\":\"x+y\",\"at\":[{\"x\":[1,2],\"y\":[1,2,3]}]}", "shape", 2),
        (b"{\"expr\":\"x\",\"mode\":\"taylor\",\"order\":9,\"at\":[{\"x\":[1,2,3,4,5,6,7,8,9]}]}", "limit", 1),
        (b"{\"expr\":\"x\",\"at\":[{\"x\":\"two\"}]}", "value", 13),
        (b"{\"expr\":\"x\",\"order\":65}", "limit", 1),
        (b"{\"expr\":\"x\",\"wrt\":[\"x\",\"x\"]}", "wrt", 1),
        (b"{\"expr\":\"x\",", "json", 12),
        (b"[1]", "json", 1),
        (b"{\"expr\":\"\xff\"}", "encoding", 1),
        (b"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "json", 66),
    ];
    let mut input = Vec::new();
    for (line, _, _) in lines {
        input.extend_from_slice(line);
        input.extend_from_slice(b"\n\n{\"expr\":\"x^2\",\"at\":{\"x\":3}}\r\n");
    }
    let output = run_on(&input, &["derive", "--jobs", "-"]);
    assert_eq!(output.status.code(), Some(1));
    let answers = answers(&output);
    assert_eq!(answers.len(), 2 * lines.len());
    for (pair, (line, code, column)) in answers.chunks(2).zip(lines) {
        let error = &pair[0]["error"];
        let line = String::from_utf8_lossy(line);
        assert_eq!((error["code"].as_str(), error["at"].as_u64()), (Some(code), Some(column as u64)), "{line} {error}");
        assert!(error["message"].as_str().is_some_and(|message| !message.is_empty()), "{error}");
        assert_eq!(pair[1]["points"][0]["partials"][1]["value"], 6.0);
    }
}

#[test]
fn options_are_the_defaults_of_jobs_and_long_lines_are_refused() {
    let input = format!("{{\"expr\":\"x\"}}\n{{\"expr\":\"{}x\"}}\n{{\"expr\":\"x\",\"order\":1}}", " ".repeat(200));
    let output =
        run_on(input.as_bytes(), &["derive", "--jobs", "-", "--order", "2", "--opt", "none", "--max-bytes", "99"]);
    let answers = answers(&output);
    assert_eq!((&answers[0]["order"], &answers[0]["opt"]), (&json!(2), &json!("none")));
    assert_eq!(answers[1]["error"]["code"], "limit");
    assert_eq!(answers[2]["order"], 1);
}

#[test]
fn a_check_agrees_or_says_that_it_cannot_tell() {
    let check = |formula, at| stdout(&run(&["derive", formula, "--at", at, "--check"]));
    assert!(check(LECTURE, "x1=2,x2=5").contains("check\n  agrees: "));
    assert!(check("max(x, y)", "x=1,y=1").contains("check\n  undecided: "));
    assert!(check("sqrt(x)", "x=0").contains("check\n  undecided: "));
    let json = answers(&run(&["derive", "exp(x)", "--at", "x=1", "--check", "--format", "json"])).remove(0);
    assert_eq!(json["points"][0]["check"]["verdict"], "agrees");
}

#[test]
fn a_derivative_that_differences_contradict_has_exit_code_1() {
    // The branch taken is the constant; the formula around the point is the identity.
    let formula = "where(x == 1, 1, x)";
    let text = run(&["derive", formula, "--at", "x=1", "--check"]);
    assert_eq!(text.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&text.stdout).contains("check\n  DISAGREES: "), "{text:?}");
    let job = json!({"expr": formula, "at": {"x": 1}}).to_string();
    let json = run_on(job.as_bytes(), &["derive", "--jobs", "-", "--check"]);
    assert_eq!(json.status.code(), Some(1));
    assert_eq!(answers(&json)[0]["points"][0]["check"]["verdict"], "disagrees");
}

#[test]
fn a_mistake_is_one_message_with_its_place_and_nothing_else() {
    let caret = |title: &str, line: &str, carets: &str, help: &str| {
        let help = if help.is_empty() { String::new() } else { format!("  |\n  = help: {help}\n") };
        format!("error{title}\n  |\n1 | {line}\n  | {carets}\n{help}")
    };
    let number = "write a number like 2, -0.5 or 1e-3, or inf, -inf, nan";
    let entry = "write NAME=VALUE,NAME=VALUE, for example x1=2,x2=5";
    let ragged = "[value]: the rows of an array differ: of length 1 and of 2 (column 3)";
    let rows = "all rows of an array have one length, at every depth";
    let cases: [(&[&str], String); 17] = [
        (&["x +* 2"], caret("[syntax]: expected a number, a name or `(`, found `*` (column 4)", "x +* 2", "   ^", "")),
        (
            &["atan2(x)"],
            caret("[arity]: `atan2` takes 2 arguments, not 1 (column 1)", "atan2(x)", "^^^^^", "write `atan2(x, y)`"),
        ),
        (
            &["sine(x)"],
            caret(
                "[unknown-function]: there is no function `sine` (column 1)",
                "sine(x)",
                "^^^^",
                "did you mean `sin`?",
            ),
        ),
        (
            &["x*y", "--at", "x=1"],
            caret(
                "[no-value]: no value for `y` (column 3)",
                "x*y",
                "  ^",
                "a point gives every variable a value: x1=2,x2=5",
            ),
        ),
        (&["x", "--at", "x=abc"], caret("[value]: `abc` is not a number (column 3)", "x=abc", "  ^^^", number)),
        (&["x", "--at", "x=1e400"], caret("[value]: `1e400` is not a number (column 3)", "x=1e400", "  ^^^^^", number)),
        (
            &["x", "--at", "x=1,x=2"],
            caret(
                "[value]: `x` has a value already (column 5)",
                "x=1,x=2",
                "    ^",
                "a point gives each name one value",
            ),
        ),
        (&["x", "--at", "2x=1"], caret("[name]: `2x` is not a name (column 1)", "2x=1", "^^", entry)),
        (
            &["(x"],
            caret(
                "[syntax]: the formula ends where `)` should follow (column 3)",
                "(x",
                "  ^",
                "what opens at column 1 is not closed",
            ),
        ),
        (
            &["x y"],
            caret("[syntax]: expected an operator, found `y` (column 3)", "x y", "  ^", "write `*` between factors"),
        ),
        (
            &["é*1e400"],
            caret(
                "[number]: the number `1e400` is larger than the largest f64 (column 3)",
                "é*1e400",
                "  ^^^^^",
                "the largest is 1.7976931348623157e308",
            ),
        ),
        (
            &["x", "--at", "x=1", "--at", "x=[1]"],
            "error[shape]: `x` is an array of shape [1] here and a number at the first point\n  \
             = help: all points of one request have the same shapes\n"
                .into(),
        ),
        (&["x", "--wrt", "x,x"], "error[wrt]: `x` is named twice in wrt\n  = help: name each variable once\n".into()),
        (&["x", "--at", "x=1,y"], caret("[value]: `y` has no `=` (column 5)", "x=1,y", "    ^", entry)),
        (&["x", "--at", "x=[[1],[2,3]]"], caret(ragged, "x=[[1],[2,3]]", "  ^^^^^^^^^^^", rows)),
        (
            &["x", "--order", "65"],
            "error[limit]: order 65 is more than the limit of 64\n  = help: raise the limit with --max-order\n".into(),
        ),
        (&["x", "--check"], "error[usage]: --check compares values at a point\n  = help: give one with --at\n".into()),
    ];
    for (args, message) in cases {
        let output = run(&[&["derive"], args].concat());
        assert_eq!(String::from_utf8_lossy(&output.stderr), message, "{args:?}");
        assert_eq!((output.status.code(), &*output.stdout), (Some(2), &b""[..]), "{args:?}");
    }
}

#[test]
fn every_refusal_has_exit_code_2_and_leaves_standard_output_empty() {
    let cases: [(&[&str], &str); 13] = [
        (&["derive", ""], "the formula is empty"),
        (&["derive", "x", "--order", "-1"], "invalid value '-1' for '--order <K>'"),
        (&["derive", "x", "--wrt", ""], "`` in wrt is not a name"),
        (&["derive"], "<EXPR>"),
        (&["derive", "x", "--jobs", "-"], "cannot be used with"),
        (&["derive", "--jobs", "does-not-exist.jsonl"], "does-not-exist.jsonl"),
        (&["derive", "x", "--mode", "backward"], "possible values"),
        (&["derive", "exp(x*y)", "--order", "9", "--max-partials", "10"], "[limit]"),
        (&["derive", "sin(x)*x", "--max-nodes", "2"], "[limit]"),
        (&["derive", "x", "--wrt", "a-b"], "[name]"),
        (&["check", "does-not-exist.graph"], "does-not-exist.graph"),
        (&["check", "."], "[file]"),
        (&["integrate", "-"], "unrecognized subcommand"),
    ];
    for (args, part) in cases {
        let output = run(args);
        let message = String::from_utf8_lossy(&output.stderr);
        assert!(message.contains(part) && !message.contains("panicked"), "{args:?}: {message}");
        assert_eq!((output.status.code(), &*output.stdout), (Some(2), &b""[..]), "{args:?}");
    }
}

#[test]
fn tools_chain_in_a_pipe() {
    let x = |tool, at| pipe(SQUARE, &[&[tool, "-", "--wrt", "x"], &["opt", "-"], &["eval", "-", "--at", at]]);
    assert_eq!(x("grad", "x=2,y=3"), "12.0\n");
    assert_eq!(x("vjp", "x=2,y=3,ct=0.5"), "6.0\n");
    assert_eq!(x("jvp", "x=2,y=3,dx=10"), "120.0\n");
    assert_eq!(x("hvp", "x=2,y=3,dx=10"), "60.0\n");
    assert_eq!(x("hessian", "x=2,y=3"), "6.0\n");
    assert_eq!(x("jacobian", "x=2,y=inf"), "inf\n");
    let third: [&[&str]; 4] =
        [&["grad", "-", "--wrt", "x"], &["grad", "-", "--wrt", "x"], &["grad", "-"], &["check", "-"]];
    assert_eq!(pipe(SQUARE, &third), "");
    let all = pipe(SQUARE, &[&["grad", "-"], &["eval", "-", "--at", "x=2,y=3", "--exec", "reference"]]);
    assert_eq!(all, "12.0\n4.0\n");
}

#[test]
fn eval_takes_and_gives_values_of_every_type() {
    let graph = "graph @g(%w: f64[2,3], %p: {a: (f64, bool), n: i64}) -> (f64[3,2], {a: (f64, bool), n: i64}) {\n  \
                 %0 = permute %w {axes=[1,0]} : f64[3,2]\n  return %0, %p\n}\n";
    let at = r#"w=[[1,2,3],[4,5,"inf"]],p={"n":7,"a":[0.5,true]}"#;
    let text = pipe(graph, &[&["eval", "-", "--at", at]]);
    assert_eq!(text, "[[1.0, 4.0], [2.0, 5.0], [3.0, inf]]\n{a: [0.5, true], n: 7}\n");
    let json = pipe(graph, &[&["eval", "-", "--at", at, "--format", "json"]]);
    let answer: Json = serde_json::from_str(&json).expect("JSON");
    let results = json!([[[1.0, 4.0], [2.0, 5.0], [3.0, "inf"]], {"a": [0.5, true], "n": 7}]);
    assert_eq!(answer["points"][0]["results"], results);
    let wrong = run_on(graph.as_bytes(), &["eval", "-", "--at", "w=[[1,2],[3,4]],p=0"]);
    let message = "error[value]: `w` is of type f64[2,3]: expected an array of length 3, found one of length 2\n";
    assert_eq!((wrong.status.code(), &*String::from_utf8_lossy(&wrong.stderr)), (Some(2), message));
}

#[test]
fn a_graph_is_shown_in_every_form_and_its_optimisation_is_reported() {
    let show = |form| pipe(SQUARE, &[&["show", "-", "--as", form]]);
    assert_eq!((show("text").as_str(), show("math").as_str()), (SQUARE, "x*x*y\n"));
    assert!(show("dot").starts_with("digraph \"f\" {") && show("svg").starts_with("<svg "));
    assert!(
        show("plan").starts_with("1 dispatches; ") && show("plan").contains("  square+mul f64 "),
        "{}",
        show("plan")
    );
    let graph = "graph @f(%x: f64) -> f64 {\n  %0 = const 1.0 : f64\n  %1 = mul %x, %0 : f64\n  return %1\n}\n";
    let output = run_on(graph.as_bytes(), &["opt", "-", "--report"]);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "graph @f(%x: f64) -> f64 {\n  return %x\n}\n");
    assert!(String::from_utf8_lossy(&output.stderr).contains("mul-one"), "{output:?}");
}

#[test]
fn set_up_is_reported_by_stage() {
    let output = run_on(b"", &["derive", "sin(x)*1", "--order", "2", "--at", "x=1", "--report"]);
    let (values, report) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(values.contains("d/dx = 0.540302305868") && !values.contains("optimise"), "{values}");
    for stage in ["read the formula", "build its graph", "differentiate", "optimise", "plan the run", "all of set-up"] {
        assert!(report.contains(&format!(" ms  {stage}\n")), "{report}");
    }
    assert!(report.contains(" nodes before, "), "{report}");
}

#[test]
fn a_wrong_graph_is_shown_with_a_caret() {
    let check = |text: &[u8], args: &[&str]| {
        let output = run_on(text, args);
        assert_eq!((output.status.code(), &*output.stdout), (Some(2), &b""[..]));
        String::from_utf8(output.stderr).expect("UTF-8")
    };
    let unknown = "graph @f(%x: f64) -> f64 {\n  %0 = mul %x, %y : f64\n  return %0\n}\n";
    let message = "error[parse]: unknown value %y (column 16)\n  |\n2 |   %0 = mul %x, %y : f64\n  |                ^\n  |\n  \
                   = help: define it on a line above\n";
    assert_eq!(check(unknown.as_bytes(), &["check", "-"]), message);
    assert!(check(b"", &["check", "-"]).contains("no graph in this text"));
    assert!(check(b"\xff", &["check", "-"]).contains("not UTF-8"));
    assert!(check(SQUARE.as_bytes(), &["check", "-", "--max-bytes", "9"]).contains("--max-bytes"));
    assert!(check(SQUARE.as_bytes(), &["grad", "-", "--wrt", "z"]).contains("its parameters are `x`, `y`"));
    assert!(check(SQUARE.as_bytes(), &["jvp", "-", "--wrt", "x,x"]).contains("`x` is named twice in wrt"));
    assert!(check(SQUARE.as_bytes(), &["eval", "-", "--at", "x=1"]).contains("no value for `y` of type f64"));
}

#[test]
fn a_check_tells_every_problem_of_a_graph() {
    let graph = "graph @f(%x: f64) -> f64 {\n  %0 = mul %x, %y : f64\n  %1 = sinn %0 : f64\n  %2 = add %1, %0 : f64\n  \
                 return %2\n}\n";
    let output = run_on(graph.as_bytes(), &["check", "-"]);
    let message = "error[parse]: unknown value %y (column 16)\n  |\n2 |   %0 = mul %x, %y : f64\n  |                ^\n  |\n  \
                   = help: define it on a line above\n\n\
                   error[parse]: unknown op `sinn` (column 8)\n  |\n3 |   %1 = sinn %0 : f64\n  |        ^\n  |\n  \
                   = help: close names: sin, sinh, sinpi, sinc\n";
    assert_eq!(String::from_utf8_lossy(&output.stderr), message);
    assert_eq!((output.status.code(), &*output.stdout), (Some(2), &b""[..]));
    let many = format!("graph @f() -> () {{\n{}return\n}}", "%0 = sinn\n".repeat(1000));
    let output = run_on(many.as_bytes(), &["check", "-"]);
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(message.matches("error[parse]").count(), 100);
    assert!(
        message.ends_with(
            "error[limit]: the first 100 mistakes are shown; there may be more\n  \
                               = help: correct these and check again\n"
        ),
        "{message}"
    );
}

#[test]
fn hostile_formulas_are_answered() {
    let n = 20_000;
    let hostile = [
        "(".repeat(n) + "x" + &")".repeat(n),
        "sin(".repeat(n),
        "-".repeat(n) + "x",
        vec!["x*x"; n].join("+"),
        "x".to_string() + &"^x".repeat(n / 10),
        "where(x<1,".repeat(n / 10) + "x" + &",x)".repeat(n / 10),
        (0..n).map(|i| format!("x{i}")).collect::<Vec<_>>().join("+"),
        "x*1e400".to_string(),
        "x\0+\u{fffd}".to_string(),
    ];
    let input: String = hostile.iter().map(|expr| format!("{}\n", json!({"expr": expr, "at": [{"x": 0.5}]}))).collect();
    let output = run_on(input.as_bytes(), &["derive", "--jobs", "-"]);
    assert_eq!((output.status.code(), &*output.stderr), (Some(1), &b""[..]));
    let answers = answers(&output);
    assert_eq!(answers.len(), hostile.len());
    let outcomes: Vec<&str> = answers.iter().map(|a| a["error"]["code"].as_str().unwrap_or("fine")).collect();
    assert_eq!(outcomes, ["fine", "syntax", "fine", "fine", "fine", "fine", "no-value", "number", "syntax"]);
}

#[test]
fn hostile_graphs_and_points_are_refused() {
    let n = 10_000;
    let rows = "graph @f() -> f64[1000000000,0] {\n  %0 = const 1.0 : f64[1000000000,0]\n  return %0\n}\n";
    let nested = format!("graph @f(%x: {}f64{}) -> f64 {{", "(".repeat(n), ")".repeat(n));
    let at = format!("x={}1{},y=2", "[".repeat(n), "]".repeat(n));
    let cases: [(&str, &[&str], &str); 6] = [
        (rows, &["eval", "-"], "error[limit]: a result of type f64[1000000000,0] has more elements or rows than"),
        (&nested, &["check", "-"], "error[parse]"),
        (&"graph @f(".repeat(n), &["check", "-"], "error[parse]"),
        (SQUARE, &["eval", "-", "--at", &at], "error[value]"),
        (SQUARE, &["eval", "-", "--at", "x=1e400,y=2"], "error[value]: `1e400` is not a value"),
        (SQUARE, &["taylor", "-", "--order", "1000"], "is not in 1..=170"),
    ];
    for (graph, args, message) in cases {
        let output = run_on(graph.as_bytes(), args);
        assert_eq!((output.status.code(), &*output.stdout), (Some(2), &b""[..]), "{args:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains(message), "{output:?}");
    }
}

#[test]
fn a_reader_that_leaves_ends_the_program_quietly() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wengert"));
    command.args(["derive", "--jobs", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    drop(child.stdout.take());
    let mut stdin = child.stdin.take().expect("a pipe");
    let job = b"{\"expr\":\"x\"}\n";
    while stdin.write_all(job).is_ok() {}
    drop(stdin);
    let output = child.wait_with_output().expect("the program ends");
    assert_eq!((output.status.code(), &*output.stderr), (Some(0), &b""[..]));
}

#[test]
fn taylor_gives_the_coefficients_along_a_direction() {
    let sine = "graph @f(%x: f64) -> f64 {\n  %0 = sin %x : f64\n  return %0\n}\n";
    let series = run_on(sine.as_bytes(), &["taylor", "-", "--order", "3"]);
    assert!(series.status.success());
    let values = run_on(&series.stdout, &["eval", "-", "--at", "x=0,dx=2", "--format", "json"]);
    // sin 2t = 2t - 8t³/6
    let text = String::from_utf8_lossy(&values.stdout);
    assert!(text.contains("\"results\":[2.0,-0.0,-1.3333333333333333]"), "{text}");
}

#[test]
fn partials_by_arrays_are_nested_arrays_of_the_extents_of_result_and_variables() {
    let cases = [
        ("sum(x^2)", r#"[["x","x"],[[2.0,0.0],[0.0,2.0]]]"#),
        ("A @ x", r#"[["A"],[[[3.0,4.0],[0.0,0.0]],[[0.0,0.0],[3.0,4.0]]]]"#),
        ("A @ x", r#"[["x"],[[1.0,2.0],[5.0,6.0]]]"#),
        ("norm(0*x)", r#"[["x"],[0.0,0.0]]"#),
        ("x[0]*x[-1] + y", r#"[["x"],[4.0,3.0]]"#),
        ("x*y", r#"[["x","y"],[[1.0,0.0],[0.0,1.0]]]"#),
        ("max(A, axis=1)", r#"[["A"],[[[0.0,1.0],[0.0,0.0]],[[0.0,0.0],[0.0,1.0]]]]"#),
        ("sum(x) + 0*unused", r#"[["unused"],0.0]"#),
    ];
    for (expr, expected) in cases {
        for mode in ["auto", "reverse", "forward", "forward-over-reverse", "reverse-over-forward"] {
            let point = "x=[3,4],y=2,A=[[1,2],[5,6]],unused=1";
            let args = ["derive", expr, "--at", point, "--order", "2", "--mode", mode, "--format", "json"];
            let output = run_on(b"", &args);
            let answer: Json = serde_json::from_slice(&output.stdout).expect("one JSON object");
            let expected: Json = serde_json::from_str(expected).expect("it is written here");
            let partials = answer["points"][0]["partials"].as_array().expect("a list");
            let found = partials.iter().find(|p| p["wrt"] == expected[0]).expect("the partial is there");
            assert_eq!(found["value"], expected[1], "{expr}, {mode}");
        }
    }
}

#[test]
fn a_person_reads_arrays_a_row_a_line() {
    let args = ["derive", "A @ x", "--at", "A=[[1,2],[3,4]],x=[1,\"-inf\"]", "--wrt", "x"];
    let shown = stdout(&run(&args));
    let values = "f = A @ x

at A = [[1.0, 2.0], [3.0, 4.0]], x = [1.0, -inf]
value
  [-inf, -inf]
gradient
  d/dx = [[1.0, 2.0],
          [3.0, 4.0]]
";
    assert_eq!(shown.split("\nnodes: ").next(), Some(values));
}

#[test]
fn second_derivatives_of_a_softmax_are_those_of_the_textbook() {
    let args = ["derive", "softmax(x)", "--at", "x=[0.5,-1,2]", "--order", "2", "--format", "json"];
    let answer = answers(&run(&args)).remove(0);
    let partials = answer["points"][0]["partials"].as_array().expect("partials");
    assert_eq!(partials.len(), 3);
    let exp = [0.5, -1.0, 2.0].map(f64::exp);
    let p = exp.map(|e| e / exp.iter().sum::<f64>());
    let delta = |i: usize, j: usize| f64::from(u8::from(i == j));
    for (i, j, k) in (0..27).map(|n| (n / 9, n / 3 % 3, n % 3)) {
        // ∂²pᵢ/∂xⱼ∂xₖ = pᵢ((δᵢⱼ − pⱼ)(δᵢₖ − pₖ) − pⱼ(δⱼₖ − pₖ))
        let expected = p[i] * ((delta(i, j) - p[j]) * (delta(i, k) - p[k]) - p[j] * (delta(j, k) - p[k]));
        let found = partials[2]["value"][i][j][k].as_f64().expect("a number");
        assert!((found - expected).abs() < 1e-15, "{i} {j} {k}: {found}, not {expected}");
    }
}

#[test]
fn shapes_that_do_not_fit_have_a_caret_under_the_operator() {
    let output = run(&["derive", "s*(a + b)", "--at", "s=1,a=[[1,2,3],[4,5,6]],b=[1,2]"]);
    let message = "error[shape]: shapes [2,3] and [2] do not broadcast: extents 3 and 2 (column 6)\n  |\n1 | s*(a + b)\n  \
                   |      ^\n  |\n  = help: shapes are aligned at the last axis; extents are equal or 1\n";
    assert_eq!(String::from_utf8_lossy(&output.stderr), message);
    assert_eq!((output.status.code(), &*output.stdout), (Some(2), &b""[..]));
}

#[test]
fn all_points_of_a_request_have_the_shapes_of_the_first() {
    let output = run(&["derive", "sum(x)*y", "--at", "x=[1,2],y=1", "--at", "x=[1,2,3],y=1"]);
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(message.contains("`x` is an array of shape [3] here and an array of shape [2] at the first"), "{message}");
    let input = r#"{"expr":"sum(x)","at":[{"x":[1,2]},{"x":[3,4]}],"order":0}
{"expr":"sum(x)","at":[{"x":[1,2]},{"x":3}]}
{"expr":"sum(x)","at":[{"x":5}],"order":0}
"#;
    let answers = answers(&run_on(input.as_bytes(), &["derive", "--jobs", "-"]));
    assert_eq!(answers[0]["points"][1], json!({"at": {"x": [3.0, 4.0]}, "partials": [{"wrt": [], "value": 7.0}]}));
    assert_eq!(answers[1]["error"]["code"], "shape");
    assert_eq!(answers[2]["points"][0]["partials"][0]["value"], 5.0);
}

#[test]
fn matrices_are_factored_solved_and_refused() {
    let point = "A=[[4,2],[2,3]],b=[3,-1]";
    let table = [
        ("solve(A, b)", json!([1.375, -1.25]), json!([[0.375, -0.25], [-0.25, 0.5]])),
        ("det(A)*cumsum(b)", json!([24.0, 16.0]), json!([[8.0, 0.0], [8.0, 8.0]])),
        ("sort(b)", json!([-1.0, 3.0]), json!([[0.0, 1.0], [1.0, 0.0]])),
        ("cumprod(b)", json!([3.0, -3.0]), json!([[1.0, 0.0], [-1.0, 3.0]])),
    ];
    for (formula, value, by_b) in table {
        let args = ["derive", formula, "--at", point, "--wrt", "A,b", "--check", "--format", "json"];
        let answer = answers(&run(&args)).remove(0);
        let partials = &answer["points"][0]["partials"];
        assert_eq!((&partials[0]["value"], &partials[2]["value"]), (&value, &by_b), "{formula}");
        assert_eq!(answer["points"][0]["check"]["verdict"], "agrees", "{formula}");
    }
    for formula in ["logdet(A)", "sum(inv(A))", "sum(cholesky(A))", "sum(log(eigvalsh(A)))"] {
        let args = ["derive", formula, "--at", "A=[[4,2],[2,3]]", "--order", "2", "--check", "--format", "json"];
        assert_eq!(answers(&run(&args))[0]["points"][0]["check"]["verdict"], "agrees", "{formula}");
    }
    for (formula, code) in [("inv(A)", "singular"), ("cholesky(A)", "not_positive_definite")] {
        let output = run(&["derive", formula, "--at", "A=[[1,2],[2,4]]"]);
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(message.starts_with(&format!("error[{code}]: matrix 0 of ")), "{message}");
        assert_eq!((output.status.code(), &*output.stdout), (Some(2), &b""[..]));
    }
}

#[test]
fn arrays_are_checked_shown_and_run_as_numbers_are() {
    let point = "A=[[1,2],[3,-4]],x=[0.5,1.5],unused=[[1],[2]]";
    let args = ["derive", "exp(A @ x/9)", "--at", point, "--wrt", "x,unused,A", "--format", "json"];
    let check = answers(&run(&[&args[..], &["--check"]].concat())).remove(0);
    assert_eq!(check["points"][0]["check"]["verdict"], "agrees");
    let reference = answers(&run(&[&args[..], &["--exec", "reference"]].concat())).remove(0);
    assert_eq!(check["points"][0]["partials"], reference["points"][0]["partials"]);
    assert_eq!(check["points"][0]["partials"][2]["value"], json!([[[0.0], [0.0]], [[0.0], [0.0]]]));
    for show in ["math", "graph", "dot", "svg"] {
        let shown = stdout(&run(&["derive", "exp(A @ x/9)", "--at", point, "--show", show]));
        assert!(shown.contains("d/dA = [[[") || shown.contains("d/dx = [["), "{show}: {shown}");
    }
    let graph = stdout(&run(&["derive", "exp(A @ x/9)", "--at", point, "--show", "graph"]));
    assert_eq!(pipe(&graph, &[&["check", "-"]]), "");
}

#[test]
fn growth_is_a_line_for_each_order() {
    let text = stdout(&run(&["growth", "sin(x^2)*exp(-x)/(1+x^2)", "--order", "8"]));
    let lines: Vec<Vec<&str>> = text.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(lines.len(), 10, "{text}");
    let operations: Vec<usize> = lines[1..].iter().map(|cells| cells[3].parse().expect("a number")).collect();
    assert_eq!(operations[0], 7);
    assert!(operations.windows(2).all(|pair| pair[0] < pair[1]) && operations[8] <= 260, "{text}");
    // Extents of arrays are those of the point.
    let text = stdout(&run(&["growth", "sum(exp(x))", "--order", "2", "--at", "x=[1,2,3]"]));
    assert_eq!(text.lines().count(), 4, "{text}");
    assert_eq!(run(&["growth", "x +* 2"]).status.code(), Some(2));
}

#[test]
fn opt_tells_its_steps_and_its_work() {
    let graph =
        b"graph @f(%x: f64) -> f64 { %0 = tanh %x %1 = square %0 %2 = const 1.0 : f64 %3 = sub %2, %1 return %3 }";
    let output = run_on(graph, &["opt", "-", "--steps", "--report"]);
    let told = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(told.starts_with("sech2: 1 - tanh(x)^2 = sech2(x)\n"), "{told}");
    let stage = |name: &str| -> Vec<&str> {
        let line = told.lines().find(|line| line.ends_with(name)).unwrap_or_else(|| panic!("{name}: {told}"));
        line.split_whitespace().take(3).collect()
    };
    assert_eq!(stage("  given"), ["5", "3", "1"], "nodes, operations, transcendental ones: {told}");
    assert_eq!(stage("  rules"), ["2", "1", "1"], "{told}");
}
