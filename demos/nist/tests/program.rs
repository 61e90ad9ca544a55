//! The program as a user runs it: digits, exit codes, messages.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use nist::archive::FILES;
use nist::dataset::Dataset;
use nist::fit::fit;
use nist::model::Model;
use nist::report::{Report, Run};

fn nist(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_nist")).args(args).output().expect("the program starts")
}

/// Exit code, standard output and standard error.
fn run(args: &[&str]) -> (i32, String, String) {
    let Output { status, stdout, stderr } = nist(args);
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the program writes text");
    (status.code().expect("it ends by itself"), text(stdout), text(stderr))
}

fn packaged(name: &str) -> Dataset {
    let (_, text) = FILES.iter().find(|(file, _)| *file == name).expect("the file comes with the program");
    Dataset::parse(text).expect("packaged files are data sets")
}

/// A file of this test that holds a packaged one with one piece replaced.
fn edited(test: &str, name: &str, piece: &str, by: &str) -> PathBuf {
    let (_, text) = FILES.iter().find(|(file, _)| *file == name).expect("the file comes with the program");
    assert!(text.contains(piece), "{piece}");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
    std::fs::create_dir_all(&folder).expect("the folder of tests can be written");
    let path = folder.join(name);
    std::fs::write(&path, text.replacen(piece, by, 1)).expect("the folder of tests can be written");
    path
}

#[test]
fn every_file_agrees_to_ten_digits_from_both_starts() {
    for (name, text) in FILES {
        let set = Dataset::parse(text).expect("packaged files are data sets");
        let report = Report::new(&set, None).expect("the model of the file is understood");
        assert_eq!(report.runs.len(), 2);
        for Run { fit, comparison, .. } in &report.runs {
            assert!(fit.converged && comparison.passed(), "{name}: {comparison:?}");
            assert!(comparison.worst_parameter() >= 10.0, "{name}: {comparison:?}");
            let judged = comparison.residual_digits.is_none();
            assert!(!judged || comparison.worst_deviation() >= 10.0, "{name}: {comparison:?}");
            assert_eq!(judged, *name != "Lanczos1.dat", "only there the residuals are nothing but rounding");
        }
    }
}

#[test]
fn a_formula_given_as_text_fits_as_the_one_in_the_file() {
    for (file, model) in [
        ("Misra1a.dat", "b1*(1-exp(-b2*x))"),
        ("Misra1c.dat", "y = b1 * (1-(1+2*b2*x)**(-.5)) + e"),
        ("Nelson.dat", "log(y) = b1 - b2*x1*exp(-b3*x2)"),
        ("Roszman1.dat", "b1 - b2*x - atan(b3/(x - b4))/pi"),
    ] {
        let (code, out, err) = run(&[file, "--model", model]);
        assert_eq!((code, err.as_str()), (0, ""), "{file}: {out}");
        assert!(out.contains("start 2") && out.contains("\nagrees with NIST"), "{out}");
    }
}

#[test]
fn the_wrong_model_does_not_agree_and_says_so() {
    let (code, out, _) = run(&["Misra1a.dat", "--model", "b1*b2*x/(1 + b2*x)"]);
    assert_eq!(code, 1, "{out}");
    assert!(out.contains("DISAGREES with NIST"));
}

#[test]
fn parameters_that_the_model_does_not_use_leave_no_minimum() {
    let (code, out, _) = run(&["Misra1a.dat", "--model", "b1*x"]);
    assert_eq!(code, 1, "{out}");
    assert!(out.contains("no minimum was found") && out.contains("inf"), "{out}");
}

#[test]
fn a_model_that_fits_exactly_or_not_at_all_ends() {
    for (file, model) in
        [("Misra1a.dat", "y"), ("Misra1a.dat", "x = b1*x"), ("Nelson.dat", "b1*y"), ("Rat42.dat", "0/0")]
    {
        let (code, out, _) = run(&[file, "--model", model]);
        assert_eq!(code, 1, "{model}: {out}");
    }
}

#[test]
fn one_changed_observation_is_noticed() {
    let path = edited("changed", "DanWood.dat", "3.421E0", "3.422E0");
    let (code, out, _) = run(&[path.to_str().expect("a path of ours")]);
    assert_eq!(code, 1, "{out}");
}

#[test]
fn a_file_that_is_no_data_set_is_refused_at_its_line() {
    for (test, piece, by, line, message) in [
        ("word", "3.421E0", "3.42lE0", 62, "`3.42lE0` is not a number"),
        ("infinite", "3.421E0", "inf", 62, "`inf` is not a number"),
        ("column", "3.421E0        1.471E0", "3.421E0", 62, "1 numbers for 2 columns"),
        ("certified", "7.6886226176E-01", "", 41, "4 numbers expected"),
        ("twice", "b2 =   5", "b1 =   5", 42, "a second line for the parameter `b1`"),
        ("model", "y  = b1*x**b2", "y, b1*x**b2", 31, "no equation `y = …` follows"),
        ("heading", "Residual Sum of Squares:", "Residuals:", 66, "no line `Residual Sum of Squares:` was found"),
        ("count", "Number of Observations:                            6", "Number of Observations: 7", 47, "6 follow"),
    ] {
        let path = edited(test, "DanWood.dat", piece, by);
        let (code, out, err) = run(&[path.to_str().expect("a path of ours")]);
        assert_eq!((code, out.as_str()), (2, ""), "{test}: {err}");
        assert!(err.contains(&format!("line {line}: ")) && err.contains(message), "{test}: {err}");
    }
}

#[test]
fn a_file_that_is_not_there_or_is_no_text_is_an_error() {
    for args in [&["nowhere.dat"][..], &["--all", "nowhere"], &[env!("CARGO_BIN_EXE_nist")], &[], &["a", "--all"]] {
        let (code, out, err) = run(args);
        assert_eq!((code, out.as_str()), (2, ""), "{args:?}");
        assert!(err.contains("error: "), "{err}");
    }
}

#[test]
fn a_model_that_makes_no_sense_is_refused_with_its_place() {
    for (model, message) in [
        ("b1*(1-exp(-b2*z))", "`z` is neither a parameter (b1, b2) nor a column (y, x)"),
        ("b1*(1-exp(-b2*x)", "the formula ends where `)` should follow"),
        ("b1*expo(x)", "there is no function `expo`"),
        ("", "error"),
    ] {
        let (code, out, err) = run(&["Misra1a.dat", "--model", model]);
        assert_eq!((code, out.as_str()), (2, ""), "{model}");
        assert!(err.contains(message), "{model}: {err}");
    }
}

#[test]
fn all_files_of_a_folder_are_summed_up_with_a_line_for_each_start() {
    let (code, out, err) = run(&["--all", concat!(env!("CARGO_MANIFEST_DIR"), "/data")]);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    assert_eq!(out.lines().filter(|line| line.contains(" ms")).count(), 2 * FILES.len());
    assert!(out.contains("* Lanczos1: beside data of this size"), "{out}");
}

#[test]
fn derivatives_of_the_residuals_agree_with_differences() {
    for name in ["ENSO.dat", "MGH10.dat", "Nelson.dat", "Roszman1.dat"] {
        let set = packaged(name);
        let model = Model::of(&set).expect("the model of the file is understood");
        let b: Vec<f64> = set.parameters.iter().map(|p| p.value).collect();
        let here = model.at(&b).expect("as many parameters as the model has");
        for j in 0..b.len() {
            let h = 1e-5 * b[j].abs();
            let moved = |t: f64| {
                let b = b.iter().enumerate().map(|(i, b)| if i == j { b + t } else { *b }).collect::<Vec<_>>();
                model.at(&b).expect("as many parameters as the model has")
            };
            let (above, below) = (moved(h), moved(-h));
            let scale = here.jacobian.col(j).norm_max();
            for i in 0..set.rows.len() {
                let difference = (above.values[i] - below.values[i]) / (2.0 * h);
                let off = (here.jacobian[(i, j)] - difference).abs();
                assert!(off <= 1e-6 * scale, "{name}: residual {i} by parameter {j}: {off}");
            }
            let normal = here.jacobian.transpose() * &here.jacobian;
            for k in 0..b.len() {
                let difference = (above.gradient()[k] - below.gradient()[k]) / (2.0 * h);
                let hessian = normal[(j, k)] + here.curvature[(j, k)];
                let size = (normal[(j, j)] * normal[(k, k)]).sqrt();
                assert!((hessian - difference).abs() <= 1e-5 * size, "{name}: Hessian at {j}, {k}");
            }
        }
    }
}

#[test]
fn a_start_where_the_model_is_no_number_ends_without_a_minimum() {
    let set = packaged("Misra1a.dat");
    let model = Model::new(&set, "b1*log(b2*x)").expect("a formula of its parameters and columns");
    let found = fit(&model, &[1.0, -1.0]).expect("as many parameters as the model has");
    assert!(!found.converged);
}
