//! What a form or a filter offers to choose among.

use std::borrow::Cow;

/// A choice: an option of a list, a check box or a radio button.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Choice {
    /// What is sent.
    pub value: Cow<'static, str>,
    /// What people read.
    pub word: Cow<'static, str>,
    pub is_chosen: bool,
}

impl Choice {
    /// A choice of this value and word.
    pub fn new(value: impl Into<Cow<'static, str>>, word: impl Into<Cow<'static, str>>, is_chosen: bool) -> Self {
        Self { value: value.into(), word: word.into(), is_chosen }
    }
}
