//! Scenario S6: the Hessian of Moré's trigonometric function. `cargo run --release -p wengert-tests --example trig -- 500`; the
//! peak of memory with `/usr/bin/time -v`. Written with one variable for each number, as a user of scalars would.

use std::time::Instant;

use wengert::prelude::*;

fn main() -> Result<(), Error> {
    let n: usize = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(500);
    let start = Instant::now();
    let f = Function::new("trigonometric", &[("w", Type::tensor(DType::F64, &[n]))], |v| {
        let w: Vec<Expr> = (0..n).map(|i| v[0].at(i)).collect();
        let cosines = w.iter().map(|w| w.cos()).sum::<Expr>();
        let term = |(i, w): (usize, &Expr)| (n as f64 - cosines + (i + 1) as f64 * (1.0 - w.cos()) - w.sin()).square();
        w.iter().enumerate().map(term).sum::<Expr>()
    })?;
    let hessian = f.hessian("w")?;
    let built = start.elapsed();
    let (simple, _) = hessian.optimize(wengert::Level::default());
    let program = simple.compile()?;
    println!("{} nodes of f, {} of the Hessian, {} simplified", f.nodes(), hessian.nodes(), simple.nodes());
    println!("built in {built:?}, ready after {:?}", start.elapsed());
    let at = vec![1.0 / n as f64; n];
    let start = Instant::now();
    let h = program.run(&at)?;
    println!("run in {:?}; the first and the last entry are {} and {}", start.elapsed(), h[0], h[n * n - 1]);
    Ok(())
}
