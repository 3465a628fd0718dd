//! The command line's argument for a role.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use feira_schemas::groups::Role;

/// Reads a role, and names all of them with what they do in the help.
pub fn role() -> impl TypedValueParser<Value = Role> {
    let named = Role::ALL.map(|role| PossibleValue::new(role.name()).help(role.does()));
    PossibleValuesParser::new(named).try_map(|name| name.parse::<Role>())
}
