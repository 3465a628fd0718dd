//! Payment methods: what the platform lets shops offer, a shop's terms, and those that a product has of its own.
//!
//! A percentage in JSON is a text with a decimal point and up to two decimals, such as `"12.5"`; a comma is read as well, as people in
//! Brazil type it. Records have it in hundredths of a percent.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    rules::{Errors, Text, Whole},
    schema::{Named, boolean, id, list_of, object, reference, reference_or_null, text, time, version, whole},
};
use crate::{
    limits,
    money::Rate,
    problem::{Code, FieldError},
    records::{
        admin::{OfferedMethod, PaymentTerms, ProductMethod, ShopMethod},
        payments::PaymentMethod,
    },
    refusals,
    time::rfc3339,
};

/// The kinds of payment in the order in which they are shown: the word that addresses and bodies have, the name that buyers read where the
/// platform says no other, and true for one that may be paid in installments.
pub const KINDS: [(PaymentMethod, &str, &str, bool); 3] = [
    (PaymentMethod::Pix, "pix", "Pix", false),
    (PaymentMethod::Boleto, "boleto", "Boleto", false),
    (PaymentMethod::Card, "card", "Cartão de crédito", true),
];
/// The word for a kind that only a later program knows.
const UNKNOWN: &str = "unknown";

/// The name of a method, as buyers read it.
pub const METHOD_NAME: Text = Text::words("O nome da forma de pagamento", 60);
/// The most installments of a method.
pub const MAX_INSTALLMENTS: Whole = Whole::new("O número máximo de parcelas", 1, limits::INSTALLMENTS as i64);
/// The installments up to which a payment gets the discount.
pub const DISCOUNTED_INSTALLMENTS: Whole =
    Whole::new("O número de parcelas com desconto", 0, limits::INSTALLMENTS as i64);
/// Hundredths of a percent that a whole has.
const WHOLE_DISCOUNT: i32 = 10_000;

/// The kind of a word.
pub fn method_of(word: &str) -> Option<PaymentMethod> {
    KINDS.into_iter().find(|(_, known, ..)| *known == word).map(|(method, ..)| method)
}

/// The word of a kind.
pub fn method_word(method: PaymentMethod) -> &'static str {
    KINDS.into_iter().find(|(known, ..)| *known == method).map_or(UNKNOWN, |(_, word, ..)| word)
}

/// The name of a kind where the platform says no other (pt-BR).
pub fn usual_name(method: PaymentMethod) -> &'static str {
    KINDS.into_iter().find(|(known, ..)| *known == method).map_or("Outra forma", |(_, _, name, _)| name)
}

/// True for a kind that may be paid in installments, if the platform lets it.
pub fn allows_installments(method: PaymentMethod) -> bool {
    KINDS.into_iter().any(|(known, .., installments)| known == method && installments)
}

/// A method that shops may offer now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// The method.
    pub method: PaymentMethod,
    /// The name that buyers read.
    pub name: String,
    /// True if it may be paid in installments.
    pub installments: bool,
}

/// The methods that shops may offer, in the order of [`KINDS`]: those that the platform has configured and that are active. A platform that
/// has configured none at all offers every kind under its usual name.
pub fn offered(configured: &[OfferedMethod]) -> Vec<Offer> {
    if configured.is_empty() {
        let usual = |(method, _, name, installments): (PaymentMethod, &str, &str, bool)| Offer {
            method,
            name: name.to_owned(),
            installments,
        };
        return KINDS.into_iter().map(usual).collect();
    }
    let active = |kind: PaymentMethod| configured.iter().find(|known| known.method == kind && known.active);
    let offer = |known: &OfferedMethod| Offer {
        method: known.method,
        name: known.name.clone(),
        installments: known.installments && allows_installments(known.method),
    };
    KINDS.into_iter().filter_map(|(kind, ..)| active(kind).map(offer)).collect()
}

/// Checks terms against what the platform offers, which a decision on them can't see.
///
/// # Errors
/// At `/method` where it is not offered, at `/max_installments` where it is paid at once alone.
pub fn check_offered(offers: &[Offer], method: PaymentMethod, terms: &PaymentTerms) -> Result<(), Vec<FieldError>> {
    match offers.iter().find(|offer| offer.method == method) {
        None => Err(vec![not_offered()]),
        Some(offer) if terms.max_installments > 1 && !offer.installments => {
            Err(vec![not_in_installments("/max_installments")])
        }
        Some(_) => Ok(()),
    }
}

/// Says that the platform does not offer a method.
pub fn not_offered() -> FieldError {
    FieldError::new("/method", Code::Invalid, refusals::METHOD_NOT_OFFERED)
}

/// Says at a field that a method is not paid in installments.
pub fn not_in_installments(pointer: &str) -> FieldError {
    FieldError::new(pointer, Code::OutOfRange, "Esta forma de pagamento não aceita parcelas.")
}

/// Adds what is wrong with terms, whatever they are of.
pub fn check_terms(errors: &mut Errors, terms: &PaymentTerms) {
    let PaymentTerms { max_installments, discounted_installments, discount } = *terms;
    MAX_INSTALLMENTS.check(errors, "/max_installments", Some(max_installments.into()));
    DISCOUNTED_INSTALLMENTS.check(errors, "/discounted_installments", Some(discounted_installments.into()));
    if MAX_INSTALLMENTS.holds(max_installments.into())
        && DISCOUNTED_INSTALLMENTS.holds(discounted_installments.into())
        && discounted_installments > max_installments
    {
        let detail = "As parcelas com desconto não podem passar do número máximo de parcelas.";
        errors.add("/discounted_installments", Code::OutOfRange, detail);
    }
    if !(0..=WHOLE_DISCOUNT).contains(&discount) {
        errors.add("/discount_percent", Code::OutOfRange, DISCOUNT_LIMITS);
    }
}

/// Says what a discount may be.
const DISCOUNT_LIMITS: &str = "O desconto vai de 0 a 100 %, com até duas casas decimais, como 12,5.";

/// The terms that hold for a product, and none where it is not paid by the method: what the product says of the method wins over what the
/// shop says, and where neither says anything buyers can't pay by it.
pub fn in_force(product: Option<&ProductMethod>, shop: Option<&ShopMethod>) -> Option<PaymentTerms> {
    let of_product = product.map(|own| (own.active, own.terms));
    let (active, terms) = of_product.or_else(|| shop.map(|shop| (shop.active, shop.terms)))?;
    active.then_some(terms)
}

/// A discount in hundredths of a percent as a number, with this sign before its decimals and no zeros at its end: 1250 is `12.5`.
pub fn percent(discount: i32, sign: char) -> String {
    let (whole, rest) = (discount / 100, discount % 100);
    match rest {
        0 => whole.to_string(),
        tenths if tenths % 10 == 0 => format!("{whole}{sign}{}", tenths / 10),
        hundredths => format!("{whole}{sign}{hundredths:02}"),
    }
}

/// The hundredths of a percent that a text says; none where it is no percentage from 0 to 100 with two decimals at most.
pub(super) fn hundredths(text: &str) -> Option<i32> {
    let number = text.trim().trim_end_matches('%').trim_end();
    let parts = Rate::read(number).ok()?.millionths();
    (parts % 100 == 0).then(|| i32::try_from(parts / 100).ok()).flatten()
}

/// A method of the platform as its staff writes it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfferedBody {
    /// See [`METHOD_NAME`].
    pub name: String,
    /// See [`OfferedMethod::installments`]; false where it is left out.
    #[serde(default)]
    pub installments: bool,
    /// See [`OfferedMethod::active`]; true where it is left out.
    #[serde(default = "yes")]
    pub active: bool,
}

/// What the platform says of a method.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfferedContent {
    /// See [`OfferedMethod::name`].
    pub name: String,
    /// See [`OfferedMethod::installments`].
    pub installments: bool,
    /// See [`OfferedMethod::active`].
    pub active: bool,
}

/// The content of a method of the platform, or everything that is wrong with the body.
pub fn offered_content(method: PaymentMethod, body: OfferedBody) -> Result<OfferedContent, Vec<FieldError>> {
    let mut errors = Errors::default();
    METHOD_NAME.check(&mut errors, "/name", Some(&body.name));
    let mut wrong = errors.or(()).err().unwrap_or_default();
    if body.installments && !allows_installments(method) {
        wrong.push(not_in_installments("/installments"));
    }
    let OfferedBody { name, installments, active } = body;
    if wrong.is_empty() {
        Ok(OfferedContent { name: name.trim().to_owned(), installments, active })
    } else {
        Err(wrong)
    }
}

/// A method of a shop or a product as its staff writes it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TermsBody {
    /// See [`ShopMethod::active`]; true where it is left out.
    #[serde(default = "yes")]
    pub active: bool,
    /// See [`MAX_INSTALLMENTS`]; 1 where it is left out.
    #[serde(default)]
    pub max_installments: Option<i64>,
    /// See [`DISCOUNTED_INSTALLMENTS`]; 0 where it is left out.
    #[serde(default)]
    pub discounted_installments: Option<i64>,
    /// The discount in percent, as `12.5`; none where it is left out.
    #[serde(default)]
    pub discount_percent: Option<String>,
}

/// What a shop or a product says of a method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TermsContent {
    /// True if it is paid by the method.
    pub active: bool,
    /// The terms.
    pub terms: PaymentTerms,
}

/// The content of a method of a shop or a product, or everything that is wrong with the body.
pub fn terms_content(body: TermsBody) -> Result<TermsContent, Vec<FieldError>> {
    // What is no 32-bit number is beyond every limit.
    let number =
        |given: Option<i64>, otherwise: i32| given.map_or(otherwise, |given| i32::try_from(given).unwrap_or(i32::MAX));
    let typed = body.discount_percent.as_deref().map(str::trim).filter(|text| !text.is_empty());
    let terms = PaymentTerms {
        max_installments: number(body.max_installments, 1),
        discounted_installments: number(body.discounted_installments, 0),
        discount: typed.map_or(Some(0), hundredths).unwrap_or(-1),
    };
    let mut errors = Errors::default();
    check_terms(&mut errors, &terms);
    errors.or(TermsContent { active: body.active, terms })
}

fn yes() -> bool {
    true
}

/// A method of the platform as its staff reads it.
pub fn offered_method_json(method: &OfferedMethod) -> Value {
    json!({
        "method": method_word(method.method),
        "name": method.name,
        "installments": method.installments,
        "active": method.active,
        "configured": true,
        "version": method.version,
        "created_at": rfc3339(method.created_at),
        "changed_at": rfc3339(method.changed_at),
    })
}

/// A kind as the platform's staff reads it, whether it is configured or not: one that is not is offered while none is, at version 0.
pub fn platform_method_json(kind: PaymentMethod, configured: &[OfferedMethod]) -> Value {
    match configured.iter().find(|known| known.method == kind) {
        Some(known) => offered_method_json(known),
        None => json!({
            "method": method_word(kind),
            "name": usual_name(kind),
            "installments": allows_installments(kind),
            "active": configured.is_empty(),
            "configured": false,
            "version": 0,
            "created_at": null,
            "changed_at": null,
        }),
    }
}

/// A method of a shop as the API gives it.
pub fn shop_method_json(method: &ShopMethod) -> Value {
    let ShopMethod { method: kind, version, active, terms, created_at, changed_at } = method;
    json!({
        "method": method_word(*kind),
        "version": version,
        "active": active,
        "max_installments": terms.max_installments,
        "discounted_installments": terms.discounted_installments,
        "discount_percent": percent(terms.discount, '.'),
        "created_at": rfc3339(*created_at),
        "changed_at": rfc3339(*changed_at),
    })
}

/// A method of a product as the API gives it.
pub fn product_method_json(method: &ProductMethod) -> Value {
    let ProductMethod { product_id, method: kind, version, active, terms, created_at, changed_at } = method;
    json!({
        "product_id": product_id,
        "method": method_word(*kind),
        "version": version,
        "active": active,
        "max_installments": terms.max_installments,
        "discounted_installments": terms.discounted_installments,
        "discount_percent": percent(terms.discount, '.'),
        "created_at": rfc3339(*created_at),
        "changed_at": rfc3339(*changed_at),
    })
}

/// The schema of a kind's word.
fn kind() -> Value {
    json!({"type": "string", "enum": KINDS.map(|(_, word, ..)| word)})
}

/// The fields of terms, as they are written and given.
fn terms_fields(percent: Value) -> [(&'static str, Value); 4] {
    [
        ("active", json!({"type": "boolean", "description": "True if it is paid by the method."})),
        ("max_installments", MAX_INSTALLMENTS.schema()),
        ("discounted_installments", DISCOUNTED_INSTALLMENTS.schema()),
        ("discount_percent", percent),
    ]
}

/// The schemas of the routes of the platform's staff: what is written (`OfferedMethodBody`) and what is given (`OfferedMethod`,
/// `OfferedMethods`).
pub fn operator_schemas() -> Vec<Named> {
    let installments = json!({"type": "boolean", "description": "True if it may be paid in installments."});
    let active = json!({"type": "boolean", "description": "True if shops may offer it."});
    let fields = [("name", METHOD_NAME.schema()), ("installments", installments.clone()), ("active", active.clone())];
    let or_null = json!({"type": ["string", "null"], "format": "date-time"});
    let configured = json!({
        "type": "boolean",
        "description": "False of a kind of which the platform says nothing: it is offered as it is here while nothing is said of any.",
    });
    let method = whole(&[
        ("method", kind()),
        ("name", text()),
        ("installments", installments),
        ("active", active),
        ("configured", configured),
        ("version", version()),
        ("created_at", or_null.clone()),
        ("changed_at", or_null),
    ]);
    vec![
        ("OfferedMethodBody", object(&fields, &["name"])),
        ("OfferedMethod", method),
        ("OfferedMethods", whole(&[("items", list_of(reference("OfferedMethod")))])),
    ]
}

/// The schemas of the routes of a shop's staff: what is written (`PaymentTermsBody`) and what is given.
pub fn schemas() -> Vec<Named> {
    let what = "Percent, with a decimal point and up to two decimals; a comma is read as well.";
    let written = json!({"type": ["string", "null"], "maxLength": 16, "description": what, "example": "12.5"});
    let given = json!({"type": "string", "description": what, "example": "12.5"});
    let times = [("created_at", time()), ("changed_at", time())];
    let named = [("method", kind()), ("version", version())];
    let shop = [named.to_vec(), terms_fields(given.clone()).to_vec(), times.to_vec()].concat();
    let product = [vec![("product_id", id())], named.to_vec(), terms_fields(given).to_vec(), times.to_vec()].concat();
    let offer = [
        ("method", kind()),
        ("name", text()),
        ("installments", boolean()),
        ("offered", json!({"type": "boolean", "description": "True if the platform offers the method now."})),
    ];
    let of_shop = [offer.to_vec(), vec![("configuration", reference_or_null("ShopPaymentMethod"))]].concat();
    let own = vec![
        ("configuration", reference_or_null("ProductPaymentMethod")),
        ("shop_configuration", reference_or_null("ShopPaymentMethod")),
    ];
    let of_product = [offer.to_vec(), own].concat();
    vec![
        ("PaymentTermsBody", object(&terms_fields(written), &[])),
        ("ShopPaymentMethod", whole(&shop)),
        ("ShopPaymentMethodOffer", whole(&of_shop)),
        ("ShopPaymentMethods", whole(&[("items", list_of(reference("ShopPaymentMethodOffer")))])),
        ("ProductPaymentMethod", whole(&product)),
        ("ProductPaymentMethodOffer", whole(&of_product)),
        ("ProductPaymentMethods", whole(&[("items", list_of(reference("ProductPaymentMethodOffer")))])),
    ]
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::ids::ProductId;

    fn configured(method: PaymentMethod, active: bool) -> OfferedMethod {
        let (name, installments) = (format!("«{}»", method_word(method)), true);
        OfferedMethod { method, version: 1, name, installments, active, created_at: 0, changed_at: 0 }
    }

    fn terms(max_installments: i32, discounted_installments: i32, discount: i32) -> PaymentTerms {
        PaymentTerms { max_installments, discounted_installments, discount }
    }

    #[test]
    fn a_platform_that_says_nothing_offers_every_kind_and_one_that_does_what_it_says() {
        let methods = |offers: Vec<Offer>| offers.into_iter().map(|offer| (offer.method, offer.installments));
        let usual: Vec<_> = methods(offered(&[])).collect();
        let pix_and_more = [(PaymentMethod::Pix, false), (PaymentMethod::Boleto, false), (PaymentMethod::Card, true)];
        assert_eq!(usual, pix_and_more);
        let said = [configured(PaymentMethod::Card, true), configured(PaymentMethod::Pix, false)];
        let only = offered(&said);
        assert_eq!(only.iter().map(|offer| offer.name.as_str()).collect::<Vec<_>>(), ["«card»"]);
        assert_eq!(offered(&[configured(PaymentMethod::Pix, false)]), []);
        let later = configured(PaymentMethod::Unknown, true);
        assert_eq!(offered(&[later]), [], "what only a later program knows is offered by nobody");
        let pix = offered(&[configured(PaymentMethod::Pix, true)]);
        assert!(!pix[0].installments, "Pix is paid at once, whatever is said");
    }

    #[test]
    fn s55_terms_are_held_to_what_the_platform_offers() {
        let offers = offered(&[configured(PaymentMethod::Card, true), configured(PaymentMethod::Pix, true)]);
        let found = |method, terms| {
            let errors = check_offered(&offers, method, &terms).err().unwrap_or_default();
            errors.into_iter().map(|error| error.pointer).collect::<Vec<_>>()
        };
        assert_eq!(found(PaymentMethod::Card, terms(12, 3, 0)), [""; 0]);
        assert_eq!(found(PaymentMethod::Pix, terms(1, 1, 500)), [""; 0]);
        assert_eq!(found(PaymentMethod::Pix, terms(2, 1, 500)), ["/max_installments"]);
        assert_eq!(found(PaymentMethod::Boleto, terms(1, 0, 0)), ["/method"]);
    }

    #[test]
    fn s55_s56_what_is_wrong_with_terms_is_said_at_its_field() {
        let body = |max, discounted, percent: Option<&str>| TermsBody {
            active: true,
            max_installments: max,
            discounted_installments: discounted,
            discount_percent: percent.map(str::to_owned),
        };
        for (given, kept) in [
            (body(None, None, None), terms(1, 0, 0)),
            (body(Some(12), Some(12), Some("100")), terms(12, 12, 10_000)),
            (body(Some(3), Some(1), Some(" 12,5 % ")), terms(3, 1, 1_250)),
            (body(Some(3), Some(1), Some("0.05")), terms(3, 1, 5)),
            (body(Some(1), Some(0), Some(" ")), terms(1, 0, 0)),
        ] {
            assert_eq!(terms_content(given.clone()).map(|content| content.terms), Ok(kept), "{given:?}");
        }
        for (given, pointer) in [
            (body(Some(0), None, None), "/max_installments"),
            (body(Some(13), None, None), "/max_installments"),
            (body(Some(i64::MAX), None, None), "/max_installments"),
            (body(Some(3), Some(4), None), "/discounted_installments"),
            (body(Some(3), Some(-1), None), "/discounted_installments"),
            (body(None, None, Some("100,01")), "/discount_percent"),
            (body(None, None, Some("-1")), "/discount_percent"),
            (body(None, None, Some("1,234")), "/discount_percent"),
            (body(None, None, Some("dez")), "/discount_percent"),
        ] {
            let errors = terms_content(given.clone()).unwrap_err();
            assert_eq!(errors.iter().map(|error| error.pointer.as_str()).collect::<Vec<_>>(), [pointer], "{given:?}");
        }
    }

    #[test]
    fn a_percentage_is_written_without_zeros_at_its_end() {
        for (discount, written) in
            [(0, "0"), (5, "0,05"), (500, "5"), (1_250, "12,5"), (1_025, "10,25"), (10_000, "100")]
        {
            assert_eq!(percent(discount, ','), written);
            assert_eq!(hundredths(written), Some(discount));
        }
    }

    #[test]
    fn s54_what_a_product_says_of_a_method_wins_over_what_its_shop_says() {
        let (method, version, created_at, changed_at) = (PaymentMethod::Card, 1, 0, 0);
        let shop = |active| ShopMethod { method, version, active, terms: terms(12, 1, 500), created_at, changed_at };
        let product = |active| {
            let (product_id, terms) = (ProductId::from_uuid(Uuid::nil()), terms(2, 0, 0));
            ProductMethod { product_id, method, version, active, terms, created_at, changed_at }
        };
        for (product, shop, kept) in [
            (None, None, None),
            (None, Some(shop(true)), Some(terms(12, 1, 500))),
            (None, Some(shop(false)), None),
            (Some(product(true)), Some(shop(true)), Some(terms(2, 0, 0))),
            (Some(product(false)), Some(shop(true)), None),
            (Some(product(true)), None, Some(terms(2, 0, 0))),
        ] {
            assert_eq!(in_force(product.as_ref(), shop.as_ref()), kept, "{product:?} {shop:?}");
        }
    }

    #[test]
    fn s45_a_method_of_the_platform_is_named_and_only_the_card_is_paid_in_installments() {
        let body = |name: &str, installments| OfferedBody { name: name.into(), installments, active: true };
        assert_eq!(offered_content(PaymentMethod::Card, body(" Cartão ", true)).unwrap().name, "Cartão");
        let wrong = offered_content(PaymentMethod::Pix, body(" ", true)).unwrap_err();
        let pointers: Vec<_> = wrong.iter().map(|error| error.pointer.as_str()).collect();
        assert_eq!(pointers, ["/name", "/installments"]);
    }
}
