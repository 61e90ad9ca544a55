//! What goes wrong, for people (one message, with the line and a caret where there is a place) and for programs (a
//! code, a message, a column).

use std::fmt::Write as _;
use std::io::{self, ErrorKind, Write as _};
use std::ops::Range;
use std::process::ExitCode;

use wengert::formula::FormulaError;
use wengert::text::ParseError;

/// A mistake of the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// A stable name of the kind of mistake.
    pub code: &'static str,
    /// What is wrong, and why.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// Where, in characters from 1.
    pub column: Option<usize>,
    /// The message with the line and a caret under the place, if there is a place.
    picture: Option<String>,
}

impl Mistake {
    /// A mistake without a place.
    pub fn new(code: &'static str, message: impl Into<String>) -> Mistake {
        Mistake { code, message: message.into(), help: None, column: None, picture: None }
    }

    /// A mistake at these bytes of a text.
    pub fn at(code: &'static str, text: &str, span: Range<usize>, message: impl Into<String>, help: &str) -> Mistake {
        let column = text[..span.start].chars().count() + 1;
        let help = (!help.is_empty()).then(|| help.to_string());
        Mistake::in_text(FormulaError { code, message: message.into(), help, span, column }, text)
    }

    /// A mistake that knows its place in `text`.
    pub fn in_text(error: FormulaError, text: &str) -> Mistake {
        let picture = Some(error.render(text));
        Mistake { code: error.code, message: error.message, help: error.help, column: Some(error.column), picture }
    }

    /// A text that is not a graph.
    pub fn in_graph(error: &ParseError, text: &str) -> Mistake {
        let ParseError { column, offset, message, help, .. } = error.clone();
        let length = text[offset..].chars().next().filter(|c| *c != '\n').map_or(0, char::len_utf8);
        let help = (!help.is_empty()).then_some(help);
        Mistake::in_text(FormulaError { code: "parse", message, help, span: offset..offset + length, column }, text)
    }

    /// The same, with advice.
    pub fn help(self, help: impl Into<String>) -> Mistake {
        Mistake { help: Some(help.into()), ..self }
    }

    /// The whole message for a person.
    pub fn shown(&self) -> String {
        if let Some(picture) = &self.picture {
            return picture.clone();
        }
        let mut shown = format!("error[{}]: {}", self.code, self.message);
        if let Some(help) = &self.help {
            let _ = write!(shown, "\n  = help: {help}");
        }
        shown
    }
}

impl From<wengert::Error> for Mistake {
    fn from(error: wengert::Error) -> Mistake {
        Mistake::new(error.code(), error.to_string())
    }
}

/// Why the program ends early.
#[derive(Debug)]
pub enum Failure {
    /// The user made mistakes.
    Mistakes(Vec<Mistake>),
    /// Standard output cannot be written.
    Output(io::Error),
}

impl Failure {
    /// Tells the user; the exit code. A pipe that was closed is no mistake.
    pub fn report(self) -> ExitCode {
        let message = match self {
            Failure::Output(error) if error.kind() == ErrorKind::BrokenPipe => return ExitCode::SUCCESS,
            Failure::Output(error) => format!("error[output]: cannot write to standard output: {error}"),
            Failure::Mistakes(mistakes) => mistakes.iter().map(Mistake::shown).collect::<Vec<_>>().join("\n\n"),
        };
        // Where standard error is closed as well, there is nobody left to tell.
        let _ = writeln!(io::stderr(), "{message}");
        ExitCode::from(2)
    }
}

impl From<Mistake> for Failure {
    fn from(mistake: Mistake) -> Failure {
        Failure::Mistakes(vec![mistake])
    }
}

impl From<wengert::Error> for Failure {
    fn from(error: wengert::Error) -> Failure {
        Mistake::from(error).into()
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Failure {
        Failure::Output(error)
    }
}
