//! One held-out task: the wave, the examples of it, and what the network makes of them.

use plotters::prelude::*;
use wengert::prelude::Error;

use crate::learner::Learner;
use crate::tasks::sine_waves;

/// Inputs along each curve.
const INPUTS: usize = 101;

/// A line of the picture: its label, and points.
type Curve = (String, Vec<(f64, f64)>);

/// An SVG document.
///
/// # Errors
/// What the engine or the drawing library says.
pub fn plot(learner: &Learner, theta: &[f64]) -> Result<String, Box<dyn std::error::Error>> {
    let (examples, curves) = curves(learner, theta)?;
    let mut svg = String::new();
    draw(&mut svg, &examples, &curves)?;
    Ok(svg)
}

/// The examples of one task, and the network after 0, 1 and 5 steps on them.
fn curves(learner: &Learner, theta: &[f64]) -> Result<(Curve, Vec<Curve>), Error> {
    let task = sine_waves(1, learner.shots, 0)?.run(&[3.0])?;
    let examples = &task[..2 * learner.shots];
    let (x, y) = examples.split_at(learner.shots);
    let inputs: Vec<f64> = (0..INPUTS).map(|i| 10.0 * i as f64 / (INPUTS - 1) as f64 - 5.0).collect();
    let prediction = learner.prediction(INPUTS)?.compile()?;
    let mut curves = Vec::new();
    for (label, steps) in [("before", 0), ("after 1 step", 1), ("after 5 steps", 5)] {
        let adapted = learner.adapted(steps)?.compile()?.run(&[theta, examples].concat())?;
        let outputs = prediction.run(&[&adapted[..], &inputs].concat())?;
        curves.push((label.to_string(), inputs.iter().copied().zip(outputs).collect()));
    }
    Ok((("examples".to_string(), x.iter().copied().zip(y.iter().copied()).collect()), curves))
}

fn draw(svg: &mut String, examples: &Curve, curves: &[Curve]) -> Result<(), Box<dyn std::error::Error>> {
    let area = SVGBackend::with_string(svg, (720, 480)).into_drawing_area();
    area.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&area)
        .margin(16)
        .caption("a sine wave learned from ten examples", ("sans-serif", 18))
        .x_label_area_size(36)
        .y_label_area_size(48)
        .build_cartesian_2d(-5.0..5.0, -6.0..6.0)?;
    chart.configure_mesh().light_line_style(TRANSPARENT).draw()?;
    for ((label, points), color) in curves.iter().zip([RGBColor(170, 170, 170), RED, BLUE]) {
        let legend = move |(x, y)| PathElement::new([(x, y), (x + 20, y)], color.stroke_width(2));
        chart.draw_series(LineSeries::new(points.clone(), color.stroke_width(2)))?.label(label).legend(legend);
    }
    let (label, points) = examples;
    let dots = points.iter().map(|&at| Circle::new(at, 4, BLACK.filled()));
    chart.draw_series(dots)?.label(label).legend(|(x, y)| Circle::new((x + 10, y), 4, BLACK.filled()));
    let mut legend = chart.configure_series_labels();
    legend.position(SeriesLabelPosition::UpperRight).border_style(BLACK).background_style(WHITE).draw()?;
    area.present()?;
    Ok(())
}
