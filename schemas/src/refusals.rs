//! The sentences of refusals (pt-BR): those that more than one writer needs, and those with a limit of the contract in them.

use std::fmt::Display;

use crate::limits;

/// Says that no shop has this name or id.
pub const NO_SUCH_SHOP: &str = "Esta loja não existe.";
/// Says that nothing is written in a suspended or closed shop.
pub const SHOP_NOT_ACTIVE: &str = "Esta loja não está ativa. Fale com o suporte da plataforma.";
/// Says that a shop is closed for good.
pub const SHOP_CLOSED: &str = "Esta loja foi encerrada. Se isso for um engano, fale com o suporte da plataforma.";
/// Says that the platform has no such plan.
pub const NO_SUCH_PLAN: &str = "Não há este plano na plataforma.";
/// Says that the shop has no category with the id that a body names.
pub const NO_SUCH_CATEGORY: &str = "Não há categoria com este id nesta loja.";
/// Says that the shop has no product with the id that a body names.
pub const NO_SUCH_PRODUCT: &str = "Não há produto com este id nesta loja.";
/// Says that the shop has no coupon of this code.
pub const NO_SUCH_COUPON: &str = "Não há cupom com este código nesta loja.";
/// Says that the product has no variant with the id that a body names.
pub const NO_SUCH_VARIANT: &str = "Este produto não tem variante com este id.";
/// Says that a variant comes without its price.
pub const PRICE_MISSING: &str = "Informe o preço da variante.";
/// Says that the staff has no member with this id.
pub const NO_SUCH_MEMBER: &str = "Não há este membro da equipe.";
/// Says that the staff has no group with this id.
pub const NO_SUCH_GROUP: &str = "Não há este grupo na equipe.";
/// Says that the staff of this house has no such permission.
pub const NO_SUCH_PERMISSION: &str = "Não há esta permissão na equipe.";
/// Says that nobody gives what it does not have itself.
pub const NOT_YOURS_TO_GIVE: &str =
    "Você só pode dar, mudar ou tirar o que você mesmo pode. Peça a um administrador da equipe.";
/// Says that the shop has no way of delivery with this id.
pub const NO_SUCH_SHIPPING: &str = "Não há esta forma de entrega nesta loja.";
/// Says that the shop has no cart with this id.
pub const NO_SUCH_CART: &str = "Não há este carrinho nesta loja, ou ele ficou tempo demais sem uso.";
/// Says that the shop has no token with this id.
pub const NO_SUCH_TOKEN: &str = "Não há este token nesta loja.";
/// Says that a member of the staff does not get in.
pub const STAFF_DISABLED: &str = "Este acesso está desativado. Fale com quem administra a equipe.";
/// Says that a link has served, or that another one was used after it.
pub const LINK_SPENT: &str = "Este link já foi usado, ou o acesso mudou desde que ele foi feito. Peça um novo.";
/// Says that a command was decided when nobody waited for it any more.
pub const TOO_LATE: &str = "Demorou demais, e nada foi cobrado. Tente de novo.";
/// Says that there is no such subscription, or that it is another visitor's.
pub const NO_SUCH_SUBSCRIPTION: &str = "Não há esta assinatura.";
/// Says that the platform has no such payment method, or that shops may not offer it.
pub const METHOD_NOT_OFFERED: &str = "A plataforma não oferece esta forma de pagamento.";
/// Says that a payment method has no configuration.
pub const METHOD_NOT_CONFIGURED: &str = "Esta forma de pagamento não está configurada.";
/// Says that the shop has no domain of its own.
pub const NO_DOMAIN: &str = "Esta loja não tem domínio próprio.";
/// Says that a shop has a domain and is to give it up before it has another.
pub const HAS_DOMAIN: &str = "A loja já tem um domínio próprio. Retire-o antes de pedir outro.";
/// Says that a text is no domain.
pub const NO_DOMAIN_FORM: &str = "Informe só o domínio, como minhaloja.com.br.";
/// Says that a text is no CPF or CNPJ.
pub const NO_DOCUMENT: &str = "O documento não é um CPF nem um CNPJ: confira os dígitos.";
/// Says that a text is no telephone of Brazil.
pub const NO_PHONE: &str = "O telefone não é um número do Brasil com DDD.";
/// Says that nothing is in a file.
pub const EMPTY_FILE: &str = "O arquivo está vazio.";
/// Says that a body fits its schema and not its type.
pub const CONTENT_UNREADABLE: &str = "O conteúdo não pode ser lido.";

/// Says that the shop has no such thing; `what` comes with its article: «O produto».
pub fn not_in_this_shop(what: &str) -> String {
    format!("{what} não existe nesta loja.")
}

/// Names the number of parcels of a card payment.
pub const PARCELS: &str = "O número de parcelas";

/// Says that a text has not the form that it must have; `what` comes with its article: «A chave».
pub fn not_accepted(what: &str) -> String {
    format!("{what} não está em uma forma aceita.")
}

/// Says that a change is meant for another version (`If-Match`).
pub fn other_version(version: i64, expected: i64) -> String {
    format!("A versão atual é {version}, e não {expected}. Leia de novo antes de alterar.")
}

/// Says that another shop has this sub-domain.
pub fn subdomain_taken(subdomain: &str) -> String {
    format!("O endereço «{subdomain}» já é de outra loja. Escolha outro.")
}

/// Says what characters a slug takes, and how many.
pub fn slug_form() -> String {
    format!(
        "O endereço aceita letras minúsculas sem acento, números e hífens simples, até {} caracteres.",
        limits::SLUG_CHARS
    )
}

/// Says that a body has no field of this name.
pub fn unknown_field(name: &str) -> String {
    format!("O campo «{name}» não existe.")
}

/// Says that a text is longer than `most` characters.
pub fn too_long(what: &str, most: impl Display) -> String {
    format!("{what} pode ter até {most} caracteres.")
}

/// Says that a number lies outside its limits, which both belong to it.
pub fn out_of_range(what: &str, least: impl Display, most: impl Display) -> String {
    format!("{what} vai de {least} a {most}.")
}

/// Says that the file of an image has too many bytes.
pub fn image_bytes() -> String {
    image_up_to(&mib(limits::IMAGE_BYTES))
}

/// Says that an image has too many pixels.
pub fn image_pixels() -> String {
    image_up_to(&megapixels())
}

/// Says that an image is over one of both limits, where it is not known over which.
pub fn image_too_large() -> String {
    image_up_to(&format!("{} e {}", mib(limits::IMAGE_BYTES), megapixels()))
}

fn image_up_to(limit: &str) -> String {
    format!("A imagem pode ter até {limit}.")
}

/// Says that what is to be kept does not fit into a record.
pub fn beyond_a_record(what: &str) -> String {
    format!("{what} não cabe em um registro de {}.", mib(limits::WHOLE_RECORD_BYTES))
}

/// The words for one product and for several.
pub const PRODUCTS: (&str, &str) = ("produto", "produtos");

/// Says that a shop's plan has no room for more of something, of which these are the words for one and for several.
pub fn beyond_plan(plan: &str, most: i32, (one, several): (&str, &str)) -> String {
    let word = if most == 1 { one } else { several };
    format!("O plano {plan} permite até {most} {word}. Peça outro plano a quem opera a plataforma.")
}

/// A number as it is written here: a point between groups of three digits.
pub fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push('.');
        }
        grouped.push(digit);
    }
    grouped
}

fn mib(bytes: usize) -> String {
    format!("{} MiB", bytes / (1024 * 1024))
}

fn megapixels() -> String {
    format!("{} megapixels", limits::IMAGE_PIXELS / 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_the_limits() {
        for (said, sentence) in [
            (image_too_large(), "A imagem pode ter até 20 MiB e 40 megapixels."),
            (beyond_a_record("O produto"), "O produto não cabe em um registro de 4 MiB."),
        ] {
            assert_eq!(said, sentence);
        }
    }

    #[test]
    fn a_point_stands_between_groups_of_three_digits() {
        for (number, written) in [(0, "0"), (999, "999"), (1_000, "1.000"), (1_234_567, "1.234.567")] {
            assert_eq!(grouped(number), written);
        }
    }
}
