//! From the notation of the headers to the formula language: `[ ]` are parentheses, `**` is a power, `arctan` is
//! `atan`, names of functions may be capital, definitions such as `pi = 3.14…E0` are put in place, and the error term
//! `+ e` goes. What is a formula already stays as it is.

use thiserror::Error;

/// Both sides of a model as formulas: response = mean + error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Equation {
    /// The left side, the response or a function of it.
    pub response: String,
    /// The right side, without the error term.
    pub mean: String,
}

/// An equation that cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NotationError {
    /// There is no equation at all.
    #[error("there is no model")]
    Empty,
    /// A line that defines something that is no name.
    #[error("`{0}` defines no name: a line before the model has the form `name = number`")]
    Definition(String),
}

/// Translates equations, of which the last is the model and those before it are definitions. Without a `=` in it the
/// model is the mean of `response`.
///
/// ```
/// # use nist::notation::translate;
/// let model = translate(&["log[y] = b1 * ARCTAN[b2*x]**2  +  e"], "y")?;
/// assert_eq!((&*model.response, &*model.mean), ("log(y)", "b1 * atan(b2*x)^2"));
/// # Ok::<(), nist::notation::NotationError>(())
/// ```
pub fn translate(equations: &[impl AsRef<str>], response: &str) -> Result<Equation, NotationError> {
    let (model, definitions) = equations.split_last().ok_or(NotationError::Empty)?;
    let mut known: Vec<(String, String)> = Vec::new();
    for line in definitions {
        let named = split_equation(line.as_ref()).filter(|(name, _)| is_name(name));
        let (name, value) = named.ok_or_else(|| NotationError::Definition(line.as_ref().trim().to_string()))?;
        let value = format!("({})", formula(value, &known));
        known.push((name.to_string(), value));
    }
    let (left, right) = split_equation(model.as_ref()).unwrap_or((response, model.as_ref()));
    Ok(Equation { response: formula(left, &known), mean: formula(without_error_term(right), &known) })
}

/// Both sides of the first `=` that is no part of a comparison.
fn split_equation(text: &str) -> Option<(&str, &str)> {
    let bytes = text.as_bytes();
    let compares = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(|b| b"=<>!".contains(b));
    let lone = |at: &usize| !compares(at.checked_sub(1)) && !compares(Some(at + 1));
    let at = text.match_indices('=').map(|(at, _)| at).find(lone)?;
    Some((text[..at].trim(), text[at + 1..].trim()))
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphabetic()) && text.chars().all(|c| c.is_alphanumeric() || c == '_')
}

fn without_error_term(right: &str) -> &str {
    let term = right.trim_end().strip_suffix('e').and_then(|rest| rest.trim_end().strip_suffix('+'));
    term.unwrap_or(right).trim_end()
}

fn formula(text: &str, definitions: &[(String, String)]) -> String {
    let mut out = String::new();
    let mut rest = text.trim();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            c if c.is_alphabetic() || c == '_' => {
                let length = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
                out += &name(&rest[..length], rest[length..].trim_start().starts_with(['(', '[']), definitions);
                length
            }
            c if c.is_ascii_digit() || c == '.' => {
                let length = number_length(rest);
                out += &rest[..length];
                length
            }
            _ if rest.starts_with("**") => {
                out.push('^');
                2
            }
            c => {
                out.push(match c {
                    '[' => '(',
                    ']' => ')',
                    c if c.is_whitespace() => ' ',
                    c => c,
                });
                c.len_utf8()
            }
        };
        rest = &rest[length..];
    }
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn name(name: &str, called: bool, definitions: &[(String, String)]) -> String {
    if let Some((_, value)) = definitions.iter().find(|(known, _)| known == name) {
        return value.clone();
    }
    let lower = name.to_lowercase();
    match lower.as_str() {
        "arctan" | "arcsin" | "arccos" if called => lower.replacen("arc", "a", 1),
        "d" => name.to_string(),
        _ if called => lower,
        _ => name.to_string(),
    }
}

/// Length of a number, its exponent included, so that the `E` in it is no name.
fn number_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let digits = |from: usize| from + bytes[from..].iter().take_while(|b| b.is_ascii_digit() || **b == b'.').count();
    let mantissa = digits(0);
    let sign = usize::from(matches!(bytes.get(mantissa + 1), Some(b'+' | b'-')));
    match bytes.get(mantissa) {
        Some(b'e' | b'E') if bytes.get(mantissa + 1 + sign).is_some_and(u8::is_ascii_digit) => {
            digits(mantissa + 1 + sign)
        }
        _ => mantissa,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(equations: &[&str], response: &str, mean: &str) {
        let expected = Equation { response: response.to_string(), mean: mean.to_string() };
        assert_eq!(translate(equations, "y"), Ok(expected));
    }

    #[test]
    fn brackets_powers_and_the_error_term_are_translated() {
        check(&["y = b1*(1-exp[-b2*x])  +  e"], "y", "b1*(1-exp(-b2*x))");
        check(&["y  = b1 * (1-(1+b2*x/2)**(-2))+e"], "y", "b1 * (1-(1+b2*x/2)^(-2))");
        check(&["y = (b1/b2) * exp[-0.5*((x-b3)/b2)**2]  +  e"], "y", "(b1/b2) * exp(-0.5*((x-b3)/b2)^2)");
    }

    #[test]
    fn a_function_of_the_response_stays_on_the_left() {
        check(&["log[y] = b1 - b2*x1 * exp[-b3*x2]  +  e"], "log(y)", "b1 - b2*x1 * exp(-b3*x2)");
    }

    #[test]
    fn definitions_are_put_in_place_but_not_inside_of_other_names() {
        check(&["pi = 3.14E0", "y = arctan[pix/x]/pi + e"], "y", "atan(pix/x)/(3.14E0)");
        check(&["a = 2", "c = a + 1", "y = c*x"], "y", "((2) + 1)*x");
    }

    #[test]
    fn an_e_is_an_error_term_only_at_the_end_after_a_plus() {
        check(&["y = b1*e + x"], "y", "b1*e + x");
        check(&["y = b1 - e"], "y", "b1 - e");
        check(&["y = b1 + 1E+3*x + be"], "y", "b1 + 1E+3*x + be");
    }

    #[test]
    fn a_formula_is_left_alone_and_needs_no_left_side() {
        check(&["where(x <= b1, x^2, 1e-3*x)"], "y", "where(x <= b1, x^2, 1e-3*x)");
        check(&["where(x == b1, D(x^2, x), 0)"], "y", "where(x == b1, D(x^2, x), 0)");
    }

    #[test]
    fn what_defines_no_name_is_an_error() {
        assert_eq!(translate(&["2x = 3", "y = x"], "y"), Err(NotationError::Definition("2x = 3".to_string())));
        assert_eq!(translate(&[] as &[&str], "y"), Err(NotationError::Empty));
    }
}
