//! CEP: the postal code.

use std::fmt;

use super::{
    state::State,
    typed::{bare, is_digits},
};

/// A postal code of eight digits that lies in a state's range. Whether a street has it is Correios' to know.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Cep {
    digits: String,
    state: State,
}

/// A text is no CEP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CepError {
    /// Something else than digits, points and a hyphen stands in it.
    #[error("a CEP is written with digits and a hyphen alone")]
    Sign,
    /// It has so many digits, and not 8.
    #[error("a CEP has 8 digits, this has {0}")]
    Length(usize),
    /// No state has CEPs that begin so.
    #[error("no state has CEPs that begin so")]
    NoState,
}

/// The last beginning of five digits of each range, and whose it is, in order and without gaps. Source: Correios' ranges.
#[rustfmt::skip]
const RANGES: [(u32, Option<State>); 32] = [
    (999, None), (19_999, Some(State::SP)), (28_999, Some(State::RJ)), (29_999, Some(State::ES)), (39_999, Some(State::MG)),
    (48_999, Some(State::BA)), (49_999, Some(State::SE)), (56_999, Some(State::PE)), (57_999, Some(State::AL)),
    (58_999, Some(State::PB)), (59_999, Some(State::RN)), (63_999, Some(State::CE)), (64_999, Some(State::PI)),
    (65_999, Some(State::MA)), (68_899, Some(State::PA)), (68_999, Some(State::AP)), (69_299, Some(State::AM)),
    (69_399, Some(State::RR)), (69_899, Some(State::AM)), (69_999, Some(State::AC)), (72_799, Some(State::DF)),
    (72_999, Some(State::GO)), (73_699, Some(State::DF)), (76_799, Some(State::GO)), (76_999, Some(State::RO)),
    (77_999, Some(State::TO)), (78_899, Some(State::MT)), (78_999, None), (79_999, Some(State::MS)), (87_999, Some(State::PR)),
    (89_999, Some(State::SC)), (99_999, Some(State::RS)),
];

impl Cep {
    /// Reads a CEP with or without its hyphen.
    pub fn parse(text: &str) -> Result<Self, CepError> {
        let digits = bare(text, &['.']);
        if !digits.is_empty() && !is_digits(&digits) {
            return Err(CepError::Sign);
        }
        if digits.len() != 8 {
            return Err(CepError::Length(digits.len()));
        }
        let beginning: u32 = digits[..5].parse().map_err(|_| CepError::Sign)?;
        let range = RANGES.partition_point(|(last, _)| *last < beginning);
        let state = RANGES.get(range).and_then(|(_, state)| *state).ok_or(CepError::NoState)?;
        Ok(Self { digits, state })
    }

    /// The eight digits alone.
    pub fn digits(&self) -> &str {
        &self.digits
    }

    /// The first five digits: a town or a part of one, which freight is priced by, and nobody's address.
    pub fn first_five(&self) -> &str {
        &self.digits[..5]
    }

    /// The state whose range it is in.
    pub fn state(&self) -> State {
        self.state
    }

    /// The code as it is printed: `01310-100`.
    pub fn formatted(&self) -> String {
        format!("{}-{}", &self.digits[..5], &self.digits[5..])
    }

    /// The code as pages show it: `01310-***`.
    pub fn masked(&self) -> String {
        format!("{}-***", &self.digits[..5])
    }
}

impl fmt::Debug for Cep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cep(…)")
    }
}
