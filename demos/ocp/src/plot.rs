//! The swing-up over time: the cart, the pole and the force.

use plotters::prelude::*;

use crate::collocation::Trajectory;

/// An SVG document.
///
/// # Errors
/// What the drawing library says.
pub fn plot(trajectory: &Trajectory) -> Result<String, String> {
    let mut svg = String::new();
    draw(&mut svg, trajectory).map_err(|e| e.to_string())?;
    Ok(svg)
}

fn draw(svg: &mut String, t: &Trajectory) -> Result<(), Box<dyn std::error::Error>> {
    let area = SVGBackend::with_string(svg, (720, 640)).into_drawing_area();
    area.fill(&WHITE)?;
    let ends: Vec<f64> = t.forces.iter().copied().step_by(2).collect();
    let column = |i: usize| t.states.iter().map(|state| state[i]).collect::<Vec<f64>>();
    let panels =
        [("position of the cart in m", column(0)), ("angle of the pole in rad", column(1)), ("force in N", ends)];
    let last = t.time.last().copied().unwrap_or(1.0);
    for (panel, (name, values)) in area.split_evenly((3, 1)).iter().zip(panels) {
        let (low, high) = values.iter().fold((f64::MAX, f64::MIN), |(low, high), &y| (low.min(y), high.max(y)));
        let margin = 0.1 * (high - low).max(1e-3);
        let mut chart = ChartBuilder::on(panel)
            .margin(10)
            .x_label_area_size(24)
            .y_label_area_size(56)
            .build_cartesian_2d(0.0..last, low - margin..high + margin)?;
        chart.configure_mesh().light_line_style(TRANSPARENT).y_desc(name).draw()?;
        chart.draw_series(LineSeries::new(t.time.iter().copied().zip(values), BLUE.stroke_width(2)))?;
    }
    area.present()?;
    Ok(())
}
