//! The text of an Einstein sum: read, then held to the shapes of the operands. Every mistake knows its place.
//!
//! Invariants of a [`Notation`]: names are numbers below `extents.len()`; a name has the same extent, or 1, in every
//! operand, and the same twice in one; the names of the result are distinct and each is one of an operand.

use std::collections::HashMap;
use std::fmt;

use graph_core::Shape;

/// What is wrong, and where in the text, in characters from 1.
#[derive(Debug)]
pub(super) struct Mistake {
    pub place: usize,
    pub why: String,
}

fn mistake<T>(place: usize, why: String) -> Result<T, Mistake> {
    Err(Mistake { place, why })
}

/// The name of an axis: a letter, or the place of an axis that `...` stands for, from the last, which is 1.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Name {
    Letter(char),
    Unnamed(usize),
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Name::Letter(letter) => write!(f, "`{letter}`"),
            Name::Unnamed(from_end) => write!(f, "{from_end} from the end of `...`"),
        }
    }
}

/// One side of a comma or arrow.
struct Term {
    /// Where it starts.
    place: usize,
    letters: Vec<(char, usize)>,
    /// How many letters stand before `...`, and its place.
    dots: Option<(usize, usize)>,
}

/// A text that is well formed.
pub(super) struct Terms {
    operands: Vec<Term>,
    result: Option<Term>,
}

/// Who has which axes.
pub(super) struct Notation {
    /// The name of every axis of every operand.
    pub operands: Vec<Vec<usize>>,
    /// The name of every axis of the result.
    pub result: Vec<usize>,
    /// The extent of every name.
    pub extents: Vec<usize>,
}

/// Letters, `...`, commas, an arrow, and spaces anywhere between them.
pub(super) fn read(spec: &str) -> Result<Terms, Mistake> {
    let chars: Vec<char> = spec.chars().collect();
    let start = |place| Term { place, letters: Vec::new(), dots: None };
    let (mut done, mut term, mut arrow) = (Vec::new(), start(1), false);
    let mut at = 0;
    while let Some(&first) = chars.get(at) {
        let place = at + 1;
        at += match &chars[at..] {
            [',', ..] if !arrow => {
                done.push(std::mem::replace(&mut term, start(place + 1)));
                1
            }
            ['-', '>', ..] if !arrow => {
                done.push(std::mem::replace(&mut term, start(place + 2)));
                arrow = true;
                2
            }
            ['.', '.', '.', ..] if term.dots.is_none() => {
                term.dots = Some((term.letters.len(), place));
                3
            }
            [letter, ..] if letter.is_alphabetic() => {
                term.letters.push((*letter, place));
                1
            }
            [space, ..] if space.is_whitespace() => 1,
            _ => return mistake(place, format!("`{first}` names no axis: axes are letters, or once `...`")),
        };
    }
    Ok(match arrow {
        true => Terms { operands: done, result: Some(term) },
        false => Terms { operands: done.into_iter().chain([term]).collect(), result: None },
    })
}

impl Term {
    /// The name of each axis and its place, where `...` stands for `hidden` axes.
    fn names(&self, hidden: usize) -> Vec<(Name, usize)> {
        let letters = self.letters.iter().map(|&(letter, place)| (Name::Letter(letter), place));
        let mut names: Vec<(Name, usize)> = letters.collect();
        if let Some((before, place)) = self.dots {
            names.splice(before..before, (1..=hidden).rev().map(|from_end| (Name::Unnamed(from_end), place)));
        }
        names
    }
}

impl Terms {
    /// Where an operand's axes are named.
    pub fn place(&self, operand: usize) -> usize {
        self.operands[operand].place
    }

    /// Whether there is a term for each of so many operands.
    pub fn check_count(&self, operands: usize) -> Result<(), Mistake> {
        let named = self.operands.len();
        if named == operands {
            return Ok(());
        }
        let place = self.place(operands.min(named - 1));
        mistake(place, format!("the text names the axes of {named} operand(s), and there are {operands}"))
    }

    /// Gives every axis its name and every name its extent; as many shapes as there are operands.
    pub fn resolve(&self, shapes: &[&Shape]) -> Result<Notation, Mistake> {
        let mut table = Table::default();
        let mut operands = Vec::with_capacity(shapes.len());
        for (operand, (term, shape)) in self.operands.iter().zip(shapes).enumerate() {
            operands.push(table.of_operand(operand, term, shape)?);
        }
        let result = match &self.result {
            Some(term) => table.of_result(term)?,
            None => table.implicit(&operands),
        };
        Ok(Notation { operands, result, extents: table.known.iter().map(|known| known.extent).collect() })
    }
}

/// A name, its extent, and the operand that says so.
struct Known {
    name: Name,
    extent: usize,
    operand: usize,
}

/// The names so far, numbered in the order of their first appearance.
#[derive(Default)]
struct Table {
    known: Vec<Known>,
    numbers: HashMap<Name, usize>,
    /// Most axes under a `...`.
    unnamed: usize,
}

impl Table {
    fn of_operand(&mut self, operand: usize, term: &Term, shape: &Shape) -> Result<Vec<usize>, Mistake> {
        let (rank, named) = (shape.rank(), term.letters.len());
        if named > rank || (named < rank && term.dots.is_none()) {
            let hint = if named < rank { "; `...` stands for the others" } else { "" };
            let why = format!("operand {operand} of shape {shape} has {rank} axes, and {named} are named here{hint}");
            return mistake(term.place, why);
        }
        self.unnamed = self.unnamed.max(rank - named);
        let mut numbers: Vec<usize> = Vec::with_capacity(rank);
        for (axis, (name, place)) in term.names(rank - named).into_iter().enumerate() {
            let number = self.number(name, operand);
            let before = numbers.iter().position(|&other| other == number).map(|first| shape[first]);
            match before {
                Some(first) if first != shape[axis] => {
                    let both = format!("{first} and {} in operand {operand}", shape[axis]);
                    return mistake(place, format!("axis {name} is {both}; a diagonal has equal extents"));
                }
                Some(_) => {}
                None => self.known[number].meet(shape[axis], operand).map_err(|why| Mistake { place, why })?,
            }
            numbers.push(number);
        }
        Ok(numbers)
    }

    fn number(&mut self, name: Name, operand: usize) -> usize {
        *self.numbers.entry(name).or_insert_with(|| {
            self.known.push(Known { name, extent: 1, operand });
            self.known.len() - 1
        })
    }

    /// The names after the arrow.
    fn of_result(&self, term: &Term) -> Result<Vec<usize>, Mistake> {
        if self.unnamed > 0 && term.dots.is_none() {
            return mistake(term.place, "operands have axes under `...`, and the result has none".to_string());
        }
        let mut result = Vec::new();
        for (name, place) in term.names(self.unnamed) {
            match self.numbers.get(&name) {
                None => return mistake(place, format!("the result has an axis {name} that no operand has")),
                Some(number) if result.contains(number) => {
                    return mistake(place, format!("the result names the axis {name} twice"));
                }
                Some(&number) => result.push(number),
            }
        }
        Ok(result)
    }

    /// The axes under `...`, then the letters that occur once, in alphabetical order.
    fn implicit(&self, operands: &[Vec<usize>]) -> Vec<usize> {
        let mut counts = vec![0; self.known.len()];
        operands.iter().flatten().for_each(|&number| counts[number] += 1);
        let letter = |(number, known): (usize, &Known)| match known.name {
            Name::Letter(letter) if counts[number] == 1 => Some((letter, number)),
            Name::Letter(_) | Name::Unnamed(_) => None,
        };
        let mut once: Vec<(char, usize)> = self.known.iter().enumerate().filter_map(letter).collect();
        once.sort_unstable();
        let unnamed = (1..=self.unnamed).rev().map(|from_end| self.numbers[&Name::Unnamed(from_end)]);
        unnamed.chain(once.into_iter().map(|(_, number)| number)).collect()
    }
}

impl Known {
    /// Another operand with the name: its extent is the same, or one of both is 1.
    fn meet(&mut self, extent: usize, operand: usize) -> Result<(), String> {
        if self.extent != extent && self.extent != 1 && extent != 1 {
            let (first, second) =
                (format!("{} in operand {}", self.extent, self.operand), format!("{extent} in operand {operand}"));
            return Err(format!("axis {} is {first} and {second}; extents are equal or 1", self.name));
        }
        if extent != 1 {
            (self.extent, self.operand) = (extent, operand);
        }
        Ok(())
    }
}
