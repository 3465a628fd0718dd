//! The words of mails, in pt-BR: a template's facts as a subject line, as text and as HTML. The same facts make the same words.

use askama::Template;
use feira_schemas::{
    ids::TenantId,
    records::{
        mails::{Mail, MailTemplate},
        payments::Account,
    },
    time::HOUR,
};

use super::links::Links;

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
    /// A link has not what it is made of.
    #[error("the link of this mail can't be made of its facts")]
    Unlinked,
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

#[derive(Template)]
#[template(path = "staff_link.txt", escape = "none")]
struct StaffLinkText<'a> {
    invited: bool,
    team: &'a str,
    access: &'a str,
    link: &'a str,
    lasts: &'a str,
}

#[derive(Template)]
#[template(path = "staff_link.html")]
struct StaffLinkHtml<'a> {
    title: &'a str,
    invited: bool,
    team: &'a str,
    access: &'a str,
    link: &'a str,
    lasts: &'a str,
}

/// The words of a mail of this tenant's, with the links that it has.
pub(super) fn of(tenant: TenantId, mail: &Mail, links: &Links) -> Result<Words, Wordless> {
    match mail.template {
        MailTemplate::AccountBroken => account_broken(mail),
        MailTemplate::StaffInvited | MailTemplate::StaffPassword => staff_link(tenant, mail, links),
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

/// An invitation, or another password: of the platform's own staff, or of a shop's.
fn staff_link(tenant: TenantId, mail: &Mail, links: &Links) -> Result<Words, Wordless> {
    let made = links.to_password(tenant, mail).ok_or(Wordless::Unlinked)?;
    let lasts = match made.lives / HOUR {
        ..2 => "1 hora".to_owned(),
        hours @ ..48 => format!("{hours} horas"),
        hours => format!("{} dias", hours / 24),
    };
    let (invited, link, lasts) = (mail.template == MailTemplate::StaffInvited, made.address.as_str(), lasts.as_str());
    let is_platforms = tenant == TenantId::PLATFORM;
    let title = match (is_platforms, invited) {
        (true, true) => "Convite para a equipe da Feira",
        (true, false) => "Crie uma nova senha da Feira",
        (false, true) => "Convite para a equipe de uma loja",
        (false, false) => "Crie uma nova senha da sua loja",
    };
    let (team, access) = match is_platforms {
        true => ("a equipe que opera a Feira".to_owned(), "operação da Feira".to_owned()),
        false => (format!("a equipe da loja {}", mail.shop_name), format!("loja {}", mail.shop_name)),
    };
    let (team, access) = (team.as_str(), access.as_str());
    let text = StaffLinkText { invited, team, access, link, lasts }.render()?;
    let html = StaffLinkHtml { title, invited, team, access, link, lasts }.render()?;
    Ok(Words { title: title.to_owned(), text, html })
}
