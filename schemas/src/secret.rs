//! Values that are never printed.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A text that proves who somebody is: a password, a key, a token. It is written into files and sent as it is, but its `Debug`
/// says only whether there is one, so that no log and no message shows it.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// The text itself, for whoever asks for the proof.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Says whether the secret is not set.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() { "(none)" } else { "(secret)" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_shown_to_nobody_and_kept_as_it_is() {
        let secret = Secret::from("s3cr3t");
        assert_eq!(format!("{secret:?} {:?}", Secret::default()), "(secret) (none)");
        assert_eq!(serde_json::to_value(&secret).unwrap(), "s3cr3t");
        assert_eq!(serde_json::from_str::<Secret>("\"s3cr3t\"").unwrap(), secret);
    }
}
