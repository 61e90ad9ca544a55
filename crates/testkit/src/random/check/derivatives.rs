//! Derivatives by both modes, of both nestings of order two, by power series and by differences.

use std::sync::Arc;

use autodiff::function;
use graph_core::{Function, TensorType};

use super::{Check, Checker, Find, transformed};
use crate::random::explain::{Outcome, Slope, compare_slope, slope, spread};
use crate::random::machine::Machine;

/// Gradient and tangent, with the direction of the tangent.
pub struct FirstOrder {
    wrt: Vec<usize>,
    gradient: Machine,
    tangent: Machine,
    /// Tangents of the parameters in `wrt`.
    along: Vec<f64>,
}

impl FirstOrder {
    /// All elements of the gradient.
    pub fn gradient(&mut self, point: &[f64]) -> Vec<f64> {
        self.gradient.run(point)
    }

    fn tangent(&mut self, point: &[f64]) -> f64 {
        self.tangent.run(&[point, &self.along].concat())[0]
    }
}

/// Terms that every derivative is taken to have, since terms that are much larger may cancel inside; the weights of what
/// is summed up are of the size of 1.
const UNIT: f64 = 1e-3;

/// Most elements of inputs of which all second derivatives are compared.
const MOST_ELEMENTS: usize = 8;

/// Most that a Hessian may cost, in additions: matrix exponentials of matrix exponentials have series of huge matrices.
const MOST_COST: u64 = 1 << 26;

/// Where the diagonal is in a Hessian that is written as blocks by parameters of these sizes.
fn diagonal(sizes: &[usize]) -> Vec<usize> {
    let n: usize = sizes.iter().sum();
    let mut places = Vec::new();
    let mut before = 0;
    for &size in sizes {
        places.extend((0..size).map(|i| before * n + size * before + i * size + i));
        before += size;
    }
    places
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

/// Magnitude of what a sum of products is made of.
fn terms(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| (x * y).abs()).filter(|x| x.is_finite()).sum()
}

impl Checker<'_> {
    /// All orders, all modes.
    pub fn derivatives(&mut self, loss: &Arc<Function>, finite: bool) -> Result<(), Find> {
        let mut first = self.first_order(loss, finite)?;
        let gradient = Arc::clone(&first.gradient.f);
        let at = &self.program.at;
        self.rewrites(&gradient, at)?;
        if self.effort.batch {
            self.batch(&gradient)?;
        }
        let second = self.second_order(&mut first, finite)?;
        if !finite {
            return Ok(());
        }
        self.differences(loss, &mut first)?;
        self.second_differences(&mut first, second)?;
        if self.effort.taylor {
            self.taylor(loss, &mut first)?;
            self.hessian(loss, &first.wrt)?;
        }
        Ok(())
    }

    /// Forward = reverse.
    pub fn first_order(&mut self, loss: &Arc<Function>, finite: bool) -> Result<FirstOrder, Find> {
        let wrt = function::real_params(loss);
        let mut gradient = Machine::new(&transformed(function::grad(loss, &wrt))?)?;
        let tangent = Machine::new(&transformed(function::jvp(loss, &wrt))?)?;
        if self.effort.text {
            self.text(&gradient.f)?;
            self.text(&tangent.f)?;
        }
        let at = &self.program.at;
        gradient.executors_agree(at)?;
        let along = self.along(loss, &wrt);
        let terms = terms(&gradient.run(at), &along);
        let mut first = FirstOrder { wrt, gradient, tangent, along };
        if finite {
            let FirstOrder { gradient, tangent, along, .. } = &mut first;
            let left = &mut |p: &[f64]| vec![dot(&gradient.run(p), along)];
            let right = &mut |p: &[f64]| tangent.run(&[p, along].concat());
            self.settle(Check::Modes, at, left, right, terms + UNIT)?;
        }
        Ok(first)
    }

    /// The tangents of the parameters in `wrt`.
    fn along(&self, loss: &Function, wrt: &[usize]) -> Vec<f64> {
        let mut rest = self.program.direction.iter().copied();
        let mut along = Vec::new();
        for index in 0..loss.params().len() {
            let elements: usize = loss.param_type(index).leaves().iter().map(|t| t.shape.elements()).sum();
            let of_param: Vec<f64> = rest.by_ref().take(elements).collect();
            if wrt.contains(&index) {
                along.extend(of_param);
            }
        }
        along
    }

    /// Forward over reverse = reverse over forward; the second derivative along the direction.
    fn second_order(&mut self, first: &mut FirstOrder, finite: bool) -> Result<Machine, Find> {
        let mut over_reverse = Machine::new(&transformed(function::jvp(&first.gradient.f, &first.wrt))?)?;
        let mut over_forward = Machine::new(&transformed(function::grad(&first.tangent.f, &first.wrt))?)?;
        let at = &self.program.at;
        let both = [at, &first.along[..]].concat();
        over_reverse.executors_agree(&both)?;
        if self.effort.text {
            self.rewrites(&over_reverse.f, &both)?;
        }
        if finite {
            let along = &first.along;
            let left = &mut |p: &[f64]| over_reverse.run(&[p, along].concat());
            let right = &mut |p: &[f64]| over_forward.run(&[p, along].concat());
            self.settle(Check::SecondOrder, at, left, right, UNIT)?;
        }
        Ok(over_reverse)
    }

    /// Power series of order 3 = forward mode, three times nested.
    fn taylor(&mut self, loss: &Arc<Function>, first: &mut FirstOrder) -> Result<(), Find> {
        let wrt = &first.wrt;
        let mut series = Machine::new(&transformed(function::taylor(loss, wrt, 3))?)?;
        let second = transformed(function::jvp(&first.tangent.f, wrt))?;
        let mut third = Machine::new(&transformed(function::jvp(&second, wrt))?)?;
        let mut second = Machine::new(&second)?;
        let (at, along) = (&self.program.at, &first.along);
        let tangent = &mut first.tangent;
        let left = &mut |p: &[f64]| {
            let y = series.run(&[p, along].concat());
            vec![y[0], 2.0 * y[1], 6.0 * y[2]]
        };
        let right = &mut |p: &[f64]| {
            let thrice = [p, along, along, along].concat();
            let inputs = |order: usize| &thrice[..p.len() + order * along.len()];
            [tangent.run(inputs(1)), second.run(inputs(2)), third.run(inputs(3))].concat()
        };
        self.settle(Check::Taylor, at, left, right, UNIT)
    }

    /// The Hessian by columns of the gradient = all partials by power series along several directions; its trace = the
    /// Laplacian. Of programs of tensors with few elements; an infinite partial makes others of the interpolation NaN.
    fn hessian(&mut self, loss: &Arc<Function>, wrt: &[usize]) -> Result<(), Find> {
        let tensors: Option<Vec<_>> = wrt.iter().map(|&index| loss.param_type(index).as_tensor()).collect();
        let elements = |tensors: Vec<&TensorType>| tensors.iter().map(|t| t.shape.elements()).collect::<Vec<usize>>();
        let Some(sizes) = tensors.map(elements).filter(|sizes| sizes.iter().sum::<usize>() <= MOST_ELEMENTS) else {
            return Ok(());
        };
        let ways = [
            transformed(function::hessian(loss, wrt))?,
            transformed(function::derivative_tensor(loss, wrt, 2))?,
            transformed(function::laplacian(loss, wrt))?,
        ];
        if ways.iter().any(|f| opt::total_cost(f.graph(), f.results()) > MOST_COST) {
            return Ok(());
        }
        let [mut hessian, mut partials, mut laplacian] =
            [Machine::new(&ways[0])?, Machine::new(&ways[1])?, Machine::new(&ways[2])?];
        let at = &self.program.at;
        if hessian.run(at).iter().any(|entry| !entry.is_finite()) {
            return Ok(());
        }
        self.settle(Check::Hessian, at, &mut |p| hessian.run(p), &mut |p| partials.run(p), UNIT)?;
        let entries = diagonal(&sizes);
        let diagonal = |all: Vec<f64>| entries.iter().map(|&at| all[at]).collect::<Vec<f64>>();
        let terms = diagonal(hessian.run(at)).iter().map(|entry| entry.abs()).sum::<f64>();
        let trace = &mut |p: &[f64]| vec![diagonal(hessian.run(p)).iter().sum()];
        self.settle(Check::Hessian, at, trace, &mut |p| laplacian.run(p), terms + UNIT)
    }

    fn differences(&mut self, loss: &Arc<Function>, first: &mut FirstOrder) -> Result<(), Find> {
        let mut value = Machine::new(loss)?;
        let f = &mut |p: &[f64]| value.run(p)[0];
        let derivative = &mut |p: &[f64]| first.tangent(p);
        self.along_line(Check::Differences, f, derivative)
    }

    fn second_differences(&mut self, first: &mut FirstOrder, mut second: Machine) -> Result<(), Find> {
        let along = first.along.clone();
        let f = &mut |p: &[f64]| first.tangent(p);
        let derivative = &mut |p: &[f64]| dot(&second.run(&[p, &along].concat()), &along);
        self.along_line(Check::SecondDifferences, f, derivative)
    }

    /// A derivative is what differences along the direction say.
    fn along_line(
        &mut self,
        check: Check,
        f: &mut dyn FnMut(&[f64]) -> f64,
        derivative: &mut dyn FnMut(&[f64]) -> f64,
    ) -> Result<(), Find> {
        let (at, direction) = (&self.program.at, &self.program.direction);
        let moved = |s: f64| -> Vec<f64> { at.iter().zip(direction).map(|(x, dx)| x + s * dx).collect() };
        match compare_slope(&mut |s| f(&moved(s)), &mut |s| derivative(&moved(s))) {
            Outcome::Equal => return Ok(()),
            Outcome::Explained(reason) => {
                self.explained.push(reason);
                return Ok(());
            }
            Outcome::Different => {}
        }
        let Slope { value, doubt } = slope(&mut |s| f(&moved(s)), 0.0, 1.0 / 64.0);
        let exact = derivative(at);
        let here = f(at);
        let noise = spread(at, &mut |p| vec![f(p)], &[here], self.precision);
        let uncertain = spread(at, &mut |p| vec![derivative(p)], &[exact], self.precision);
        // the step of differences with the least doubt is not below 1e-6
        if noise / 1e-6 > (value - exact).abs() || uncertain > (value - exact).abs() {
            self.explained.push(super::Reason::Conditioning);
            return Ok(());
        }
        Err(Find::new(check, format!("derivative {exact:?}, differences {value:?} ± {doubt:.1e}")))
    }
}
