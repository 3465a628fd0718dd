//! Matching of words that are not spelled as in the dictionary: typos and beginnings.

use std::{fmt, sync::Arc};

use tantivy::{
    Term,
    query::{AutomatonWeight, DfaWrapper, EnableScoring, FuzzyTermQuery, Query, Weight},
    schema::Field,
};
use tantivy_fst::Automaton;

/// A set of words, as a machine that reads them byte by byte.
///
/// Digits are never mistyped: "galaxy s23" must not find "s24", so a word's digits, in order, are part of the pattern.
pub struct Pattern {
    letters: DfaWrapper,
    digits: Option<Vec<u8>>,
    text: String,
}

/// Where the machine is; `None` once nothing can match any more.
type State = Option<(u32, usize)>;

impl Pattern {
    /// Words at most `edits` (0 to 2) letters away: inserted, left out, replaced, or swapped with the next one.
    pub fn near(word: &str, edits: u8) -> tantivy::Result<Self> {
        let digits = word.bytes().filter(u8::is_ascii_digit).collect();
        Ok(Self { letters: query(word, edits, false).automaton()?, digits: Some(digits), text: word.to_owned() })
    }

    /// Words that begin with `word`, or with something at most `edits` letters away from it.
    pub fn beginning(word: &str, edits: u8) -> tantivy::Result<Self> {
        Ok(Self { letters: query(word, edits, true).automaton()?, digits: None, text: word.to_owned() })
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
        Some((self.letters.start(), 0))
    }

    fn is_match(&self, state: &State) -> bool {
        state.is_some_and(|(letters, digits)| {
            self.digits.as_ref().is_none_or(|all| digits == all.len()) && self.letters.is_match(&letters)
        })
    }

    fn can_match(&self, state: &State) -> bool {
        state.is_some_and(|(letters, _)| self.letters.can_match(&letters))
    }

    fn accept(&self, state: &State, byte: u8) -> State {
        let (letters, mut read) = (*state)?;
        if let Some(digits) = &self.digits
            && byte.is_ascii_digit()
        {
            if digits.get(read) != Some(&byte) {
                return None;
            }
            read += 1;
        }
        Some((self.letters.accept(&letters, byte), read))
    }
}

/// Documents that hold any word of a pattern in one field.
#[derive(Clone)]
pub struct PatternQuery {
    pub field: Field,
    pub pattern: Arc<Pattern>,
}

impl fmt::Debug for PatternQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PatternQuery({:?}, {:?})", self.field, self.pattern.text)
    }
}

impl Query for PatternQuery {
    fn weight(&self, _: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        Ok(Box::new(AutomatonWeight::<Pattern>::new(self.field, Arc::clone(&self.pattern))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &Pattern, word: &str) -> bool {
        let end = word.bytes().fold(pattern.start(), |state, byte| pattern.accept(&state, byte));
        pattern.is_match(&end)
    }

    #[test]
    fn one_edit_anywhere_also_in_the_first_letter() {
        let pattern = Pattern::near("caneca", 1).unwrap();
        for word in ["caneca", "kaneca", "aneca", "acneca", "canecas", "caneka", "xcaneca", "canceca"] {
            assert!(matches(&pattern, word), "{word}");
        }
        for word in ["kanekas", "can", "canetas", "acnecas"] {
            assert!(!matches(&pattern, word), "{word}");
        }
    }

    #[test]
    fn digits_are_never_mistyped() {
        let pattern = Pattern::near("galaxy23", 2).unwrap();
        assert!(matches(&pattern, "galaxy23") && matches(&pattern, "galxi23"));
        for word in ["galaxy24", "galaxy32", "galaxy2", "galaxy233"] {
            assert!(!matches(&pattern, word), "{word}");
        }
    }

    #[test]
    fn a_beginning_matches_what_follows() {
        let pattern = Pattern::beginning("cam", 0).unwrap();
        assert!(matches(&pattern, "cam") && matches(&pattern, "camiseta2") && !matches(&pattern, "ca"));
        assert!(matches(&Pattern::beginning("cmais", 1).unwrap(), "camiseta"));
    }
}
