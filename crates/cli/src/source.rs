//! Input: files and standard input, whole or line by line, always UTF-8 and never longer than a limit.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};

use crate::failure::Mistake;

/// A file, or standard input for `-`.
pub struct Source {
    name: String,
    reader: Box<dyn BufRead>,
}

/// One line of a source.
pub enum Line {
    /// Its text, without the line end.
    Text(String),
    /// It is longer than the limit; it was skipped.
    TooLong,
    /// It is not UTF-8.
    NotText,
}

impl Source {
    /// Opens it.
    pub fn open(path: &str) -> Result<Source, Mistake> {
        if path == "-" {
            return Ok(Source { name: "standard input".to_string(), reader: Box::new(io::stdin().lock()) });
        }
        let unreadable = |e: io::Error| {
            Mistake::new("file", format!("cannot read `{path}`: {e}"))
                .help("give the path of a file, or `-` for standard input")
        };
        let file = File::open(path).map_err(unreadable)?;
        Ok(Source { name: format!("`{path}`"), reader: Box::new(BufReader::new(file)) })
    }

    /// All of it.
    pub fn read(mut self, limit: usize) -> Result<String, Mistake> {
        let mut bytes = Vec::new();
        let read = self.reader.by_ref().take((limit as u64).saturating_add(1)).read_to_end(&mut bytes);
        read.map_err(|e| self.unreadable(&e))?;
        if bytes.len() > limit {
            let message = format!("{} is longer than the limit of {limit} bytes", self.name);
            return Err(Mistake::new("limit", message).help("raise the limit with --max-bytes"));
        }
        String::from_utf8(bytes).map_err(|e| {
            let at = e.utf8_error().valid_up_to();
            Mistake::new("encoding", format!("{} is not UTF-8 text: a wrong byte at position {at}", self.name))
        })
    }

    /// The next line, if there is one.
    pub fn line(&mut self, limit: usize) -> Result<Option<Line>, Mistake> {
        let mut bytes = Vec::new();
        let read = self.reader.by_ref().take((limit as u64).saturating_add(1)).read_until(b'\n', &mut bytes);
        if read.map_err(|e| self.unreadable(&e))? == 0 {
            return Ok(None);
        }
        let ended = bytes.last() == Some(&b'\n');
        if ended {
            bytes.pop();
        }
        if bytes.len() > limit {
            self.reader.skip_until(b'\n').map_err(|e| self.unreadable(&e))?;
            return Ok(Some(Line::TooLong));
        }
        Ok(Some(String::from_utf8(bytes).map_or(Line::NotText, Line::Text)))
    }

    fn unreadable(&self, error: &io::Error) -> Mistake {
        Mistake::new("file", format!("cannot read {}: {error}", self.name))
    }
}
