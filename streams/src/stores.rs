//! The health of the stores of the data folder and of the keyring, for whoever asks for this process' health.

use std::time::Duration;

use feira_connectors::{keyring::Keyring, sessions::SessionStore};
use tokio::sync::watch;

use crate::{health::Doing, platform::Platform};

/// The time between two looks at the stores of the data folder.
const ASK_EVERY: Duration = Duration::from_secs(10);
/// The name of the stores in this process' health.
const STORES: &str = "stores";
/// The keyring's name in this process' health.
const KEYRING: &str = "keyring";

/// Says what ails the stores of the data folder, and whether the keyring is away, for as long as that is so, until told to stop.
pub async fn watch(
    platform: Platform,
    keyring: Option<Keyring>,
    sessions: Option<SessionStore>,
    mut stop: watch::Receiver<bool>,
) {
    let (mut stores, mut keys) = (Watched::new(STORES), Watched::new(KEYRING));
    loop {
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            () = tokio::time::sleep(ASK_EVERY) => {}
        }
        let of_keys = || keyring.as_ref().and_then(Keyring::trouble);
        let of_sessions = || sessions.as_ref().and_then(SessionStore::trouble);
        let trouble = platform.log.trouble().or_else(|| platform.state.trouble()).or_else(of_keys).or_else(of_sessions);
        stores.is(trouble, &platform, "a store of the data folder can't keep up; its disk may be too slow or full");
        let Some(keyring) = &keyring else { continue };
        // Cancel safety: a question that is dropped leaves nothing behind.
        let answered = tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            answered = keyring.answers() => answered,
        };
        metrics::gauge!("feira_keyring_away").set(f64::from(u8::from(answered.is_err())));
        let away = answered.err().map(|error| error.to_string());
        keys.is(away, &platform, "nothing personal can be sealed or opened until the keyring is back");
    }
}

/// Something that is watched, as it was when it was last looked at.
struct Watched {
    name: &'static str,
    ailing: bool,
}

impl Watched {
    fn new(name: &'static str) -> Self {
        Self { name, ailing: false }
    }

    /// It has this trouble now, or none. What that means is said once.
    fn is(&mut self, trouble: Option<String>, platform: &Platform, meaning: &'static str) {
        match trouble {
            Some(why) => {
                if !self.ailing {
                    tracing::error!(%why, "{meaning}");
                }
                platform.health.report(self.name, Doing::Waiting(why), platform.now());
                self.ailing = true;
            }
            None if self.ailing => {
                platform.health.forget(self.name);
                self.ailing = false;
            }
            None => {}
        }
    }
}
