//! What the page of changes says.

use std::collections::HashMap;

use feira_schemas::{
    access::{Access, House},
    api::{
        change::ChangedKind,
        payment_method::{method_of, usual_name},
    },
    ids::StaffId,
    money::Money,
    records::payments::Why,
    rows::audit::action,
    staff::role,
    time::from_rfc3339,
};
use feira_streams::views::search::plain_text;
use feira_web::changes::Difference;
use serde_json::Value;

use super::words::{ACTORS, FIELDS, GATEWAYS, KINDS, REASONS, STATES, of_gateway};
use crate::{
    format::{minute, whole},
    forms::Choice,
    permissions::said,
};

/// The platform among those who change something.
pub(super) const PLATFORM: &str = "plataforma";
/// A member of the staff whose address is not shown.
pub(super) const SOMEBODY: &str = "alguém da equipe";
/// What stands in the place of a value that is not there.
const NOTHING: &str = "–";

/// A field that differs, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub field: String,
    pub says: String,
}

/// What was done, in words.
pub(super) fn done(action: &str) -> &'static str {
    match action {
        action::CREATED => "Criação",
        action::REMOVED => "Remoção",
        _ => "Alteração",
    }
}

/// The member of staff that an actor is; none of any other.
pub(super) fn member(actor: &str) -> Option<StaffId> {
    actor.strip_prefix("staff:").and_then(|id| id.parse().ok())
}

/// An actor in words that is no member of staff.
pub(super) fn actor(actor: &str) -> String {
    match actor.split_once(':') {
        Some(("token", id)) => format!("token {id} da API"),
        Some(("credential", id)) => format!("outro sistema, com a credencial {id}"),
        Some(("system", _)) => "o sistema".to_owned(),
        Some(("staff", _)) => SOMEBODY.to_owned(),
        _ => PLATFORM.to_owned(),
    }
}

/// The kinds of entities that the filter offers.
pub(super) fn kinds(offered: impl Iterator<Item = ChangedKind>, chosen: &str) -> Vec<Choice> {
    let choice = |value: &str, word: &str| choice(value, word, chosen);
    let all = std::iter::once(choice("", "Tudo"));
    all.chain(offered.map(|kind| choice(kind.word, kind.name))).collect()
}

/// The actors that the filter offers, members of the staff among them; also one that is chosen and unknown.
pub(super) fn actors(members: &[(String, String)], chosen: &str) -> Vec<Choice> {
    let known = ACTORS.into_iter().map(|(value, word)| choice(value, word, chosen));
    let members = members.iter().map(|(value, word)| choice(value, word, chosen));
    let mut all: Vec<Choice> = known.chain(members).collect();
    if all.iter().all(|choice| !choice.is_chosen) {
        all.push(choice(chosen, chosen, chosen));
    }
    all
}

fn choice(value: &str, word: &str, chosen: &str) -> Choice {
    Choice::new(value.to_owned(), word.to_owned(), value == chosen)
}

/// The fields that differ, in words. Ids of what was made or removed say nothing to people.
pub(super) fn lines(items: &[Difference], names: &HashMap<String, String>) -> Vec<Line> {
    let ids = ["/id", "/account_id", "/charge_id", "/product_id", "/tenant_id"];
    let told = items.iter().filter(|item| !ids.iter().any(|id| item.field.ends_with(id)));
    told.map(|item| line(item, names)).collect()
}

fn line(item: &Difference, names: &HashMap<String, String>) -> Line {
    let parts: Vec<String> = item.field.split('/').skip(1).map(unescaped).collect();
    let last = parts.last().map_or("", String::as_str);
    let words = |value: &Option<Value>| value.as_ref().map(|value| value_in_words(last, value, names));
    let says = match (words(&item.before), words(&item.after)) {
        _ if is_order(last, item) => "a ordem mudou".to_owned(),
        (Some(before), Some(after)) if before == after => "mudou".to_owned(),
        (Some(before), Some(after)) => format!("de {before} para {after}"),
        (None, Some(after)) => after,
        (Some(before), None) => format!("era {before}"),
        (None, None) => NOTHING.to_owned(),
    };
    Line { field: field_in_words(&parts, item.of.as_deref()), says }
}

/// True where a list has the same items in another order.
fn is_order(last: &str, item: &Difference) -> bool {
    ["variants", "images", "options"].contains(&last) && item.before.is_some() && item.after.is_some()
}

fn field_in_words(parts: &[String], of: Option<&str>) -> String {
    let words: Vec<&str> = parts.iter().map(|part| word(part)).collect();
    match (words.as_slice(), of) {
        ([list, .., last], Some(of)) => format!("{list}, {of}: {last}"),
        ([first, .., last], None) => format!("{first}: {last}"),
        ([one], _) => (*one).to_owned(),
        ([], _) => NOTHING.to_owned(),
    }
}

fn word(name: &str) -> &str {
    FIELDS.into_iter().find(|(known, _)| *known == name).map_or(name, |(_, word)| word)
}

/// A part of a JSON Pointer as a name.
fn unescaped(part: &str) -> String {
    part.replace("~1", "/").replace("~0", "~")
}

fn value_in_words(field: &str, value: &Value, names: &HashMap<String, String>) -> String {
    match value {
        Value::Null => NOTHING.to_owned(),
        Value::Bool(true) => "sim".to_owned(),
        Value::Bool(false) => "não".to_owned(),
        Value::Number(number) => number.as_i64().map_or_else(|| number.to_string(), whole),
        Value::String(text) => text_in_words(field, text, names),
        Value::Array(items) => list_in_words(field, items, names),
        Value::Object(_) => {
            serde_json::from_value::<Money>(value.clone()).map_or_else(|_| value.to_string(), |money| money.to_string())
        }
    }
}

fn text_in_words(field: &str, text: &str, names: &HashMap<String, String>) -> String {
    let of =
        |words: &[(&str, &str)]| words.iter().find(|(known, _)| *known == text).map(|(_, word)| (*word).to_owned());
    let known = match field {
        "status" => of(&STATES),
        "why" | "ended_because" => of(&REASONS).or_else(|| Why::named(text).map(|why| of_gateway(why).to_owned())),
        "made_by" => Some(names.get(text).cloned().unwrap_or_else(|| actor(text))),
        "kind" => of(&KINDS),
        "gateway" => of(&GATEWAYS),
        "percent" => Some(format!("{} %", text.replace('.', ","))),
        "active_since" | "checked_at" | "claimed_at" | "ends_at" | "looked_at" | "starts_at" | "until" => {
            from_rfc3339(text).map(minute)
        }
        "method" => method_of(text).map(|method| usual_name(method).to_owned()),
        "discount_percent" => Some(format!("{} %", text.replace('.', ","))),
        "category_id" | "parent_id" | "categories" | "groups" => {
            Some(names.get(text).cloned().unwrap_or_else(|| "(removido)".to_owned()))
        }
        "roles" => Some(role::word(text).to_owned()),
        "description" | "returns" | "privacy" | "terms" => Some(plain_text(text)),
        "sessions_not_before" => Some("sim".to_owned()),
        _ => None,
    };
    known.unwrap_or_else(|| text.to_owned())
}

fn list_in_words(field: &str, items: &[Value], names: &HashMap<String, String>) -> String {
    let texts = || items.iter().filter_map(Value::as_str);
    if field == "products" {
        return match items.len() {
            0 => NOTHING.to_owned(),
            1 => "1 produto".to_owned(),
            count => format!("{count} produtos"),
        };
    }
    if matches!(field, "permissions" | "scopes") {
        let words: Vec<String> = texts().map(str::to_owned).collect();
        return said(House::Shop, &Access::known(&words, House::Shop));
    }
    let words: Vec<String> = texts().map(|text| text_in_words(field, text, names)).collect();
    if words.is_empty() { NOTHING.to_owned() } else { words.join(", ") }
}

#[cfg(test)]
mod tests {
    use feira_schemas::{
        access::Area,
        api::change::CHANGED_KINDS,
        records::admin::{Domain, DomainFound},
    };
    use serde_json::json;

    use super::*;

    fn difference(field: &str, of: Option<&str>, before: Value, after: Value) -> Difference {
        let there = |value: Value| Some(value).filter(|value| !value.is_null());
        Difference { field: field.to_owned(), of: of.map(str::to_owned), before: there(before), after: there(after) }
    }

    #[test]
    fn f20_what_differs_is_said_in_words() {
        let name = |id: &str, name: &str| (id.to_owned(), name.to_owned());
        let names = HashMap::from([name("7", "Canecas"), name("staff:7", "ana@loja.example")]);
        let money = |amount: i64| json!({"amount": amount, "currency": "BRL"});
        for (given, field, says) in [
            (
                difference("/variants/a/price", Some("Azul"), money(1_000), money(125_050)),
                "Variantes, Azul: Preço",
                "de R$ 10,00 para R$ 1.250,50",
            ),
            (difference("/status", None, json!("draft"), json!("published")), "Situação", "de Rascunho para Publicado"),
            (difference("/featured", None, json!(false), json!(true)), "Destaque", "de não para sim"),
            (difference("/category_id", None, json!(null), json!("7")), "Categoria", "Canecas"),
            (difference("/category_id", None, json!("8"), json!("7")), "Categoria", "de (removido) para Canecas"),
            (difference("/seo/title", None, json!("x"), json!(null)), "Buscadores: Título", "era x"),
            (difference("/tags", None, json!(["a"]), json!(["a", "b"])), "Etiquetas", "de a para a, b"),
            (difference("/images", None, json!(["1", "2"]), json!(["2", "1"])), "Imagens", "a ordem mudou"),
            (difference("/email", None, json!("•••"), json!("•••")), "E-mail", "mudou"),
            (difference("/discount_percent", None, json!("0"), json!("12.5")), "Desconto", "de 0 % para 12,5 %"),
            (
                difference("/variants/a/options/Cor~1Tom", Some("x"), json!(null), json!("y")),
                "Variantes, x: Cor/Tom",
                "y",
            ),
            (difference("/permissions", None, json!(null), json!(["stock:read"])), "Permissões", "Estoque (ver)"),
            (difference("/status", None, json!("requested"), json!("refused")), "Situação", "de Pedida para Recusada"),
            (
                difference("/found/why", None, json!("no_such_name"), json!("no_txt")),
                "No DNS: Resultado",
                "de domínio inexistente para sem registro TXT",
            ),
            (
                difference("/ended_because", None, json!(null), json!("taken")),
                "Motivo do fim",
                "comprovação por outra loja",
            ),
            (difference("/contact/whatsapp", None, json!("1"), json!("2")), "Contato: WhatsApp", "de 1 para 2"),
            (difference("/logo/width", None, json!(64), json!(1_024)), "Logotipo: Largura", "de 64 para 1.024"),
            (
                difference("/categories", None, json!([]), json!(["7", "8"])),
                "Categorias",
                "de – para Canecas, (removido)",
            ),
            (
                difference("/products", None, json!(["1"]), json!(["1", "2"])),
                "Produtos",
                "de 1 produto para 2 produtos",
            ),
            (difference("/products", None, json!(["1"]), json!(["2"])), "Produtos", "mudou"),
            (difference("/made_by", None, json!(null), json!("staff:7")), "Criado por", "ana@loja.example"),
            (difference("/made_by", None, json!(null), json!("operator")), "Criado por", PLATFORM),
            (difference("/secret_key", None, json!("•••"), json!("•••")), "Chave secreta", "mudou"),
            (difference("/gateway", None, json!(null), json!("pagarme")), "Gateway", "pagar.me"),
            (
                difference("/status", None, json!("failed"), json!("by_hand")),
                "Situação",
                "de Com falha para Feita à mão",
            ),
            (difference("/why", None, json!(null), json!("account")), "Resultado", "chave recusada pelo gateway"),
            (difference("/on_hand", None, json!(3), json!(1_200)), "Em estoque", "de 3 para 1.200"),
            (difference("/reason", None, json!(null), json!("Contagem")), "Motivo", "Contagem"),
        ] {
            let expected = Line { field: field.to_owned(), says: says.to_owned() };
            assert_eq!(lines(&[given], &names), [expected]);
        }
        let made = difference("/id", None, json!(null), json!("7"));
        assert_eq!(lines(&[made], &names), []);
    }

    #[test]
    fn who_it_was_is_said() {
        for (who, words) in [
            ("token:0af10af1", "token 0af10af1 da API"),
            ("credential:0af10af1", "outro sistema, com a credencial 0af10af1"),
            ("operator", PLATFORM),
            ("system:admin", "o sistema"),
            ("staff:x", SOMEBODY),
        ] {
            assert_eq!((member(who), actor(who).as_str()), (None, words));
        }
    }

    #[test]
    fn a_filter_marks_what_is_chosen_and_keeps_what_it_does_not_know() {
        let chosen = |all: Vec<Choice>| {
            all.into_iter().filter(|choice| choice.is_chosen).map(|choice| choice.value).collect::<Vec<_>>()
        };
        let members = [("staff:1".to_owned(), "ana@loja.example".to_owned())];
        for value in ["", "token", "staff:1", "token:0af10af1"] {
            assert_eq!(chosen(actors(&members, value)), [value]);
        }
        let kind = CHANGED_KINDS[0];
        assert_eq!((kind.word, kind.area), ("product", Area::Catalogue));
        assert_eq!(chosen(kinds([kind].into_iter(), "product")), ["product"]);
        assert_eq!(chosen(kinds([kind].into_iter(), "")), [""]);
    }

    #[test]
    fn reasons_of_domains_are_all_said_in_words() {
        let look = [
            DomainFound::NO_SUCH_NAME,
            DomainFound::NO_TXT,
            DomainFound::OTHER_TXT,
            DomainFound::TIMEOUT,
            DomainFound::REFUSED,
        ];
        let end = [Domain::UNPROVED, Domain::PROOF_GONE, Domain::TAKEN, Domain::WITHDRAWN];
        for (field, words) in [("why", &look[..]), ("ended_because", &end[..])] {
            for word in words {
                assert_ne!(text_in_words(field, word, &HashMap::new()), *word);
            }
        }
    }
}
