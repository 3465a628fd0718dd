//! One image: whether it is still wanted, its file, and the command that says what came of it.
//!
//! A service of ours that is away (state, files, log, admin) is waited for, and blames no image.

use bytes::Bytes;
use fail::fail_point;
use feira_connectors::http::HttpError;
use feira_schemas::{
    ids::{CommandId, Micros},
    problem::Code,
    records::{
        AdminCommand, AdminEvent,
        admin::{AddProductImage, FailProductImage},
        catalogue::{Image, ImageStatus},
        common::{CommandMeta, CommandResult, Outcome},
    },
    rows::admin::ProductRow,
    topics::{Context, Position},
};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{
    GROUP, Images,
    wanted::{WantedImage, images_of},
};
use crate::{
    effects::{Attempted, Away, Effect, Errand, Open, said},
    images::{self, Brought, NotKept},
};

/// An image that is asked for.
type Asked = Errand<WantedImage>;

/// The reason why there is no image, as its product shows it.
struct InVain {
    status: ImageStatus,
    /// True if the same attempt may succeed later.
    may_pass: bool,
    why: String,
}

impl Effect for Images {
    const GROUP: &'static str = GROUP;
    const SOURCE: Context = Context::Admin;
    /// Each may hold 20 MiB; fewer would let slow servers hold up the others.
    const AT_ONCE: usize = 8;
    /// A merchant's server is spared.
    const PER_SHOP: usize = 4;
    type Event = AdminEvent;
    type Wanted = WantedImage;
    /// What is left to do the group's position says.
    const OPEN: Option<Open<WantedImage>> = None;

    fn wanted(event: &AdminEvent) -> Vec<WantedImage> {
        images_of(event)
    }

    fn away(&self) -> &Away {
        &self.away
    }

    /// Asks for an image.
    async fn attempt(&self, errand: Asked, last: bool) -> Attempted {
        let Some(image) = self.waiting(&errand).await else { return Attempted::Done };
        let url = image.source_url.unwrap_or_default();
        let got = self.fetcher.get(&url).await;
        fail_point!(&format!("{GROUP}::fetched"));
        let got = match got {
            Ok(file) => self.bring(&errand, url, file).await,
            Err(error) => Err(error.into()),
        };
        fail_point!(&format!("{GROUP}::kept"));
        match got {
            Ok(command) => self.attach(command).await,
            Err(in_vain) if in_vain.may_pass && !last => return Attempted::Again,
            Err(in_vain) => self.fail(&errand, &in_vain).await,
        }
        fail_point!(&format!("{GROUP}::decided"));
        Attempted::Done
    }
}

impl Images {
    /// The image, if it still waits for its file.
    async fn waiting(&self, asked: &Asked) -> Option<Image> {
        self.shown(asked.named.partition, asked.named.write_ts).await;
        let key = ProductRow::at(asked.wanted.tenant, asked.wanted.product);
        let read = || async { self.platform.state.get::<ProductRow>(&key).await.map_err(|error| error.to_string()) };
        let row = self.away.waited_for(GROUP, read).await?;
        let waits = |image: &Image| image.image_id == asked.wanted.image && image.status == ImageStatus::Waiting;
        row.product.images.into_iter().find(waits)
    }

    /// Waits until admin's rows show an event.
    async fn shown(&self, partition: u32, write_ts: Micros) {
        let at = Position { context: Context::Admin, partition, write_ts };
        said::shown(&self.platform, &self.away, GROUP, at).await;
    }

    /// Keeps a file and makes the command that brings it.
    async fn bring(&self, asked: &Asked, url: String, file: Bytes) -> Result<AddProductImage, InVain> {
        let body_hash = format!("{:x}", Sha256::digest(&file));
        let meta = self.meta(asked, "bring", body_hash);
        let bring = || async {
            let brought = Brought { file: file.clone(), replaces_url: Some(url.clone()), ..Brought::default() };
            match images::bring(&self.platform, meta.clone(), asked.wanted.product, brought).await {
                // A store that refuses, refuses us: no image's path or type is of its own making.
                Err(NotKept::Files(error)) => Err(error.to_string()),
                other => Ok(other.map_err(InVain::from)),
            }
        };
        self.away.waited_for(GROUP, bring).await
    }

    /// Says that the image has its file. If it has another one by now, or is gone, this one is of no use.
    async fn attach(&self, command: AddProductImage) {
        let (tenant, image) = (command.meta.tenant_id, command.image.clone());
        let Some(result) = self.send(command.into()).await else { return };
        let product: Value =
            result.body.as_deref().and_then(|body| serde_json::from_str(body).ok()).unwrap_or_default();
        let refused = result.outcome == Outcome::Refused;
        if refused || images::is_unused(result.outcome, &product, image.image_id) {
            let content_type = image.content_type.as_deref().unwrap_or_default();
            images::forget(&self.platform.files, tenant, image.image_id, content_type).await;
        }
        let outcome = if refused { "unwanted" } else { "brought" };
        metrics::counter!("feira_pictures_total", "outcome" => outcome).increment(1);
    }

    /// Says why there is none.
    async fn fail(&self, asked: &Asked, in_vain: &InVain) {
        let (product_id, image_id, status) = (asked.wanted.product, asked.wanted.image, in_vain.status);
        tracing::info!(tenant.id = %asked.wanted.tenant, product.id = %product_id, image.id = %image_id, why = %in_vain.why, "an image can't be had by its address");
        metrics::counter!("feira_pictures_total", "outcome" => "in vain").increment(1);
        let meta = self.meta(asked, "fail", String::new());
        self.send(FailProductImage { meta, product_id, image_id, status }.into()).await;
    }

    /// The command's meta. The same event makes the same commands, so that one that was sent before a crash is
    /// decided once. Another event is another wish: an import that names the image again must not get the answer of
    /// the time before.
    fn meta(&self, asked: &Asked, verb: &str, body_hash: String) -> CommandMeta {
        let actor = format!("system:{GROUP}");
        let (event, image) = (asked.named.event.to_string(), asked.wanted.image.to_string());
        CommandMeta {
            command_id: CommandId::from_client_key(asked.wanted.tenant, &actor, verb, &event, &image),
            tenant_id: asked.wanted.tenant,
            actor,
            issued_at: self.platform.now(),
            body_hash,
            keyed: true,
            expected_version: None,
        }
    }

    /// Sends a command until it is decided and can be seen: an event may have named the image again meanwhile, and who looks then must
    /// see it. None: it can't be written, which no repetition changes.
    async fn send(&self, command: AdminCommand) -> Option<CommandResult> {
        said::send(&self.platform, &self.commands, &self.away, GROUP, command).await
    }
}

impl From<HttpError> for InVain {
    fn from(error: HttpError) -> Self {
        let (status, may_pass) = match error {
            HttpError::Refused(_) => (ImageStatus::AddressRefused, false),
            HttpError::TooLarge(_) => (ImageStatus::TooLarge, false),
            HttpError::Answered(_) => (ImageStatus::Unreachable, false),
            HttpError::Unreachable(_) => (ImageStatus::Unreachable, true),
        };
        Self { status, may_pass, why: error.to_string() }
    }
}

impl From<NotKept> for InVain {
    fn from(error: NotKept) -> Self {
        let status = match &error {
            NotKept::Refused(refusal) if refusal.code == Code::TooLarge => ImageStatus::TooLarge,
            // A fault of ours too: what our decoder stumbles over is nothing that it can read.
            _ => ImageStatus::NotAPicture,
        };
        Self { status, may_pass: false, why: error.to_string() }
    }
}
