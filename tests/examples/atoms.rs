//! Memory of one Hessian-vector product over all pairs of points: Σ‖rᵢ − rⱼ‖. `cargo run --release -p wengert-tests
//! --example atoms -- 2483` (scenario S8 of the scenarios this project measures itself by); watch the peak with
//! `/usr/bin/time -v`.

use std::time::Instant;

use wengert::prelude::*;

fn main() -> Result<(), Error> {
    let atoms: usize = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(2483);
    let start = Instant::now();
    let f = Function::new("lengths", &[("r", Type::tensor(DType::F64, &[atoms, 3]))], |v| {
        let one = v[0].reshape(&[atoms, 1, 3]);
        let other = v[0].reshape(&[1, atoms, 3]);
        (one - other).norm(&[2]).sum()
    })?;
    let product = f.hvp("r")?;
    let (simple, _) = product.optimize(wengert::Level::default());
    let program = simple.compile()?;
    println!("{} nodes in {:?}", simple.nodes(), start.elapsed());
    let points = 3 * atoms;
    let at: Vec<f64> = (0..2 * points).map(|i| (0.7 * i as f64).sin() * 30.0).collect();
    let start = Instant::now();
    let found = program.run(&at)?;
    println!("{:?}; the first element is {}", start.elapsed(), found[0]);
    println!("by hand              {}", by_hand(&at[..points], &at[points..])[0]);
    Ok(())
}

/// ∂/∂rᵢ of the derivative along v: 2 Σⱼ (dv − u (u·dv)) / d for u = (rᵢ − rⱼ)/d.
fn by_hand(r: &[f64], v: &[f64]) -> Vec<f64> {
    let row = |x: &[f64], i: usize, j: usize| -> Vec<f64> { (0..3).map(|k| x[3 * i + k] - x[3 * j + k]).collect() };
    let mut sum = vec![0.0; 3];
    for j in 1..r.len() / 3 {
        let (dr, dv) = (row(r, 0, j), row(v, 0, j));
        let d = dr.iter().map(|x| x * x).sum::<f64>().sqrt();
        let along: f64 = dr.iter().zip(&dv).map(|(a, b)| a * b).sum::<f64>() / d;
        for k in 0..3 {
            sum[k] += 2.0 * (dv[k] - dr[k] / d * along) / d;
        }
    }
    sum
}
