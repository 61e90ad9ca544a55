//! Names of fields: as they are where they are names, else in quotes, so that any string names a field.

use std::fmt::{self, Write as _};

/// The name of a field as the text form writes it.
pub struct FieldName<'a>(pub &'a str);

impl fmt::Display for FieldName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if super::is_name(self.0) {
            return f.write_str(self.0);
        }
        f.write_char('"')?;
        for c in self.0.chars() {
            match c {
                '"' | '\\' => write!(f, "\\{c}")?,
                c if c.is_control() => write!(f, "\\u{{{:x}}}", u32::from(c))?,
                c => f.write_char(c)?,
            }
        }
        f.write_char('"')
    }
}

/// The string that a text starts with, in quotes, and the length of what is written; `None` if it does not end on its
/// line or has an escape other than those that are written.
pub(super) fn unquoted(text: &str) -> Option<(String, usize)> {
    let inner = text.strip_prefix('"')?;
    let (mut name, mut at) = (String::new(), 0);
    loop {
        let rest = &inner[at..];
        let c = rest.chars().next()?;
        at += c.len_utf8();
        match c {
            '"' => return Some((name, at + 1)),
            c if c.is_control() => return None,
            '\\' if rest.starts_with("\\u{") => {
                // At most six digits are looked at, so that hostile text is read in linear time.
                let length = rest.bytes().skip(3).take(7).position(|byte| byte == b'}')?;
                let digits = &rest[3..3 + length];
                name.push(u32::from_str_radix(digits, 16).ok().and_then(char::from_u32)?);
                at += digits.len() + 3;
            }
            '\\' => {
                let escaped = rest[1..].chars().next().filter(|c| matches!(c, '"' | '\\'))?;
                name.push(escaped);
                at += 1;
            }
            c => name.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_string_reads_back() {
        for name in ["w", "a.1", "", "1", "a b", "\"", "\\", "\\u{41}", "a\nb\t\u{7f}", "{x: f64}", "// no", "ä ö", "-"]
        {
            let written = FieldName(name).to_string();
            match super::super::is_name(name) {
                true => assert_eq!(written, name),
                false => assert_eq!(unquoted(&format!("{written}: f64")), Some((name.to_string(), written.len()))),
            }
        }
    }

    #[test]
    fn strings_that_do_not_end_or_have_other_escapes_are_none() {
        for wrong in [
            "\"a",
            "\"a\n\"",
            "\"\\",
            "\"\\n\"",
            "\"\\u{}\"",
            "\"\\u{0000041}\"",
            "\"\\u{ä}\"",
            "\"\\u{d800}\"",
            "\"\\u{41\"",
            "a\"",
        ] {
            assert_eq!(unquoted(wrong), None, "{wrong}");
        }
    }
}
