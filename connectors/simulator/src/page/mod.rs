//! Pages for people: what waits to be paid, with a button that pays it, and the pictures that answers name.

mod pictures;

use std::cmp::Reverse;

use askama::Template;
use feira_schemas::money::Money;
use http::StatusCode;

use crate::{
    core::{
        account::Account,
        charge::{Charge, Method, Payment},
        ledger::Ledger,
    },
    exchange::{Reply, Request},
    faces,
};

/// Charges on the page: more are not looked through by hand.
const SHOWN: usize = 200;

/// Charges that were paid last, by which who has paid one sees that it is.
const PAID: usize = 10;

/// A charge as the pages have it.
struct Shown {
    id: String,
    shop: String,
    code: String,
    method: &'static str,
    is_pix: bool,
    amount: String,
    text: String,
    open: bool,
}

#[derive(Template)]
#[template(path = "open.html")]
struct OpenPage {
    charges: Vec<Shown>,
    more: usize,
    paid: Vec<Shown>,
}

#[derive(Template)]
#[template(path = "slip.html")]
struct SlipPage {
    charge: Shown,
}

#[derive(Template)]
#[template(path = "refused.html")]
struct RefusedPage {
    title: &'static str,
}

/// Answers a request of a browser.
pub(crate) fn answer(ledger: &mut Ledger, request: &Request) -> Reply {
    match (request.method.as_str(), request.segments().as_slice()) {
        ("GET", []) => page(StatusCode::OK, &open(ledger)),
        ("GET", ["boletos", id]) => slip(ledger, id),
        ("GET", ["pictures", id, name]) => picture(ledger, id, name),
        ("POST", ["charges", id, "pay"]) => match faces::pay(ledger, id, Payment::default()) {
            Ok(()) => Reply::see_other("/"),
            Err(_) => page(StatusCode::CONFLICT, &RefusedPage { title: "Este pagamento não está em aberto" }),
        },
        _ => unknown(),
    }
}

fn open(ledger: &Ledger) -> OpenPage {
    let (open, over): (Vec<&Charge>, Vec<&Charge>) =
        ledger.list::<Charge>().into_iter().partition(|charge| charge.is_open());
    let charges: Vec<Shown> = open.iter().take(SHOWN).filter_map(|charge| shown(ledger, charge)).collect();
    let mut paid: Vec<&Charge> = over.into_iter().filter(|charge| charge.paid_at.is_some()).collect();
    paid.sort_by_key(|charge| Reverse(charge.paid_at));
    let paid: Vec<Shown> = paid.into_iter().filter_map(|charge| shown(ledger, charge)).take(PAID).collect();
    OpenPage { more: open.len().saturating_sub(SHOWN), charges, paid }
}

fn slip(ledger: &Ledger, id: &str) -> Reply {
    let charge = ledger.get::<Charge>(id).filter(|charge| matches!(charge.method, Method::Boleto(_)));
    match charge.and_then(|charge| shown(ledger, &charge)) {
        Some(charge) => page(StatusCode::OK, &SlipPage { charge }),
        None => unknown(),
    }
}

fn picture(ledger: &Ledger, id: &str, name: &str) -> Reply {
    let drawn = ledger.get::<Charge>(id).and_then(|charge| match (&charge.method, name) {
        (Method::Pix(code), "pix") => pictures::qr_code(&code.text),
        (Method::Boleto(slip), "barcode") => pictures::barcode(&slip.line),
        _ => None,
    });
    drawn.map_or_else(unknown, |svg| Reply::new(StatusCode::OK, "image/svg+xml", svg.into()))
}

fn shown(ledger: &Ledger, charge: &Charge) -> Option<Shown> {
    let (method, text) = match &charge.method {
        Method::Card(_) => return None,
        Method::Pix(code) => ("Pix", code.text.clone()),
        Method::Boleto(slip) => ("boleto", slip.line.clone()),
    };
    Some(Shown {
        id: charge.id.clone(),
        shop: ledger.get::<Account>(&charge.account).map_or_else(String::new, |account| account.name),
        code: charge.code.clone(),
        method,
        is_pix: matches!(charge.method, Method::Pix(_)),
        amount: Money::brl(charge.amount).to_string(),
        text,
        open: charge.is_open(),
    })
}

fn unknown() -> Reply {
    page(StatusCode::NOT_FOUND, &RefusedPage { title: "Não há nada aqui" })
}

fn page(status: StatusCode, template: &impl Template) -> Reply {
    match template.render() {
        Ok(text) => Reply::new(status, "text/html; charset=utf-8", text.into()),
        Err(error) => Reply::new(StatusCode::INTERNAL_SERVER_ERROR, "text/plain", error.to_string().into()),
    }
}
