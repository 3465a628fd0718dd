//! The words of mails, in pt-BR: a template's facts as a subject line, as text and as HTML. The same facts make the same words.

use askama::Template;
use feira_schemas::{
    brazil::local_date_time,
    ids::{Micros, TenantId},
    money::Money,
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
    /// A fact is missing, or is not what the template takes.
    #[error("the words of this mail can't be made of its facts")]
    Factless,
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

#[derive(Template)]
#[template(path = "shop_opened.txt", escape = "none")]
struct ShopOpenedText<'a> {
    shop: &'a str,
    plan: &'a str,
    link: &'a str,
    lasts: &'a str,
}

#[derive(Template)]
#[template(path = "shop_opened.html")]
struct ShopOpenedHtml<'a> {
    title: &'a str,
    shop: &'a str,
    plan: &'a str,
    link: &'a str,
    lasts: &'a str,
}

#[derive(Template)]
#[template(path = "signup_code.txt", escape = "none")]
struct SignupCodeText<'a> {
    pix: bool,
    plan: &'a str,
    amount: &'a str,
    until: &'a str,
    code: &'a str,
    link: &'a str,
}

#[derive(Template)]
#[template(path = "signup_code.html")]
struct SignupCodeHtml<'a> {
    title: &'a str,
    pix: bool,
    plan: &'a str,
    amount: &'a str,
    until: &'a str,
    code: &'a str,
    link: &'a str,
}

#[derive(Template)]
#[template(path = "signup_name_lost.txt", escape = "none")]
struct NameLostText<'a> {
    held: bool,
    subdomain: &'a str,
    plan: &'a str,
    link: &'a str,
}

#[derive(Template)]
#[template(path = "signup_name_lost.html")]
struct NameLostHtml<'a> {
    title: &'a str,
    held: bool,
    subdomain: &'a str,
    plan: &'a str,
    link: &'a str,
}

/// The words of a mail of this tenant's, with the links that it has.
pub(super) fn of(tenant: TenantId, mail: &Mail, links: &Links) -> Result<Words, Wordless> {
    match mail.template {
        MailTemplate::AccountBroken => account_broken(mail),
        MailTemplate::StaffInvited | MailTemplate::StaffPassword => staff_link(tenant, mail, links),
        MailTemplate::ShopOpened => shop_opened(tenant, mail, links),
        MailTemplate::SignupCode => signup_code(tenant, mail, links),
        MailTemplate::SignupNameLost => signup_name_lost(tenant, mail, links),
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
    let lasts = lasting(made.lives);
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

fn shop_opened(tenant: TenantId, mail: &Mail, links: &Links) -> Result<Words, Wordless> {
    let title = "A sua loja está aberta";
    let made = links.to_password(tenant, mail).ok_or(Wordless::Unlinked)?;
    let shop = links.of_shop(mail.fact("subdomain")).ok_or(Wordless::Unlinked)?;
    let lasts = lasting(made.lives);
    let (shop, plan, link, lasts) = (shop.as_str(), mail.fact("plan"), made.address.as_str(), lasts.as_str());
    let text = ShopOpenedText { shop, plan, link, lasts }.render()?;
    let html = ShopOpenedHtml { title, shop, plan, link, lasts }.render()?;
    Ok(Words { title: title.to_owned(), text, html })
}

fn signup_code(tenant: TenantId, mail: &Mail, links: &Links) -> Result<Words, Wordless> {
    let pix = match mail.fact("method") {
        "pix" => true,
        "boleto" => false,
        _ => return Err(Wordless::Factless),
    };
    let title = if pix { "O Pix da sua assinatura" } else { "O boleto da sua assinatura" };
    let link = links.to_subscription(tenant, mail).ok_or(Wordless::Unlinked)?;
    let amount = mail.fact("amount").parse().map(|amount| Money::brl(amount).to_string());
    let until = mail.fact("until").parse().ok().and_then(|until| local_words(until, pix));
    let (Ok(amount), Some(until)) = (amount, until) else { return Err(Wordless::Factless) };
    let (plan, code, link) = (mail.fact("plan"), mail.fact("code"), link.as_str());
    let (amount, until) = (amount.as_str(), until.as_str());
    let text = SignupCodeText { pix, plan, amount, until, code, link }.render()?;
    let html = SignupCodeHtml { title, pix, plan, amount, until, code, link }.render()?;
    Ok(Words { title: title.to_owned(), text, html })
}

fn signup_name_lost(tenant: TenantId, mail: &Mail, links: &Links) -> Result<Words, Wordless> {
    // Nobody has taken the name: its shop's first administrator is asked for anew.
    let held = mail.fact("held") == "true";
    let title = match held {
        true => "Confirme os dados da sua loja",
        false => "Escolha outro endereço para a sua loja",
    };
    let link = links.to_names(tenant, mail).ok_or(Wordless::Unlinked)?;
    let (subdomain, plan, link) = (mail.fact("subdomain"), mail.fact("plan"), link.as_str());
    let text = NameLostText { held, subdomain, plan, link }.render()?;
    let html = NameLostHtml { title, held, subdomain, plan, link }.render()?;
    Ok(Words { title: title.to_owned(), text, html })
}

/// A link's length of life in words.
fn lasting(lives: Micros) -> String {
    match lives / HOUR {
        ..2 => "1 hora".to_owned(),
        hours @ ..48 => format!("{hours} horas"),
        hours => format!("{} dias", hours / 24),
    }
}

/// A time in São Paulo as people write it: the day, and of what ends within one the minute.
fn local_words(time: Micros, with_minute: bool) -> Option<String> {
    let local = local_date_time(time).ok()?;
    let day = format!("{:02}/{:02}/{}", local.day(), local.month(), local.year());
    match with_minute {
        true => Some(format!("{day}, {:02}:{:02}", local.hour(), local.minute())),
        false => Some(day),
    }
}
