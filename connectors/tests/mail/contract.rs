//! What holds whichever way a mail goes, read back by a library that is not the one that wrote it.

use feira_connectors::mail::{HTML_BYTES, Message, Outcome, Refused, TEXT_BYTES, Unfit};
use feira_schemas::{
    ids::EffectId,
    sealed::{Email, PersonName, Personal},
};
use mail_parser::{Address, HeaderName, MessageParser, MimeHeaders};
use uuid::Uuid;

use crate::given::{AT, Place, message, platform, signing_platform};

/// Name and address of a header that has one of them.
fn one(address: Option<&Address<'_>>) -> (Option<String>, String) {
    let list = address.unwrap().as_list().unwrap();
    assert_eq!(list.len(), 1, "{list:?}");
    (list[0].name().map(str::to_owned), list[0].address().unwrap().to_owned())
}

/// The text with one kind of line break, and without those at its end, which no mail keeps.
fn told(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n").trim_end_matches('\n').to_owned()
}

/// Reads a mail back and finds all of the message in it.
fn holds(mail: &str, message: &Message) {
    let read = MessageParser::default().parse(mail.as_bytes()).unwrap();
    assert_eq!(one(read.from()), (Some(message.shop_name.clone()), "nao-responda@mail.feira.example".to_owned()));
    let name = message.to_name.as_ref().map(|name| name.expose().to_owned());
    assert_eq!(one(read.to()), (name, message.to.expose().to_owned()));
    match &message.reply_to {
        Some(reply_to) => assert_eq!(one(read.reply_to()), (None, reply_to.expose().to_owned())),
        None => assert!(read.reply_to().is_none()),
    }
    assert_eq!(read.subject(), Some(message.title.as_str()));
    assert_eq!(read.message_id(), Some(format!("{}@mail.feira.example", message.effect).as_str()));
    assert_eq!(read.date().unwrap().to_timestamp(), AT / 1_000_000);
    assert_eq!(read.header_raw("Auto-Submitted").map(str::trim), Some("auto-generated"));
    assert_eq!(read.header_raw(HeaderName::MimeVersion).map(str::trim), Some("1.0"));

    let [whole, text, html] = &read.parts[..] else { panic!("{} parts", read.parts.len()) };
    for (part, kind, subtype) in [(whole, "multipart", "alternative"), (text, "text", "plain"), (html, "text", "html")]
    {
        let found = part.content_type().unwrap();
        assert_eq!((found.ctype(), found.subtype()), (kind, Some(subtype)));
    }
    assert_eq!(told(text.text_contents().unwrap()), told(&message.text));
    assert_eq!(told(html.text_contents().unwrap()), told(&message.html));
    let mut headers: Vec<&str> = read.parts[0].headers.iter().map(|header| header.name.as_str()).collect();
    headers.sort_unstable();
    let count = headers.len();
    headers.dedup();
    assert_eq!(headers.len(), count, "a header stands twice: {headers:?}");
}

/// Whatever a merchant or a buyer may type about itself, and what programs of mail have stumbled over.
const TYPED: [&str; 22] = [
    "Ana",
    "Loja São João, Cia. Ltda",
    "\"Aspas\" e 'apóstrofos'",
    "Barra \\ invertida",
    "ana@loja.example",
    "Ana <ana@outra.example>",
    "ana@loja.example, bob@loja.example",
    "Grupo: Ana;",
    "(comentário) nome (outro)",
    "D'Ávila & Filhos <ltda>",
    "Ação, coração e pão: a maior promoção do ano está na padaria da esquina de São Sebastião do Paraíso",
    "😀 Festa 🎉👨‍👩‍👧",
    "café",
    "日本語の店",
    "متجر",
    "=?utf-8?q?Banco?=",
    "a =?utf-8?b?QmFuY28=?= b é",
    "é  dois  espaços  é",
    "?=",
    "_sublinhado_ =20 =",
    ".ponto.",
    "R$ 10 – 50 % de desconto…",
];

#[tokio::test]
async fn a_mail_says_to_its_reader_what_was_said() {
    for place in Place::each(&platform()).await {
        assert_eq!(place.mail().send(&message(), AT).await, Outcome::Sent);
        holds(&place.only(), &message());
    }
}

#[tokio::test]
async fn whatever_is_typed_comes_out_as_it_was() {
    for place in Place::each(&platform()).await {
        for (number, typed) in TYPED.iter().enumerate() {
            let message = Message {
                effect: EffectId::from_uuid(Uuid::from_u128(number as u128)),
                shop_name: (*typed).to_owned(),
                to_name: Some(PersonName::new(typed).unwrap()),
                title: (*typed).to_owned().into(),
                text: format!("{typed}\n.{typed}\n..\nFrom {typed}\n\n--=_{number:032x}--\n{}", "x".repeat(3_000))
                    .into(),
                html: format!("<p>{typed}</p>").into(),
                reply_to: None,
                ..message()
            };
            assert_eq!(place.mail().send(&message, AT).await, Outcome::Sent, "{typed}");
            let id = format!("<{}@", message.effect);
            let arrived: Vec<_> = place.arrived().into_iter().filter(|mail| mail.contains(&id)).collect();
            assert_eq!(arrived.len(), 1, "{typed}");
            holds(&arrived[0], &message);
        }
    }
}

#[tokio::test]
async fn the_largest_mail_arrives_whole() {
    for place in Place::each(&platform()).await {
        let html = "ã".repeat(HTML_BYTES / 2);
        let largest = Message {
            shop_name: "ã".repeat(255),
            to_name: Some(PersonName::new(&"😀 ".repeat(127)).unwrap()),
            title: "W".repeat(255).into(),
            text: "x\n".repeat(TEXT_BYTES / 2).into(),
            html: html.into(),
            ..message()
        };
        assert_eq!(place.mail().send(&largest, AT).await, Outcome::Sent);
        holds(&place.only(), &largest);
    }
}

#[tokio::test]
async fn the_same_mail_is_the_same_bytes_whichever_way_it_goes() {
    let places = Place::each(&signing_platform()).await;
    for place in &places {
        for _ in 0..2 {
            assert_eq!(place.mail().send(&message(), AT).await, Outcome::Sent);
        }
    }
    let [folder, server] = places;
    let (file, taken) = (folder.only(), server.arrived());
    assert!(file.starts_with("DKIM-Signature: v=1; a=ed25519-sha256;"), "{file}");
    assert_eq!(taken, [file.clone(), file]);
    assert_eq!(server.mail().send(&message(), AT + 1_000_000).await, Outcome::Sent);
    assert_ne!(server.arrived()[2], server.arrived()[0], "of another time");
}

#[tokio::test]
async fn a_header_can_not_be_slipped_in_nor_a_mail_be_without_end() {
    // What a type refuses when it is typed may have been sealed by an older program, which took it.
    let email = |text: &str| Email::from_plain(text.as_bytes()).unwrap();
    let name = |text: &str| PersonName::from_plain(text.as_bytes()).unwrap();
    for place in Place::each(&platform()).await {
        for break_ in ["\r\n", "\n", "\r", "\0", "\u{b}", "\u{85}"] {
            let slipped = format!("Ana{break_}Bcc: bob@outra.example");
            let address = format!("ana@casa.example{break_}Bcc: bob@outra.example");
            let wrong = [
                ("shop_name", Message { shop_name: slipped.clone(), ..message() }),
                ("title", Message { title: slipped.clone().into(), ..message() }),
                ("to_name", Message { to_name: Some(name(&slipped)), ..message() }),
                ("to", Message { to: email(&address), ..message() }),
                ("reply_to", Message { reply_to: Some(email(&address)), ..message() }),
            ];
            for (field, message) in wrong {
                refused(&place, &message, field).await;
            }
        }
        for address in [
            "ana@casa.example> SIZE=1",
            "<ana@casa.example>",
            "ana@casa.example, bob@b.example",
            "ana",
            "ãna@casa.example",
        ] {
            refused(&place, &Message { to: email(address), ..message() }, "to").await;
        }
        for (field, message) in [
            ("shop_name", Message { shop_name: " ".to_owned(), ..message() }),
            ("title", Message { title: "x".repeat(256).into(), ..message() }),
            ("text", Message { text: String::new().into(), ..message() }),
            ("text", Message { text: "x".repeat(TEXT_BYTES + 1).into(), ..message() }),
            ("text", Message { text: "a\0b".to_owned().into(), ..message() }),
            ("html", Message { html: "x".repeat(HTML_BYTES + 1).into(), ..message() }),
        ] {
            refused(&place, &message, field).await;
        }
        assert_eq!(place.arrived(), [""; 0]);
    }
}

async fn refused(place: &Place, message: &Message, field: &str) {
    match place.mail().send(message, AT).await {
        Outcome::Refused(Refused::Message(Unfit { field: found, .. })) => assert_eq!(found, field),
        other => panic!("{field}: {other:?}"),
    }
}

#[tokio::test]
async fn lone_line_breaks_are_whole_ones_in_a_mail() {
    for place in Place::each(&platform()).await {
        let text = "a\rb\nc\r\nd\n.\ne\r.\rf";
        let message = Message { text: text.to_owned().into(), html: text.to_owned().into(), ..message() };
        assert_eq!(place.mail().send(&message, AT).await, Outcome::Sent);
        let mail = place.only();
        assert!(!mail.replace("\r\n", "").contains(['\r', '\n']), "{mail:?}");
        holds(&mail, &message);
    }
}

#[test]
fn a_message_is_shown_by_its_ids_alone() {
    let shown = format!("{:?}", message());
    assert!(shown.contains(&message().effect.to_string()), "{shown}");
    for part in ["Ana", "ana@", "contato@", "Pedido", "Olá", "João"] {
        assert!(!shown.contains(part), "{shown}");
    }
}
