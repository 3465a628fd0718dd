//! Patterns of terms that are not spelled as in the query: typos and mistyped beginnings.

use tantivy::{
    Term,
    query::{DfaWrapper, FuzzyTermQuery},
    schema::Field,
};
use tantivy_fst::Automaton;

/// A set of terms, as a machine that reads them byte by byte: first the place (see `schema::place`), then the word.
///
/// Digits are never mistyped: "galaxy s23" must not find "s24", so a word's digits, in order, are part of the pattern.
pub struct Pattern {
    places: Vec<u8>,
    letters: DfaWrapper,
    digits: Option<Vec<u8>>,
}

/// A state of the machine.
#[derive(Clone, Copy)]
pub enum State {
    /// Nothing is read yet.
    Start,
    /// Within the word: the letters' state, and how many digits were read.
    Word(u32, usize),
    /// Nothing can match any more.
    Dead,
}

impl Pattern {
    /// Words in these places at most `edits` (0 to 2) letters away: inserted, left out, replaced, or swapped with the next.
    pub fn near(places: &[u8], word: &str, edits: u8) -> tantivy::Result<Self> {
        let digits = word.bytes().filter(u8::is_ascii_digit).collect();
        Ok(Self { places: places.to_vec(), letters: query(word, edits, false).automaton()?, digits: Some(digits) })
    }

    /// Words in these places that begin with something at most `edits` letters away from `word`.
    pub fn beginning(places: &[u8], word: &str, edits: u8) -> tantivy::Result<Self> {
        Ok(Self { places: places.to_vec(), letters: query(word, edits, true).automaton()?, digits: None })
    }

    /// True if a term is in the set.
    pub fn matches(&self, term: &[u8]) -> bool {
        self.is_match(&term.iter().fold(self.start(), |state, byte| self.accept(&state, *byte)))
    }
}

fn query(word: &str, edits: u8, prefix: bool) -> FuzzyTermQuery {
    // The automaton looks at the text of the term alone, so any field will do.
    let term = Term::from_field_text(Field::from_field_id(0), word);
    if prefix { FuzzyTermQuery::new_prefix(term, edits, true) } else { FuzzyTermQuery::new(term, edits, true) }
}

impl Automaton for Pattern {
    type State = State;

    fn start(&self) -> State {
        State::Start
    }

    fn is_match(&self, state: &State) -> bool {
        let State::Word(letters, digits) = state else { return false };
        self.digits.as_ref().is_none_or(|all| *digits == all.len()) && self.letters.is_match(letters)
    }

    fn can_match(&self, state: &State) -> bool {
        match state {
            State::Start => true,
            State::Word(letters, _) => self.letters.can_match(letters),
            State::Dead => false,
        }
    }

    fn accept(&self, state: &State, byte: u8) -> State {
        match *state {
            State::Start if self.places.contains(&byte) => State::Word(self.letters.start(), 0),
            State::Start | State::Dead => State::Dead,
            State::Word(letters, read) => match &self.digits {
                Some(digits) if byte.is_ascii_digit() => match digits.get(read) {
                    Some(digit) if *digit == byte => State::Word(self.letters.accept(&letters, byte), read + 1),
                    _ => State::Dead,
                },
                _ => State::Word(self.letters.accept(&letters, byte), read),
            },
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn one_edit_anywhere_also_in_the_first_letter() {
        let pattern = Pattern::near(b"nt", "caneca", 1).unwrap();
        for word in ["caneca", "kaneca", "aneca", "acneca", "canecas", "caneka", "xcaneca", "canceca"] {
            assert!(pattern.matches(format!("n{word}").as_bytes()) && pattern.matches(format!("t{word}").as_bytes()));
            assert!(!pattern.matches(format!("d{word}").as_bytes()), "another place");
        }
        for word in ["kanekas", "can", "canetas", "acnecas", ""] {
            assert!(!pattern.matches(format!("n{word}").as_bytes()), "{word}");
        }
    }

    #[test]
    fn digits_are_never_mistyped() {
        let pattern = Pattern::near(b"n", "galaxy23", 2).unwrap();
        assert!(pattern.matches(b"ngalaxy23") && pattern.matches(b"ngalxi23"));
        for word in ["galaxy24", "galaxy32", "galaxy2", "galaxy233"] {
            assert!(!pattern.matches(format!("n{word}").as_bytes()), "{word}");
        }
    }

    #[test]
    fn a_mistyped_beginning_matches_what_follows() {
        let pattern = Pattern::beginning(b"n", "cmais", 1).unwrap();
        assert!(pattern.matches(b"ncamiseta2") && !pattern.matches(b"ncalca") && !pattern.matches(b"n"));
    }
}
