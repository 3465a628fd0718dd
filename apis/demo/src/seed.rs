//! Puts the demo shops into a running platform, by the same commands that merchants' requests become.
//!
//! Every command's id follows from what it makes, so seeding that a crash cut short goes on where it was: what was made
//! already answers as it did the first time.

use std::{collections::HashMap, time::Duration};

use bytes::Bytes;
use feira_schemas::{
    api::{
        payment_method::method_word,
        product::{ProductBody, product_content},
        staff::StaffContent,
    },
    ids::{CategoryId, CommandId, ImageId, ProductId, TenantId},
    problem::Code,
    records::{
        AdminCommand, CommandSet,
        admin::{
            AddProductImage, CategoryContent, ChangeLogo, ChangeSettings, CreateCategory, CreateProduct, Logo,
            PaymentTerms, ProvisionTenant, SetShopMethod,
        },
        catalogue::{Image, ImageStatus},
        common::{CommandMeta, CommandResult, Outcome},
        payments::PaymentMethod,
    },
    sealed::{Email, PersonName},
    staff::role,
};
use feira_web::{context::Api, team, tokens};
use futures::{StreamExt, TryStreamExt, stream};

use crate::{DemoProduct, DemoShop, images_of, shops, to_body};

/// Commands of a shop in flight: below what its quota allows.
const AT_ONCE: usize = 64;
/// Products drawn at once: a few, because visitors are served meanwhile.
const DRAWN_AT_ONCE: usize = 8;
/// The time limit of one command: seeding has time.
const PATIENCE: Duration = Duration::from_secs(30);
/// Time between two looks at whether something has come.
const BETWEEN: Duration = Duration::from_millis(20);
/// Time that is waited for what comes later all the same.
const WAITED: Duration = Duration::from_secs(10);
/// Width and height of a drawn image, in pixels.
const SIZE: (i32, i32) = (800, 1000);
/// Pixels of a drawn logo.
const LOGO: (i32, i32) = (480, 160);

/// A demo shop that was made.
#[derive(Debug, Clone)]
pub struct SeededShop {
    /// The shop's sub-domain.
    pub subdomain: String,
    /// The shop's id.
    pub tenant_id: TenantId,
    /// A token of its admin API.
    pub admin_token: String,
    products: Vec<(ProductId, &'static DemoProduct)>,
}

/// The outcome of seeding.
#[derive(Debug, Clone)]
pub struct Seeded {
    /// The shops that were made, now or at an earlier start.
    pub shops: Vec<SeededShop>,
    /// Sub-domains that other shops have: the demo's of another secret, as a rule, or a merchant's own.
    pub others: Vec<&'static str>,
}

/// A demo that could not be made.
#[derive(Debug, thiserror::Error)]
#[error("the demo shop {subdomain} could not be made: {why}")]
pub struct SeedError {
    /// The sub-domain of the shop that failed.
    pub subdomain: String,
    /// The reason, in words.
    pub why: String,
}

/// Makes the three shops with settings, categories and products; their images follow with [`draw`]. A shop whose sub-domain is
/// another's already is not made.
pub async fn seed(api: &Api) -> Result<Seeded, SeedError> {
    let shops = shops();
    let seeding = shops.iter().map(|shop| async move {
        let failed = |why: String| SeedError { subdomain: shop.subdomain.to_owned(), why };
        Seeding::new(api, shop).map_err(failed)?.run().await.map_err(failed)
    });
    let made = futures::future::try_join_all(seeding).await?;
    let others = shops.iter().zip(&made).filter(|(_, made)| made.is_none()).map(|(shop, _)| shop.subdomain).collect();
    Ok(Seeded { shops: made.into_iter().flatten().collect(), others })
}

struct Seeding<'a> {
    api: &'a Api,
    shop: &'a DemoShop,
    tenant: TenantId,
    admin_token: String,
}

impl<'a> Seeding<'a> {
    fn new(api: &'a Api, shop: &'a DemoShop) -> Result<Self, String> {
        // The same installation makes the same shop again; another one, with another secret, makes another.
        let name = tokens::hash(&format!("{}:demo:{}", hex::encode(api.config.secret), shop.subdomain));
        let mut bytes = [0; 16];
        hex::decode_to_slice(&name[..32], &mut bytes).map_err(|error| error.to_string())?;
        let tenant = TenantId::from_uuid(uuid::Builder::from_custom_bytes(bytes).into_uuid());
        let admin_token =
            tokens::derive(&api.config.secret, tenant, b"demo").map_err(|problem| problem.detail.clone())?;
        Ok(Self { api, shop, tenant, admin_token })
    }

    /// None if another shop has its sub-domain.
    async fn run(self) -> Result<Option<SeededShop>, String> {
        let provision = ProvisionTenant {
            meta: self.meta("tenant"),
            subdomain: self.shop.subdomain.to_owned(),
            shop_name: self.shop.name.to_owned(),
            token_hash: Some(tokens::hash(&self.admin_token)),
        };
        let provisioned = ask(self.api, provision.into()).await?;
        if provisioned.code == Some(Code::NameTaken.to_string()) {
            return Ok(None);
        }
        done(provisioned)?;
        self.staff().await?;
        let settings = ChangeSettings {
            meta: self.meta("settings"),
            shop_name: None,
            tagline: Some(self.shop.tagline.to_owned()),
            accent: Some(self.shop.accent.to_owned()),
            interest_free_installments: Some(self.shop.interest_free_installments),
            cors_origins: None,
            contact: None,
            seller: None,
            policies: None,
        };
        self.send(settings).await?;
        self.methods().await?;
        self.logo().await?;
        let categories = self.categories().await?;
        let products = stream::iter(self.shop.products)
            .map(|product| self.product(product, &categories))
            .buffered(AT_ONCE)
            .try_collect()
            .await?;
        let Self { tenant: tenant_id, admin_token, shop, .. } = self;
        Ok(Some(SeededShop { subdomain: shop.subdomain.to_owned(), tenant_id, admin_token, products }))
    }

    /// Invites who owns the shop. Nobody is told the link: whoever asks for another password on the shop's panel gets one by mail.
    async fn staff(&self) -> Result<(), String> {
        let content = administrator(&format!("dona@{}.example", self.shop.subdomain), "Dona da loja")?;
        let invite = team::invitation(self.api, self.meta("owner"), content).await;
        self.send(invite.map_err(|problem| problem.detail)?).await?;
        Ok(())
    }

    /// Ways in which buyers pay: Pix and boleto at once, cards also in installments.
    async fn methods(&self) -> Result<(), String> {
        for (method, max_installments, discount) in
            [(PaymentMethod::Pix, 1, 500), (PaymentMethod::Boleto, 1, 0), (PaymentMethod::Card, 12, 300)]
        {
            let meta = self.meta(&format!("method:{}", method_word(method)));
            // The discount is for who pays at once.
            let terms = PaymentTerms { max_installments, discounted_installments: 1, discount };
            self.send(SetShopMethod { meta, method, active: true, terms }).await?;
        }
        Ok(())
    }

    async fn logo(&self) -> Result<(), String> {
        let image_id = image_id(self.tenant, "logo");
        let svg = Bytes::from(self.shop.logo_svg());
        keep_svg(self.api, self.tenant, image_id, svg).await?;
        let logo = Logo { image_id, content_type: "image/svg+xml".into(), width: Some(LOGO.0), height: Some(LOGO.1) };
        self.send(ChangeLogo { meta: self.meta("logo"), logo: Some(logo) }).await?;
        Ok(())
    }

    /// Categories one after the other: parents come before their children.
    async fn categories(&self) -> Result<HashMap<&'static str, CategoryId>, String> {
        let mut made: HashMap<&'static str, CategoryId> = HashMap::new();
        for category in self.shop.categories {
            let content = CategoryContent {
                name: category.name.to_owned(),
                slug: Some(category.slug.to_owned()),
                parent_id: category.parent.and_then(|parent| made.get(parent).copied()),
            };
            let meta = self.meta(&format!("category:{}", category.slug));
            let answer = self.send(CreateCategory { meta, content }).await?;
            made.insert(category.slug, made_id(&answer)?);
        }
        Ok(made)
    }

    async fn product(
        &self,
        product: &'static DemoProduct,
        categories: &HashMap<&'static str, CategoryId>,
    ) -> Result<(ProductId, &'static DemoProduct), String> {
        let category = categories.get(product.category).map(ToString::to_string);
        let body: ProductBody =
            serde_json::from_value(to_body(product, category.as_deref())).map_err(|error| error.to_string())?;
        let content = product_content(body).map_err(|errors| format!("{}: {errors:?}", product.slug))?;
        let meta = self.meta(&format!("product:{}", product.slug));
        let answer = self.send(CreateProduct { meta, content }).await?;
        Ok((made_id(&answer)?, product))
    }

    fn meta(&self, key: &str) -> CommandMeta {
        meta(self.api, self.tenant, key)
    }

    async fn send(&self, command: impl Into<AdminCommand>) -> Result<CommandResult, String> {
        send(self.api, command.into()).await
    }
}

/// Draws and adds the images of the seeded shops' products.
pub async fn draw(api: &Api, shops: &[SeededShop]) -> Result<(), SeedError> {
    for shop in shops {
        let failed = |why: String| SeedError { subdomain: shop.subdomain.clone(), why };
        for some in shop.products.chunks(DRAWN_AT_ONCE) {
            let drawn = some.iter().map(|(id, product)| draw_product(api, shop.tenant_id, *id, product));
            futures::future::try_join_all(drawn).await.map_err(failed)?;
        }
    }
    Ok(())
}

async fn draw_product(api: &Api, tenant: TenantId, product_id: ProductId, product: &DemoProduct) -> Result<(), String> {
    for drawn in images_of(product) {
        let image_id = image_id(tenant, &drawn.file_name);
        keep_svg(api, tenant, image_id, Bytes::from(drawn.svg)).await?;
        let image = Image {
            image_id,
            status: ImageStatus::Ready,
            content_type: Some("image/svg+xml".into()),
            width: Some(SIZE.0),
            height: Some(SIZE.1),
            alt: Some(drawn.alt),
            source_url: None,
        };
        let meta = meta(api, tenant, &format!("image:{}", drawn.file_name));
        let add = AddProductImage { meta, product_id, image, position: None, replaces_url: None, replaces_id: None };
        send(api, add.into()).await?;
    }
    Ok(())
}

async fn keep_svg(api: &Api, tenant: TenantId, image: ImageId, svg: Bytes) -> Result<(), String> {
    let path = format!("{image}.svg");
    api.platform.files.put(tenant, &path, "image/svg+xml", svg).await.map_err(|error| error.to_string())
}

/// An image's id follows from its name, so that drawing it again is the same image.
fn image_id(tenant: TenantId, name: &str) -> ImageId {
    ImageId::from_uuid(CommandId::from_client_key(tenant, "demo", "PUT", "image", name).uuid())
}

/// An administrator with this address and name.
pub(crate) fn administrator(email: &str, name: &str) -> Result<StaffContent, String> {
    let unfit = |what: &str| format!("{what} is none");
    Ok(StaffContent {
        email: Email::new(email).map_err(|_| unfit(email))?,
        name: PersonName::new(name).map_err(|_| unfit(name))?,
        roles: vec![role::ADMINISTRATOR.to_owned()],
        groups: Vec::new(),
        permissions: Vec::new(),
    })
}

pub(crate) fn meta(api: &Api, tenant_id: TenantId, key: &str) -> CommandMeta {
    CommandMeta {
        command_id: CommandId::from_client_key(tenant_id, "demo", "POST", "seed", key),
        tenant_id,
        actor: "system:demo".into(),
        issued_at: api.platform.now(),
        body_hash: String::new(),
        keyed: true,
        expected_version: None,
    }
}

async fn send(api: &Api, command: AdminCommand) -> Result<CommandResult, String> {
    done(ask(api, command).await?)
}

/// The answer to a command, which may be a refusal.
async fn ask(api: &Api, command: AdminCommand) -> Result<CommandResult, String> {
    sent(api, command).await
}

/// The answer to a command of any context.
pub(crate) async fn sent(api: &Api, command: impl CommandSet) -> Result<CommandResult, String> {
    let key = command.meta().tenant_id.to_string();
    let answer = api.commands.send(&key, command, None, PATIENCE).await;
    answer.map_err(|error| error.to_string())
}

/// Waits until it is so, or has waited for long enough.
pub(crate) async fn until(holds: impl AsyncFn() -> Result<bool, String>) -> Result<(), String> {
    let waited = async {
        while !holds().await? {
            tokio::time::sleep(BETWEEN).await;
        }
        Ok(())
    };
    tokio::time::timeout(WAITED, waited).await.unwrap_or(Ok(()))
}

/// The answer to a command that was taken.
pub(crate) fn done(answer: CommandResult) -> Result<CommandResult, String> {
    match answer.outcome {
        Outcome::Created | Outcome::Updated | Outcome::Unchanged => Ok(answer),
        _ => Err(answer.detail.unwrap_or_else(|| "refused".into())),
    }
}

/// The id of what a command made.
fn made_id<Id: std::str::FromStr>(answer: &CommandResult) -> Result<Id, String> {
    let id = answer.aggregate_id.as_deref().and_then(|id| id.parse().ok());
    id.ok_or_else(|| "the answer names nothing".to_owned())
}
