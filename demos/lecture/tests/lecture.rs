//! What the lecture prints is true.

use lecture::{plot, report, steps};

/// The text below a title, up to the next one.
fn section(title: &str) -> String {
    let text = report().expect("the lecture holds");
    let is_title = |line: &&str| line.split_once(". ").is_some_and(|(number, _)| number.parse::<u32>().is_ok());
    let mut below = text.lines().skip_while(|line| !(is_title(line) && line.ends_with(title)));
    assert!(below.next().is_some(), "no section `{title}`");
    below.take_while(|line| !is_title(line)).map(|line| format!("{line}\n")).collect()
}

/// The numbers in the line that starts with these words.
fn numbers(text: &str, start: &str) -> Vec<f64> {
    let line = text.lines().map(str::trim).find(|line| line.starts_with(start));
    let line = line.unwrap_or_else(|| panic!("no line `{start}` in:\n{text}"));
    line[start.len()..].split([' ', ',', '=']).filter_map(|word| word.parse().ok()).collect()
}

#[test]
fn the_lecture_is_the_same_every_time() {
    assert_eq!(report().expect("it holds"), report().expect("it holds"));
}

#[test]
fn differences_have_their_orders_until_rounding_takes_over() {
    let steps = steps();
    for pair in steps.iter().flat_map(|along| along[..3].windows(2)) {
        let slopes = [pair[0].one_sided / pair[1].one_sided, pair[0].central / pair[1].central].map(f64::log10);
        assert!((slopes[0] - 1.0).abs() < 0.05, "first order: {pair:?}");
        assert!((slopes[1] - 2.0).abs() < 0.05, "second order: {pair:?}");
    }
    for along in steps {
        assert!(along[14].central > 1e6 * along[4].central, "rounding wins at 1e-15: {along:?}");
    }
    let text = section("Numerical differentiation");
    let line = text.lines().find(|line| line.contains("δᵀ∇f")).expect("the directional check");
    let [claimed, measured] = ["∇f = ", "measured "].map(|word| {
        let rest = &line[line.find(word).expect("both are printed") + word.len()..];
        rest.trim_end_matches('.').split(',').next().and_then(|n| n.parse::<f64>().ok()).expect("a number")
    });
    assert!((claimed - measured).abs() < 1e-8);
}

#[test]
fn trees_repeat_more_and_more_of_their_work() {
    let text = section("Symbolic differentiation");
    assert!(text.contains("dy/dx1 = 1/x1 + (1*x2 + x1*0) - cos(x2)*0\n       = 1/x1 + x2 = 5.5000000000"), "{text}");
    assert!(text.contains("= x1 - cos(x2) = 1.7163378145"), "{text}");
    let rows: Vec<Vec<f64>> = (0..=5).map(|order| numbers(&text, &format!("{order}  "))).collect();
    for pair in rows.windows(2) {
        let (before, after) = (&pair[0], &pair[1]);
        assert!(after[0] > 3.0 * before[0], "the tree grows: {pair:?}");
        assert!(after[1] < 3.5 * before[1], "what is different in it grows less: {pair:?}");
        assert_eq!(after[0], after[1] + after[2]);
    }
}

#[test]
fn both_tables_end_in_value_and_gradient() {
    let forward = section("Forward mode");
    assert_eq!(numbers(&forward, "v7 = v6 - v5"), [11.65207146, 5.5, 1.71633781]);
    let reverse = section("Reverse mode");
    assert_eq!(numbers(&reverse, "v1 = x1"), [2.0, 5.5]);
    assert_eq!(numbers(&reverse, "v2 = x2"), [5.0, 1.71633781]);
    assert!(reverse.contains("-0.28366219 to v2") && reverse.contains("5.00000000 to v1, 2.00000000 to v2"));
}

#[test]
fn the_extended_graph_shrinks_and_its_gradient_is_the_hessian() {
    let text = section("Reverse mode by graph extension");
    let count = |start: &str| {
        let rest = &text[text.find(start).expect("both are shown") + start.len()..];
        rest.split(' ').next().and_then(|n| n.parse::<usize>().ok()).expect("a count")
    };
    assert!(count("Optimised (") < count("same graph ("));
    let hessian = section("The gradient of the gradient");
    let close = |found: Vec<f64>, expected: &[f64]| {
        assert_eq!(found.len(), expected.len());
        assert!(found.iter().zip(expected).all(|(x, y)| (x - y).abs() <= 4.0 * f64::EPSILON * y.abs()), "{found:?}");
    };
    close(numbers(&hessian, "value"), &[11.652071455223084]);
    close(numbers(&hessian, "gradient"), &[5.5, 1.7163378145367738]);
    close(numbers(&hessian, "Hessian"), &[-0.25, 1.0]);
    close(numbers(&hessian, "1.0"), &[-0.9589242746631385]);
}

#[test]
fn the_matrix_case_agrees_with_the_normal_equations() {
    let text = section("A matrix case");
    assert_eq!(numbers(&text, "value"), [5.15, -2.325]);
    assert_eq!(numbers(&text, "Aᵀ(Ax − b)"), [5.15, -2.325]);
}

#[test]
fn the_adjoint_of_the_dictionary_is_a_dictionary() {
    let text = section("A dictionary");
    assert!(text.contains("-> {rate: f64, scale: f64, unused: f64}"));
    let decay = (-1.0f64).exp();
    for (name, expected) in [("rate", -2.0 * 3.0 * decay), ("scale", decay), ("unused", 0.0)] {
        assert!((numbers(&text, &format!("{name:<7} "))[0] - expected).abs() < 1e-9, "{name}");
    }
}

#[test]
fn the_plot_is_one_svg_document_with_both_curves() {
    let [_, along_x2] = steps();
    let svg = plot(&along_x2).expect("it draws");
    assert!(svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"));
    assert!(svg.matches("<polyline").count() >= 2 && svg.contains("one-sided") && svg.contains("central"));
}
