//! How the schools learn from each other: what each measured, and what the posterior says.

use plotters::prelude::*;

use crate::schools::{EFFECT, ERROR};
use crate::summary::Estimate;

/// An SVG document; `schools` are the estimates of θ, one for each school.
///
/// # Errors
/// What the drawing library says.
pub fn plot(schools: &[Estimate]) -> Result<String, String> {
    let mut svg = String::new();
    draw(&mut svg, schools).map_err(|e| e.to_string())?;
    Ok(svg)
}

fn draw(svg: &mut String, schools: &[Estimate]) -> Result<(), Box<dyn std::error::Error>> {
    let area = SVGBackend::with_string(svg, (720, 480)).into_drawing_area();
    area.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&area)
        .margin(16)
        .caption("effect of coaching: mean and deviation", ("sans-serif", 18))
        .x_label_area_size(36)
        .y_label_area_size(48)
        .build_cartesian_2d(0.0..9.0, -20.0..45.0)?;
    let school = |x: &f64| char::from(b'@' + *x as u8).to_string().replace(['@', 'I'], "");
    let mut mesh = chart.configure_mesh();
    mesh.disable_x_mesh().light_line_style(TRANSPARENT).x_desc("school").y_desc("points");
    mesh.x_labels(10).x_label_formatter(&school).draw()?;
    let measured: Vec<_> = EFFECT.into_iter().zip(ERROR).collect();
    let posterior: Vec<_> = schools.iter().map(|e| (e.mean, e.deviation)).collect();
    for (label, color, shift, bars) in [("measured", RED, -0.1, measured), ("posterior", BLUE, 0.1, posterior)] {
        let at = |j: usize| 1.0 + j as f64 + shift;
        let ends = |(j, (mean, deviation)): (usize, &(f64, f64))| {
            PathElement::new([(at(j), mean - deviation), (at(j), mean + deviation)], color.stroke_width(2))
        };
        let dots = bars.iter().enumerate().map(|(j, (mean, _))| Circle::new((at(j), *mean), 4, color.filled()));
        let legend = move |(x, y)| PathElement::new([(x, y), (x + 20, y)], color.stroke_width(2));
        chart.draw_series(bars.iter().enumerate().map(ends))?.label(label).legend(legend);
        chart.draw_series(dots)?;
    }
    let mut legend = chart.configure_series_labels();
    legend.position(SeriesLabelPosition::UpperRight).border_style(BLACK).background_style(WHITE).draw()?;
    area.present()?;
    Ok(())
}
