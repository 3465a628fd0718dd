//! Changes of a cart. Each reads the row, and writes it whole: of two at once the later one stays.

use feira_schemas::{
    api::rules::Whole,
    ids::{ProductId, TenantId, VariantId},
    limits,
    problem::{Code, FieldError},
    refusals,
    rows::sessions::{CART_DONE, CartLine, CartRow},
};
use feira_streams::views::storefront::{Card, CardVariant};
use feira_web::{addresses::Source, context::Api, problem::Problem, routing::Request, sessions, tokens, writes};
use sha2::{Digest, Sha256};

use super::{
    coupon, lines,
    sums::{self, Shown},
};

/// The rule for how many pieces of one product there may be.
pub const QUANTITY: Whole = Whole::new("A quantidade", 1, limits::CART_PIECES);
const SOLD_OUT: &str = "Este produto está indisponível no momento.";
const OPTION_MISSING: &str = "Escolha uma opção deste produto.";
const OTHER_BODY: &str = "Esta chave de idempotência já veio com outro conteúdo. Use uma chave nova.";

/// A change of a cart.
#[derive(Debug, Clone)]
pub enum Change {
    /// So many pieces more.
    Add(Wanted),
    /// So many pieces of a variant that is in the cart.
    Set(VariantId, i64),
    /// No piece of a variant.
    Remove(VariantId),
    /// The coupon of the code that was typed.
    Coupon(String),
    /// No coupon.
    NoCoupon,
}

/// What is to be added.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    /// The product.
    pub product_id: ProductId,
    /// Its variant; none where the product has but one.
    pub variant_id: Option<VariantId>,
    /// How many pieces.
    pub quantity: i64,
}

/// The cart of an id; none where there is no such one, or nobody has changed it for too long.
pub async fn find(api: &Api, tenant: TenantId, id: &str) -> Result<Option<CartRow>, Problem> {
    if !sessions::is_cart_id(id) {
        return Ok(None);
    }
    let row = api.sessions.cart(tenant, &tokens::hash(id)).await?;
    Ok(row.filter(|row| !row.is_over(api.platform.now())))
}

/// A cart for who has none, with its id: it is kept once something is put into it. What comes again with its `Idempotency-Key` gets the cart
/// that it made.
///
/// # Errors
/// 400 where the key can't be read.
pub async fn begin(api: &Api, request: &Request) -> Result<(String, CartRow), Problem> {
    let (id, known) = match Mark::of(request)? {
        Some(mark) => {
            let source = request.client.map(Source::from);
            let id = sessions::keyed_cart_id(&api.config.secret, request.tenant, source, &mark.key)?;
            let known = find(api, request.tenant, &id).await?;
            (id, known)
        }
        None => (sessions::new_cart_id(), None),
    };
    let row = known.unwrap_or_else(|| CartRow::empty(request.tenant, tokens::hash(&id)));
    Ok((id, row))
}

/// Changes a cart, keeps it, and gives what it shows then. What comes again with its `Idempotency-Key` changes nothing.
///
/// # Errors
/// 422 where the change is refused, and the cart stays as it is; 429 where its address has made too many carts or guessed too many coupons.
pub async fn change(api: &Api, request: &Request, mut row: CartRow, change: Change) -> Result<Shown, Problem> {
    let mark = Mark::of(request)?;
    if let Some(mark) = &mark
        && let Some(asked) = mark.known(&row)
    {
        return match asked == mark.asked {
            true => sums::shown(api, request, row).await,
            false => Err(Problem::new(Code::IdempotencyMismatch, OTHER_BODY)),
        };
    }
    match change {
        Change::Add(wanted) => add(api, &mut row, wanted).await?,
        Change::Set(variant_id, quantity) => set(api, &mut row, variant_id, quantity).await?,
        Change::Remove(variant_id) => row.lines.retain(|line| line.variant_id != variant_id),
        Change::Coupon(text) => row.coupon = Some(coupon::typed(api, request, &text).await?),
        Change::NoCoupon => row.coupon = None,
    }
    if let Some(mark) = mark {
        row.done.push(format!("{}:{}", mark.key, mark.asked));
        // The first one stays: it may have made the cart, which it leads to for as long as there is one.
        if row.done.len() > CART_DONE {
            row.done.remove(1);
        }
    }
    if row.version == 0 {
        api.quotas.cart(request.client)?;
    }
    let mut shown = sums::shown(api, request, row).await?;
    (shown.row.pieces, shown.row.goods) = (shown.pieces, shown.goods.amount);
    shown.row.change(api.platform.now());
    api.sessions.keep_cart(&shown.row).await?;
    Ok(shown)
}

async fn add(api: &Api, row: &mut CartRow, wanted: Wanted) -> Result<(), Problem> {
    if !QUANTITY.holds(wanted.quantity) {
        return Err(refused("/quantity", Code::OutOfRange, QUANTITY.out_of_range()));
    }
    let card = lines::card(api, row.tenant_id, wanted.product_id).await?;
    let card = card.ok_or_else(|| refused("/product_id", Code::UnknownReference, refusals::NO_SUCH_PRODUCT))?;
    let variant = variant(&card, wanted.variant_id)?;
    if !variant.available {
        return Err(refused("/variant_id", Code::StockBelowZero, SOLD_OUT));
    }
    let place = row.lines.iter().position(|line| line.variant_id == variant.id);
    let before = place.map_or(0, |at| row.lines[at].quantity);
    let quantity = before + wanted.quantity;
    if !QUANTITY.holds(quantity) {
        let most = limits::CART_PIECES;
        let detail = format!("O carrinho leva até {most} unidades de cada produto, e já tem {before} deste.");
        return Err(refused("/quantity", Code::OutOfRange, detail));
    }
    let (product_id, variant_id, seen_price) = (wanted.product_id, variant.id, variant.price.amount);
    let line = CartLine { product_id, variant_id, quantity, seen_price };
    match place {
        Some(at) => row.lines[at] = line,
        None if row.lines.len() >= limits::CART_LINES => {
            let most = limits::CART_LINES;
            let detail = format!("O carrinho leva até {most} produtos diferentes. Remova um deles para pôr outro.");
            return Err(refused("", Code::LimitReached, detail));
        }
        None => row.lines.push(line),
    }
    Ok(())
}

async fn set(api: &Api, row: &mut CartRow, variant_id: VariantId, quantity: i64) -> Result<(), Problem> {
    let place = row.lines.iter().position(|line| line.variant_id == variant_id);
    let at = place.ok_or_else(|| Problem::new(Code::NotFound, "Este produto não está no carrinho."))?;
    if !QUANTITY.holds(quantity) {
        return Err(refused("/quantity", Code::OutOfRange, QUANTITY.out_of_range()));
    }
    let card = lines::card(api, row.tenant_id, row.lines[at].product_id).await?;
    let present = card.as_ref().and_then(|card| variant(card, Some(variant_id)).ok());
    let line = &mut row.lines[at];
    line.quantity = quantity;
    line.seen_price = present.map_or(line.seen_price, |variant| variant.price.amount);
    Ok(())
}

/// The variant of a card that is meant.
fn variant(card: &Card, named: Option<VariantId>) -> Result<&CardVariant, Problem> {
    match (named, card.variants.as_slice()) {
        (Some(id), all) => {
            let none = || refused("/variant_id", Code::UnknownReference, refusals::NO_SUCH_VARIANT);
            all.iter().find(|variant| variant.id == id).ok_or_else(none)
        }
        (None, [only]) => Ok(only),
        (None, _) => Err(refused("/variant_id", Code::Required, OPTION_MISSING)),
    }
}

fn refused(pointer: &str, code: Code, detail: impl Into<String>) -> Problem {
    Problem::fields(vec![FieldError::new(pointer, code, detail)])
}

/// A write with an `Idempotency-Key`, as a cart remembers it.
struct Mark {
    key: String,
    asked: String,
}

impl Mark {
    fn of(request: &Request) -> Result<Option<Self>, Problem> {
        let Some(key) = writes::idempotency_key(request)? else { return Ok(None) };
        let (method, path) = (request.method.as_str().as_bytes(), request.path.as_bytes());
        Ok(Some(Self { key: digest(&[method, path, key.as_bytes()]), asked: digest(&[key.as_bytes(), &request.body]) }))
    }

    /// What was asked for when its key came before.
    fn known<'a>(&self, row: &'a CartRow) -> Option<&'a str> {
        let mut pairs = row.done.iter().filter_map(|done| done.split_once(':'));
        pairs.find(|(key, _)| *key == self.key).map(|(_, asked)| asked)
    }
}

/// 128 bits of the hash of these parts, as hex. Each is told from the next by its length.
fn digest(parts: &[&[u8]]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    hex::encode(&hasher.finalize()[..16])
}
