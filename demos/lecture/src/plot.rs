//! The errors of differences along x₂ against the step, drawn on logarithmic axes.

use plotters::prelude::*;
use wengert::numeric::StepErrors;

/// An SVG document.
///
/// # Errors
/// What the drawing library says.
pub fn plot(steps: &[StepErrors]) -> Result<String, String> {
    let mut svg = String::new();
    draw(&mut svg, steps).map_err(|e| e.to_string())?;
    Ok(svg)
}

/// The text of axes needs no font of this machine: SVG names the family, the viewer finds it.
fn draw(svg: &mut String, steps: &[StepErrors]) -> Result<(), Box<dyn std::error::Error>> {
    let area = SVGBackend::with_string(svg, (720, 480)).into_drawing_area();
    area.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&area)
        .margin(16)
        .caption("error of dy/dx2 by differences", ("sans-serif", 18))
        .x_label_area_size(36)
        .y_label_area_size(64)
        .build_cartesian_2d((1e-15..1e-1).log_scale(), (1e-13..1e1).log_scale())?;
    let power = |x: &f64| format!("{x:.0e}");
    chart.configure_mesh().x_desc("step").y_desc("error").x_label_formatter(&power).y_label_formatter(&power).draw()?;
    let one_sided = steps.iter().map(|e| (e.h, e.one_sided)).collect::<Vec<_>>();
    let central = steps.iter().map(|e| (e.h, e.central)).collect::<Vec<_>>();
    for (label, color, points) in [("one-sided", BLUE, one_sided), ("central", RED, central)] {
        let legend = move |(x, y)| PathElement::new([(x, y), (x + 20, y)], color);
        chart.draw_series(LineSeries::new(points, color.stroke_width(2)))?.label(label).legend(legend);
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::LowerLeft)
        .border_style(BLACK)
        .background_style(WHITE)
        .draw()?;
    area.present()?;
    Ok(())
}
