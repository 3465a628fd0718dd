//! What forms of several pages share.

mod choice;
mod differs;

pub(crate) use self::{
    choice::Choice,
    differs::{Difference, Differences, difference},
};
