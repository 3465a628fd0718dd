//! Images that an import named by their address: asked for, and brought to their products.
//!
//! An event names an image as long as it waits. It is asked for when its turn comes and the product's row says that it still
//! waits, at most four times, and what came of it is said by a command: the file, or why there is none. So one that was had,
//! removed or given up is never asked for again, whatever is read twice; and the group begins at the start of the log, where
//! history costs a row's read and no request.
//!
//! Nothing is kept but the group's position, which waits for the lowest event with an image that is not finished. An image
//! that can't be had stops nothing: the others are asked for meanwhile, shop by shop.

mod attempt;
mod wanted;

use std::{sync::Arc, time::Duration};

use feira_connectors::http::HttpClient;
use feira_schemas::groups;

use super::{Away, EffectError, Runner};
use crate::{commands::Commands, platform::Platform};

/// The name of the effect's consumer group.
const GROUP: &str = groups::IMAGES.name;

/// Settings of the fetching of images.
#[derive(Clone)]
pub struct ImageSettings {
    /// The HTTP client that fetches them, with its policy.
    pub fetcher: HttpClient,
    /// Waits between tries of one whose server does not answer; after the last it is given up.
    pub again_after: Vec<Duration>,
}

impl ImageSettings {
    /// The settings of a deployment: repeated attempts after 5 s, 20 s and 80 s, as for whatever else is tried again.
    /// A server that is away for longer is asked again by the next import.
    pub fn new(fetcher: HttpClient) -> Self {
        Self { fetcher, again_after: [5, 20, 80].map(Duration::from_secs).into() }
    }
}

/// The effect: what an attempt works with.
pub struct Images {
    platform: Platform,
    commands: Arc<Commands>,
    fetcher: HttpClient,
    away: Away,
}

impl Images {
    /// Joins the effect's group, over what admin says.
    pub async fn join(
        platform: Platform,
        commands: Arc<Commands>,
        settings: ImageSettings,
        instance: Option<&str>,
    ) -> Result<Runner<Self>, EffectError> {
        let ImageSettings { fetcher, again_after } = settings;
        let effect = Self { platform: platform.clone(), commands, fetcher, away: Away::default() };
        Runner::join(platform, effect, again_after, instance).await
    }
}
