//! The words of mails, in pt-BR: a template's facts as a subject line, as text and as HTML. The same facts make the same words.

use askama::Template;
use feira_schemas::records::{
    mails::{Mail, MailTemplate},
    payments::Account,
};

/// What a mail says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Words {
    /// The subject line.
    pub title: String,
    /// All of it, as plain text.
    pub text: String,
    /// The same as an HTML document.
    pub html: String,
}

/// Why a mail has no words here.
#[derive(Debug, thiserror::Error)]
pub(super) enum Wordless {
    /// The template is of a later version.
    #[error("a newer program has the words of this mail")]
    Later,
    /// The template failed.
    #[error(transparent)]
    Template(#[from] askama::Error),
}

#[derive(Template)]
#[template(path = "account_broken.txt", escape = "none")]
struct AccountBrokenText<'a> {
    shop: &'a str,
    account: &'a str,
    gateway: &'a str,
    mending: &'a str,
}

#[derive(Template)]
#[template(path = "account_broken.html")]
struct AccountBrokenHtml<'a> {
    title: &'a str,
    shop: &'a str,
    account: &'a str,
    gateway: &'a str,
    mending: &'a str,
}

/// The words of a mail.
pub(super) fn of(mail: &Mail) -> Result<Words, Wordless> {
    match mail.template {
        MailTemplate::AccountBroken => account_broken(mail),
        MailTemplate::Unknown => Err(Wordless::Later),
    }
}

fn account_broken(mail: &Mail) -> Result<Words, Wordless> {
    let title = "Uma conta de pagamento da sua loja parou de funcionar";
    let (shop, account) = (mail.shop_name.as_str(), mail.fact("account"));
    let gateway = match mail.fact("gateway") {
        "pagarme" => "Pagar.me",
        "stripe" => "Stripe",
        other => other,
    };
    let mending = Account::mending_of(Some(mail.fact("why")));
    let text = AccountBrokenText { shop, account, gateway, mending }.render()?;
    let html = AccountBrokenHtml { title, shop, account, gateway, mending }.render()?;
    Ok(Words { title: title.to_owned(), text, html })
}
