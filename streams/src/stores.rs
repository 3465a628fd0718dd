//! The health of the stores of the data folder, for whoever asks for this process' health.

use std::time::Duration;

use tokio::sync::watch;

use crate::{health::Doing, platform::Platform};

/// The time between two looks at the stores of the data folder.
const ASK_EVERY: Duration = Duration::from_secs(10);
/// The name of the stores in this process' health.
const STORES: &str = "stores";

/// Says what ails the stores of the data folder, for as long as it does, until told to stop.
pub async fn watch(platform: Platform, mut stop: watch::Receiver<bool>) {
    let mut ailing = false;
    loop {
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            () = tokio::time::sleep(ASK_EVERY) => {}
        }
        match platform.log.trouble().or_else(|| platform.state.trouble()) {
            Some(why) => {
                if !ailing {
                    tracing::error!(%why, "a store of the data folder can't keep up; its disk may be too slow or full");
                }
                platform.health.report(STORES, Doing::Waiting(why), platform.now());
                ailing = true;
            }
            None if ailing => {
                platform.health.forget(STORES);
                ailing = false;
            }
            None => {}
        }
    }
}
