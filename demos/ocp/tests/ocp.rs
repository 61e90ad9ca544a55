//! The derivatives are the dense ones, the solution is that of CasADi and IPOPT, and the motion that it describes happens.

use ocp::{Collocation, END, Solution, simulate, solve};
use wengert::prelude::*;

/// Intervals, least cost, state in the middle, first force; made by `data/witness.py`.
const WITNESS: &str = include_str!("data/witness.txt");

fn solved(intervals: usize) -> (Collocation, Solution) {
    let problem = Collocation::new(intervals).expect("a program");
    let solution = solve(&problem, problem.straight()).expect("it converges");
    (problem, solution)
}

fn somewhere(count: usize) -> Vec<f64> {
    (0..count).map(|i| (0.7 * i as f64).sin()).collect()
}

#[test]
fn the_solution_is_that_of_ipopt() {
    for line in WITNESS.lines().filter(|line| !line.starts_with('#')) {
        let numbers: Vec<f64> = line.split(' ').map(|x| x.parse().expect("a number")).collect();
        let n = numbers[0] as usize;
        let (problem, solution) = solved(n);
        let last = solution.path.last().expect("at least one");
        assert!(last.violation < 1e-9 && last.slope < 1e-9, "{n}: {last:?}");
        let motion = problem.trajectory(&solution.decisions);
        let found = [&[last.cost][..], &motion.states[n / 2], &motion.forces[..1]].concat();
        for (found, expected) in found.iter().zip(&numbers[1..]) {
            assert!((found - expected).abs() < 1e-8 * expected.abs().max(1.0), "{n}: {found} {expected}");
        }
    }
}

/// The error of the cost falls with the fourth power of the step.
#[test]
fn collocation_is_of_fourth_order() {
    let cost = |n: usize| solved(n).1.path.last().expect("at least one").cost;
    let [coarse, middle, fine] = [40, 80, 160].map(cost);
    let order = ((coarse - middle) / (middle - fine)).abs().log2();
    assert!((3.5..5.5).contains(&order), "{order}");
}

#[test]
fn the_pole_stands_when_the_forces_are_played() {
    let (problem, solution) = solved(80);
    let end = simulate(&problem.trajectory(&solution.decisions), 20);
    let missed = end.iter().zip(END).fold(0.0, |most: f64, (a, b)| most.max((a - b).abs()));
    assert!(missed < 1e-3, "{end:?}");
}

/// Sparse matrices are the dense ones, entry by entry.
#[test]
fn sparse_derivatives_are_the_dense_ones() {
    let problem = Collocation::new(4).expect("a program");
    let (x, multipliers) = (somewhere(problem.decisions), somewhere(problem.equations));
    let [_, defects, lagrangian] = &problem.functions;
    let dense = wengert::plain::Mapping::new(defects).and_then(|f| f.jacobian(&x)).expect("finite");
    let jacobian = problem.jacobian.at(&x).expect("finite").to_dense();
    for (i, row) in dense.chunks(problem.decisions).enumerate() {
        row.iter().enumerate().for_each(|(j, value)| assert!((jacobian[(i, j)] - value).abs() < 1e-13));
    }
    let both = [&x[..], &multipliers].concat();
    let dense = wengert::plain::Objective::new(lagrangian).and_then(|f| f.hessian(&both)).expect("finite");
    let hessian = problem.hessian.at(&both).expect("finite").to_dense();
    for (i, row) in dense.chunks(both.len()).take(problem.decisions).enumerate() {
        let of_decisions = row[..problem.decisions].iter().enumerate();
        of_decisions.for_each(|(j, value)| assert!((hessian[(i, j)] - value).abs() < 1e-12));
    }
}

#[test]
fn derivatives_take_as_many_selections_on_every_grid() {
    for n in [10, 50, 200] {
        let problem = Collocation::new(n).expect("a program");
        assert_eq!(problem.passes, [10, 8], "{n}");
    }
}

/// The Jacobian along a direction is a difference of defects.
#[test]
fn the_jacobian_is_a_difference() {
    let problem = Collocation::new(6).expect("a program");
    let (x, d) = (somewhere(problem.decisions), somewhere(problem.decisions + 3)[3..].to_vec());
    let at = |h: f64| -> Result<Vec<f64>, Error> {
        problem.defects.run(&x.iter().zip(&d).map(|(x, d)| x + h * d).collect::<Vec<f64>>())
    };
    let (after, before) = (at(1e-5).expect("finite"), at(-1e-5).expect("finite"));
    let jacobian = problem.jacobian.at(&x).expect("finite");
    let mut product = vec![0.0; problem.equations];
    jacobian.triplet_iter().for_each(|t| product[t.row] += t.val * d[t.col]);
    for (found, (after, before)) in product.iter().zip(after.iter().zip(&before)) {
        assert!((found - (after - before) / 2e-5).abs() < 1e-8, "{found}");
    }
}
