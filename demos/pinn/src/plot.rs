//! Solution and error over the unit square, as colours.

use plotters::prelude::*;

use crate::problem::solution;
use crate::training::FINE;

/// An SVG document; `errors` are those of a finer grid, row by row.
///
/// # Errors
/// What the drawing library says.
pub fn plot(errors: &[f64]) -> Result<String, String> {
    let mut svg = String::new();
    draw(&mut svg, errors).map_err(|e| e.to_string())?;
    Ok(svg)
}

fn draw(svg: &mut String, errors: &[f64]) -> Result<(), Box<dyn std::error::Error>> {
    let area = SVGBackend::with_string(svg, (960, 480)).into_drawing_area();
    area.fill(&WHITE)?;
    let along = |i: usize| i as f64 / (FINE - 1) as f64;
    let exact: Vec<f64> = (0..errors.len()).map(|i| solution(along(i % FINE), along(i / FINE))).collect();
    let largest = errors.iter().fold(0.0, |a: f64, e| a.max(e.abs()));
    let titles = ["solution, 0 to 1".to_string(), format!("error, -{largest:.0e} to {largest:.0e}")];
    let colours = [exact.iter().map(|u| 2.0 * u - 1.0).collect(), errors.iter().map(|e| e / largest).collect()];
    for ((side, title), values) in area.split_evenly((1, 2)).iter().zip(titles).zip::<[Vec<f64>; 2]>(colours) {
        let mut builder = ChartBuilder::on(side);
        builder.margin(16).caption(title, ("sans-serif", 18)).x_label_area_size(32).y_label_area_size(48);
        let mut chart = builder.build_cartesian_2d(0.0..1.0, 0.0..1.0)?;
        chart.configure_mesh().disable_mesh().x_desc("x").y_desc("y").draw()?;
        let half = 0.5 / (FINE - 1) as f64;
        let cell = |(i, t): (usize, &f64)| {
            let (x, y) = (along(i % FINE), along(i / FINE));
            Rectangle::new([(x - half, y - half), (x + half, y + half)], colour(*t).filled())
        };
        chart.draw_series(values.iter().enumerate().map(cell))?;
    }
    area.present()?;
    Ok(())
}

/// From blue at −1 by white to red at 1.
fn colour(t: f64) -> RGBColor {
    let without = |t: f64| (255.0 * (1.0 - t.clamp(0.0, 1.0))) as u8;
    RGBColor(without(-t), without(t.abs()), without(t))
}
