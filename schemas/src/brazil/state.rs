//! The 26 states and the Federal District.

use std::fmt;

/// A unit of the federation by its two letters (ISO 3166-2:BR without `BR-`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)] // The letters are the names that everybody uses.
#[rustfmt::skip]
pub enum State {
    AC, AL, AM, AP, BA, CE, DF, ES, GO, MA, MG, MS, MT, PA, PB, PE, PI, PR, RJ, RN, RO, RR, RS, SC, SE, SP, TO,
}

/// A text is no state's two letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a state is two letters, such as SP")]
pub struct InvalidState;

impl State {
    /// All of them, by their letters.
    #[rustfmt::skip]
    pub const ALL: [Self; 27] = [
        Self::AC, Self::AL, Self::AM, Self::AP, Self::BA, Self::CE, Self::DF, Self::ES, Self::GO, Self::MA, Self::MG, Self::MS,
        Self::MT, Self::PA, Self::PB, Self::PE, Self::PI, Self::PR, Self::RJ, Self::RN, Self::RO, Self::RR, Self::RS, Self::SC,
        Self::SE, Self::SP, Self::TO,
    ];

    /// Reads two letters of either case.
    pub fn parse(text: &str) -> Result<Self, InvalidState> {
        let letters = text.trim().to_ascii_uppercase();
        Self::ALL.into_iter().find(|state| state.to_string() == letters).ok_or(InvalidState)
    }
}

impl fmt::Display for State {
    /// Writes the two letters.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}
