//! Changes of a cart. Each reads the row, and writes it whole: of two at once each counts in one process, and in two
//! the later one stays.

use feira_connectors::random::random;
use feira_schemas::{
    api::rules::Whole,
    ids::{Micros, ProductId, TenantId, VariantId},
    limits,
    problem::{Code, FieldError},
    refusals,
    rows::sessions::{CART_FORM_KNOWN, CART_WRITE_KNOWN, CART_WRITES, CartLine, CartRow, CartWrite},
};
use feira_web::{addresses::Source, context::Api, problem::Problem, routing::Request, sessions, tokens, writes};
use sha2::{Digest, Sha256};

use super::{
    coupon,
    lines::Shelf,
    sums::{self, Looked, Shown},
    turns::turn,
};

/// The rule for how many pieces of one product there may be.
pub const QUANTITY: Whole = Whole::new("A quantidade", 1, limits::CART_PIECES);
const SOLD_OUT: &str = "Este produto está indisponível no momento.";
const OTHER_BODY: &str = "Esta chave de idempotência já veio com outro conteúdo. Use uma chave nova.";

/// A change of a cart.
#[derive(Debug, Clone)]
pub enum Change {
    /// So many pieces more.
    Add(Wanted),
    /// So many pieces of a variant that is in the cart, and the price of one that the buyer saw beside it.
    Set(VariantId, i64, Option<i64>),
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
    /// The price of one in centavos that the buyer saw, if it says so. It is compared, and nothing is sold by it.
    pub seen_price: Option<i64>,
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
/// that it made, for as long as the cart knows the key.
///
/// # Errors
/// 400 where the key can't be read, 422 where it came with another body.
pub async fn begin(api: &Api, request: &Request) -> Result<(String, CartRow), Problem> {
    let asked = Asked::of(request)?;
    if let Some(write) = &asked.write {
        let source = request.client.map(Source::from);
        let id = sessions::keyed_cart_id(&api.config.secret, request.tenant, source, &write.key)?;
        match find(api, request.tenant, &id).await? {
            None => return Ok((id.clone(), CartRow::empty(request.tenant, tokens::hash(&id)))),
            Some(row) if asked.is_done(&row, api.platform.now())? => return Ok((id, row)),
            // It has run out: what comes with it now is something new.
            Some(_) => {}
        }
    }
    let id = sessions::new_cart_id();
    let row = CartRow::empty(request.tenant, tokens::hash(&id));
    Ok((id, row))
}

/// Changes a cart, keeps it, and gives what it shows then. What comes again with its `Idempotency-Key` changes nothing.
///
/// `row` is the cart as somebody has found it, or a new one. All that is slow is read by that one; what is changed is read once more, behind
/// who else is changing it here.
///
/// # Errors
/// 422 where the change is refused, 412 where it is meant for another version, and 429 where its address has made too many carts or guessed
/// too many coupons; the cart stays as it is.
pub async fn change(api: &Api, request: &Request, mut row: CartRow, change: Change) -> Result<Shown, Problem> {
    let asked = Asked::of(request)?;
    if asked.is_done(&row, api.platform.now())? {
        return sums::shown(api, request, row).await;
    }
    let mut looked = Looked::default();
    let step = step(api, request, &mut looked.shelf, change).await?;
    let mut first = row.clone();
    step.take(&mut first)?;
    looked.at(api, request, &first).await?;

    let _turn = turn(&row.cart_hash).await;
    let now = api.platform.now();
    let kept = api.sessions.cart(row.tenant_id, &row.cart_hash).await?;
    if let Some(kept) = kept.filter(|kept| !kept.is_over(now)) {
        row = kept;
    }
    if asked.is_done(&row, now)? {
        return sums::shown(api, request, row).await;
    }
    if row.version == 0 {
        api.quotas.cart(request.client)?;
    }
    step.take(&mut row)?;
    asked.is_remembered_by(&mut row, now)?;
    // Reads on only where somebody else has changed it since.
    looked.at(api, request, &row).await?;
    let mut shown = looked.shown(row, now)?;
    (shown.row.pieces, shown.row.goods) = (shown.pieces, shown.goods.amount);
    let changed_at = apart(now.max(shown.row.updated_at + 1));
    shown.row.change(changed_at);
    api.sessions.keep_cart(&shown.row).await?;
    Ok(shown)
}

/// A time up to 65 ms behind this one, at random. Of two processes that change a cart at once the later stamp stays, whichever it is; with one
/// stamp a cluster would mix the columns of both.
fn apart(time: Micros) -> Micros {
    let mut bytes = [0; 2];
    random()(&mut bytes);
    time + Micros::from(u16::from_be_bytes(bytes))
}

/// A change, with all that is known of it without the cart.
enum Step {
    /// A line, or as many pieces more; the price is one that the buyer says it has seen.
    Add {
        line: CartLine,
        is_seen: bool,
    },
    Set {
        variant_id: VariantId,
        quantity: i64,
        seen_price: Option<i64>,
    },
    Remove(VariantId),
    Coupon(Option<String>),
}

async fn step(api: &Api, request: &Request, shelf: &mut Shelf, change: Change) -> Result<Step, Problem> {
    Ok(match change {
        Change::Add(wanted) => add(api, request, shelf, wanted).await?,
        Change::Set(variant_id, quantity, seen_price) => Step::Set { variant_id, quantity, seen_price },
        Change::Remove(variant_id) => Step::Remove(variant_id),
        Change::Coupon(text) => Step::Coupon(Some(coupon::typed(api, request, &text).await?)),
        Change::NoCoupon => Step::Coupon(None),
    })
}

async fn add(api: &Api, request: &Request, shelf: &mut Shelf, wanted: Wanted) -> Result<Step, Problem> {
    let Wanted { product_id, variant_id, quantity, seen_price } = wanted;
    check(quantity)?;
    shelf.read(api, request.tenant, &[(product_id, variant_id)]).await?;
    let (variant_id, offer) = shelf.offer(product_id, variant_id)?;
    if !offer.available {
        return Err(refused("/variant_id", Code::StockBelowZero, SOLD_OUT));
    }
    let (is_seen, seen_price) = (seen_price.is_some(), seen_price.unwrap_or(offer.price.amount));
    Ok(Step::Add { line: CartLine { product_id, variant_id, quantity, seen_price }, is_seen })
}

impl Step {
    /// Changes a row; what is not allowed in it leaves it as it is.
    fn take(&self, row: &mut CartRow) -> Result<(), Problem> {
        match self {
            Self::Add { line, is_seen } => return put(row, *line, *is_seen),
            Self::Set { variant_id, quantity, seen_price } => {
                let line = row.lines.iter_mut().find(|line| line.variant_id == *variant_id);
                let line = line.ok_or_else(|| Problem::new(Code::NotFound, "Este produto não está no carrinho."))?;
                check(*quantity)?;
                line.quantity = *quantity;
                line.seen_price = seen_price.unwrap_or(line.seen_price);
            }
            Self::Remove(variant_id) => row.lines.retain(|line| line.variant_id != *variant_id),
            Self::Coupon(code) => row.coupon.clone_from(code),
        }
        Ok(())
    }
}

/// Puts a line into a cart, or its pieces to the line that is there. Whoever does not say what price it has seen has seen the line's.
fn put(row: &mut CartRow, line: CartLine, is_seen: bool) -> Result<(), Problem> {
    if let Some(there) = row.lines.iter_mut().find(|there| there.variant_id == line.variant_id) {
        let (before, quantity) = (there.quantity, there.quantity + line.quantity);
        if !QUANTITY.holds(quantity) {
            let most = limits::CART_PIECES;
            let detail = format!("O carrinho leva até {most} unidades de cada produto, e já tem {before} deste.");
            return Err(refused("/quantity", Code::OutOfRange, detail));
        }
        let seen_price = if is_seen { line.seen_price } else { there.seen_price };
        *there = CartLine { quantity, seen_price, ..line };
        return Ok(());
    }
    if row.lines.len() >= limits::CART_LINES {
        let most = limits::CART_LINES;
        let detail = format!("O carrinho leva até {most} produtos diferentes. Remova um deles para pôr outro.");
        return Err(refused("", Code::LimitReached, detail));
    }
    row.lines.push(line);
    Ok(())
}

fn check(quantity: i64) -> Result<(), Problem> {
    match QUANTITY.holds(quantity) {
        true => Ok(()),
        false => Err(refused("/quantity", Code::OutOfRange, QUANTITY.out_of_range())),
    }
}

fn refused(pointer: &str, code: Code, detail: impl Into<String>) -> Problem {
    Problem::fields(vec![FieldError::new(pointer, code, detail)])
}

/// What a request asks of a change beside the change itself.
struct Asked {
    /// Its `Idempotency-Key`.
    write: Option<Keyed>,
    /// Its `If-Match`.
    version: Option<i64>,
}

/// A write with an `Idempotency-Key`, by hashes.
struct Keyed {
    key: String,
    asked: String,
    /// The microseconds for which the cart knows it.
    known: Micros,
}

impl Asked {
    fn of(request: &Request) -> Result<Self, Problem> {
        let (method, path) = (request.method.as_str().as_bytes(), request.path.as_bytes());
        let known = if request.route.starts_with("/api/") { CART_WRITE_KNOWN } else { CART_FORM_KNOWN };
        let write = writes::idempotency_key(request)?.map(|key| Keyed {
            key: digest(&[method, path, key.as_bytes()]),
            asked: digest(&[key.as_bytes(), &request.body]),
            known,
        });
        Ok(Self { write, version: writes::expected_version(request)? })
    }

    /// True if the cart knows the write already.
    ///
    /// # Errors
    /// 422 where the key came with another body, 412 where the cart has another version than is asked for.
    fn is_done(&self, row: &CartRow, now: Micros) -> Result<bool, Problem> {
        if let Some(write) = &self.write
            && let Some(known) = row.done_by(&write.key, now)
        {
            return match known.asked_hash == write.asked {
                true => Ok(true),
                false => Err(Problem::new(Code::IdempotencyMismatch, OTHER_BODY)),
            };
        }
        match self.version {
            Some(expected) if expected != row.version => {
                Err(Problem::new(Code::VersionMismatch, refusals::other_version(row.version, expected)))
            }
            _ => Ok(false),
        }
    }

    /// Has the cart know the write from now on.
    ///
    /// # Errors
    /// 409 where it knows as many as it can: one that it forgot could be done twice.
    fn is_remembered_by(&self, row: &mut CartRow, now: Micros) -> Result<(), Problem> {
        let Some(Keyed { key, asked, known }) = &self.write else { return Ok(()) };
        let write = CartWrite { key_hash: key.clone(), asked_hash: asked.clone(), known_until: now + known };
        match row.remember(write, now) {
            true => Ok(()),
            false => {
                let detail = format!(
                    "Este carrinho já teve {CART_WRITES} mudanças com chave de idempotência. Espere para repetir, ou mude-o sem a chave."
                );
                Err(Problem::new(Code::LimitReached, detail))
            }
        }
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
