//! Smaller programs that still fail.

/// Drops and simplifies choices as long as `fails` holds, until nothing more can go.
pub fn shrink(choices: &[u32], fails: impl Fn(&[u32]) -> bool) -> Vec<u32> {
    let mut best = choices.to_vec();
    loop {
        let smaller = without_stretches(&best, &fails).or_else(|| with_smaller_numbers(&best, &fails));
        match smaller {
            Some(smaller) => best = smaller,
            None => return best,
        }
    }
}

/// Halves, quarters, … down to one choice left out.
fn without_stretches(choices: &[u32], fails: &impl Fn(&[u32]) -> bool) -> Option<Vec<u32>> {
    let mut length = choices.len().div_ceil(2);
    while length > 0 {
        for start in (0..choices.len()).step_by(length) {
            let end = (start + length).min(choices.len());
            let candidate = [&choices[..start], &choices[end..]].concat();
            if fails(&candidate) {
                return Some(candidate);
            }
        }
        length /= 2;
    }
    None
}

/// Divided, or less by one.
fn with_smaller_numbers(choices: &[u32], fails: &impl Fn(&[u32]) -> bool) -> Option<Vec<u32>> {
    for at in 0..choices.len() {
        for smaller in [choices[at] >> 16, choices[at] >> 4, choices[at] / 2] {
            let mut candidate = choices.to_vec();
            candidate[at] = smaller;
            if smaller < choices[at] && fails(&candidate) {
                return Some(candidate);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_matters_is_all_that_is_left() {
        let choices: Vec<u32> = (0..100).map(|i| i * 7_919 + 1_000_000).collect();
        let fails = |choices: &[u32]| choices.iter().filter(|&&choice| choice >= 1_000).count() >= 2;
        let small = shrink(&choices, fails);
        assert_eq!(small.len(), 2);
        assert!(fails(&small) && small.iter().all(|&choice| choice < 2_000), "{small:?}");
    }
}
