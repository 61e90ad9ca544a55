//! What the cart-pole does under the forces that were found: the classical method of Runge and Kutta, in small steps.

use crate::cartpole::{START, STATES, acceleration};
use crate::collocation::Trajectory;

/// The state at the end, with so many steps on each interval.
pub fn simulate(trajectory: &Trajectory, steps: usize) -> [f64; STATES] {
    let mut state = START;
    for (interval, times) in trajectory.time.windows(2).enumerate() {
        let step = (times[1] - times[0]) / steps as f64;
        let [a, middle, b] = [0, 1, 2].map(|i| trajectory.forces[2 * interval + i]);
        // The parabola through three forces; s runs from 0 to 1.
        let force = |s: f64| a + s * (4.0 * middle - 3.0 * a - b) + s * s * (2.0 * a + 2.0 * b - 4.0 * middle);
        for i in 0..steps {
            let s = |part: f64| (i as f64 + part) / steps as f64;
            let k1 = rates(state, force(s(0.0)));
            let k2 = rates(moved(state, k1, step / 2.0), force(s(0.5)));
            let k3 = rates(moved(state, k2, step / 2.0), force(s(0.5)));
            let k4 = rates(moved(state, k3, step), force(s(1.0)));
            for (rate, part) in [(k1, 1.0), (k2, 2.0), (k3, 2.0), (k4, 1.0)] {
                state = moved(state, rate, step * part / 6.0);
            }
        }
    }
    state
}

fn rates([_, angle, moving, turning]: [f64; STATES], force: f64) -> [f64; STATES] {
    let [cart, pole] = acceleration(angle, turning, force);
    [moving, turning, cart, pole]
}

fn moved(state: [f64; STATES], rate: [f64; STATES], by: f64) -> [f64; STATES] {
    [0, 1, 2, 3].map(|i| state[i] + by * rate[i])
}
