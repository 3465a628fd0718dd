//! BR Codes read and written.

use feira_schemas::{
    brazil::br_code::{BrCode, BrCodeError, DynamicBrCode, MerchantAccount, PixKey, PixKeyKind, StaticBrCode, TxId},
    money::Money,
};
use serde_json::Value;

use crate::numbers;

const UUID: &str = "7c084cd4-54af-4172-a516-a7d1a12b75cc";

fn vectors() -> Vec<Value> {
    let cases: Vec<Value> = serde_json::from_str(include_str!("vectors/pix.json")).unwrap();
    assert_eq!(cases.len(), 28);
    cases
}

fn key(text: &str) -> PixKey {
    PixKey::parse(text).unwrap()
}

/// What a static code of the vectors says when nothing else is asked.
fn plain(key: &PixKey) -> StaticBrCode<'_> {
    StaticBrCode { key, name: "LOJA EXEMPLO", city: "RECIFE", amount: None, txid: None, info: None }
}

#[test]
fn each_code_is_read_with_all_it_says_or_refused() {
    let mut valid = 0;
    for case in vectors() {
        let name = case["case"].as_str().unwrap();
        let read = BrCode::parse(case["code"].as_str().unwrap());
        assert_eq!(read.is_ok(), case["valid"].as_bool().unwrap(), "{name}: {:?}", read.err());
        let Ok(code) = read else { continue };
        valid += 1;
        let has = |field: &str, is: Option<&str>| {
            let told = case[field].as_str();
            assert!(told.is_none_or(|told| is == Some(told)), "{name}: {field} {is:?}");
        };
        assert_eq!(code.payload(), case["code"].as_str().unwrap());
        has("crc", code.payload().get(code.payload().len() - 4..));
        has(
            "amount",
            code.amount().map(|money| format!("{}.{:02}", money.amount / 100, money.amount % 100)).as_deref(),
        );
        has("name", Some(code.merchant_name()));
        has("city", Some(code.merchant_city()));
        has("txid", Some(code.txid().map_or("***", TxId::as_str)));
        match code.account() {
            MerchantAccount::Key { key, info } => {
                has("key", Some(key.as_str()));
                assert_eq!(info.as_deref(), case["info"].as_str(), "{name}");
                assert!(case["key"].is_string() && case["url"].is_null(), "{name}");
            }
            MerchantAccount::Location(location) => {
                has("url", Some(location));
                assert!(case["url"].is_string() && case["key"].is_null(), "{name}");
                assert!(code.is_for_one_payment());
            }
        }
    }
    assert_eq!(valid, 20);
}

#[test]
fn each_code_that_ours_may_look_like_is_written_to_the_letter() {
    let mut written = 0;
    for case in vectors().iter().filter(|case| case["valid"] == true) {
        let read = BrCode::parse(case["code"].as_str().unwrap()).unwrap();
        let (name, city, amount) = (read.merchant_name(), read.merchant_city(), read.amount());
        let again = match read.account() {
            MerchantAccount::Key { key, info } => {
                StaticBrCode { key, name, city, amount, txid: read.txid(), info: info.as_deref() }.build()
            }
            MerchantAccount::Location(location) => DynamicBrCode { location, name, city, amount }.build(),
        };
        let again = again.unwrap();
        // What others may write and we do not: initiation 11, the GUI in capitals, accents.
        match case["case"].as_str().unwrap() {
            "static, point of initiation 11 written"
            | "GUI in capitals (some banks write it so)"
            | "accents kept, length in characters, checksum over UTF-8" => {
                assert_ne!(again.payload(), read.payload());
                assert_eq!((again.account() == read.account(), again.amount()), (true, read.amount()));
            }
            case => {
                assert_eq!(again, read, "{case}");
                written += 1;
            }
        }
    }
    assert_eq!(written, 17);
}

#[test]
fn names_are_folded_and_cut_to_their_fields() {
    let key = key(UUID);
    for (name, city, name_written, city_written) in [
        ("Padaria São João do Açaí", "São Luís", "Padaria Sao Joao do Acai", "Sao Luis"),
        ("Mercearia e Padaria São João", "São José dos Campos", "Mercearia e Padaria Sao J", "Sao Jose dos Ca"),
        ("  Loja\t“da\nEsquina” – nº 1 ", "Açu", "Loja \"da Esquina\" - no 1", "Acu"),
        ("Uma loja de nome de vinte e cinco", "X", "Uma loja de nome de vinte", "X"),
        ("Uma loja cujo nome acaba  em espaço", "X", "Uma loja cujo nome acaba", "X"),
    ] {
        let code = StaticBrCode { name, city, ..plain(&key) }.build().unwrap();
        assert_eq!((code.merchant_name(), code.merchant_city()), (name_written, city_written));
    }
}

#[test]
fn whatever_is_written_is_ascii_and_is_read_as_it_was_meant() {
    let keys = [UUID, "52998224725", "12ABC34501DE35", "+5511999990000", "ana@exemplo.com.br"].map(key);
    let letters: Vec<char> = "aZ9 ãÉçß—“”😀漢\u{301}\t|~".chars().collect();
    let mut numbers = numbers();
    let mut next = |below: usize| numbers.next().unwrap() as usize % below;
    for _ in 0..500 {
        let [name, city, info] = [60, 30, 120].map(|most| {
            let length = next(most) + 1;
            (0..length).map(|_| letters[next(letters.len())]).collect::<String>()
        });
        let (name, city) = (format!("L{name}"), format!("C{city}"));
        let (key, id) = (&keys[next(keys.len())], "aB3".repeat(next(8) + 1));
        let txid = TxId::parse(&id).unwrap();
        let amount = Some(Money::brl(next(1_000_000) as i64 + 1)).filter(|_| next(2) == 0);
        let code = StaticBrCode {
            key,
            name: &name,
            city: &city,
            amount,
            txid: Some(&txid).filter(|_| next(2) == 0),
            info: Some(&info),
        };
        let built = code.build().unwrap_or_else(|error| panic!("{error}: {code:?}"));
        assert!(built.payload().is_ascii());
        let read = BrCode::parse(built.payload()).unwrap();
        assert_eq!((&read, read.amount(), read.txid()), (&built, amount, code.txid));
        let MerchantAccount::Key { key: read_key, info } = read.account() else { panic!("{:?}", read.account()) };
        assert_eq!(read_key, key);
        assert!(info.as_ref().is_none_or(|info| !info.is_empty() && info.is_ascii()));
        assert!(read.merchant_name().starts_with('L') && read.merchant_city().starts_with('C'));
    }
}

#[test]
fn a_key_s_form_says_its_kind() {
    for (text, kind) in [
        ("52998224725", PixKeyKind::Cpf),
        ("11222333000181", PixKeyKind::Cnpj),
        ("12ABC34501DE35", PixKeyKind::Cnpj),
        ("+5511999990000", PixKeyKind::Phone),
        ("+12125550100", PixKeyKind::Phone),
        ("ana@exemplo.com.br", PixKeyKind::Email),
        ("+ana@exemplo.com.br", PixKeyKind::Email),
        (UUID, PixKeyKind::Random),
    ] {
        let key = key(text);
        assert_eq!((key.kind(), key.as_str()), (kind, text));
        assert_eq!(format!("{key:?}"), format!("PixKey({kind:?}, …)"));
    }
    for text in [
        "",
        "529.982.247-25",
        "52998224724",
        "12abc34501de35",
        "5511999990000",
        "+",
        "+0511999990000",
        "+5511999990000123",
        "@exemplo.com.br",
        "ana@",
        "a@b@c",
        "ana maria@exemplo.com.br",
        "joão@exemplo.com.br",
        &UUID.replace('-', ""),
        &format!("{}@exemplo.com.br", "a".repeat(63)),
    ] {
        assert_eq!(PixKey::parse(text), Err(BrCodeError::Key), "{text}");
    }
}

/// A payload with its checksum, of the vectors' static code with one part exchanged.
fn changed(from: &str, to: &str) -> String {
    let code = plain(&key(UUID)).build().unwrap();
    let body = code.payload()[..code.payload().len() - 4].replace(from, to);
    assert!(!code.payload().starts_with(&body), "{from} is not in it");
    let sum = crc16(body.as_bytes());
    format!("{body}{sum:04X}")
}

/// CRC-16/CCITT-FALSE bit by bit.
fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0xFFFF, |sum, byte| {
        (0..8).fold(
            sum ^ u16::from(*byte) << 8,
            |sum: u16, _| if sum & 0x8000 == 0 { sum << 1 } else { sum << 1 ^ 0x1021 },
        )
    })
}

#[test]
fn what_is_wrong_with_a_code_is_told() {
    assert_eq!(crc16(b"123456789"), 0x29B1);
    for (from, to, error) in [
        ("000201", "000202", BrCodeError::Format),
        ("000201", "010211000201", BrCodeError::Format),
        ("000201", "000201010213", BrCodeError::Initiation),
        ("000201", "000201000201", BrCodeError::Twice(0)),
        ("52040000", "5203000", BrCodeError::Category),
        ("52040000", "", BrCodeError::Category),
        ("5303986", "5303840", BrCodeError::Currency),
        ("5802BR", "5802PT", BrCodeError::Country),
        ("br.gov.bcb.pix", "br.gov.bcb.xip", BrCodeError::NoPix),
        ("2658", "2558", BrCodeError::NoPix),
        ("5204", "27580014br.gov.bcb.pix01367c084cd4-54af-4172-a516-a7d1a12b75cc5204", BrCodeError::Account),
        ("2658", "2662", BrCodeError::Fields),
        ("5912LOJA EXEMPLO", "", BrCodeError::Name),
        ("5912LOJA EXEMPLO", "5926LOJA EXEMPLO DE NOME LONGO", BrCodeError::Name),
        ("5912LOJA EXEMPLO", "5900", BrCodeError::Fields),
        ("6006RECIFE", "6016SAO JOSE DOS CAM", BrCodeError::City),
        ("7c084cd4", "7c084cdx", BrCodeError::Key),
        ("5802", "540325,5802", BrCodeError::Amount),
        ("5802", "540625.9005802", BrCodeError::Amount),
        ("5802", "541499999999999.995802", BrCodeError::Amount),
        ("62070503***", "62070503a-b", BrCodeError::TxId),
        ("62070503***", "62300526aaaaaaaaaaaaaaaaaaaaaaaaaa", BrCodeError::TxId),
    ] {
        let text = changed(from, to);
        assert_eq!(BrCode::parse(&text), Err(error), "{text}");
    }
    for (text, error) in [
        ("", BrCodeError::NoChecksum),
        ("6304", BrCodeError::NoChecksum),
        ("çççç", BrCodeError::NoChecksum),
        ("6304FFFF", BrCodeError::Checksum),
        (&*"0".repeat(513), BrCodeError::TooLong),
    ] {
        assert_eq!(BrCode::parse(text), Err(error), "{text}");
    }
}

#[test]
fn amounts_of_others_are_read_in_each_way_they_are_written() {
    for (field, amount) in [("540225", 2_500), ("540425.9", 2_590), ("540525.90", 2_590), ("54040.00", 0)] {
        let code = BrCode::parse(&changed("5802", &format!("{field}5802"))).unwrap();
        assert_eq!(code.amount(), Some(Money::brl(amount)), "{field}");
    }
    let code = BrCode::parse(&format!(" {}\n", changed("5204", "27070003abc5204"))).unwrap();
    assert_eq!(
        (code.amount(), code.txid(), code.is_for_one_payment()),
        (None, None, false),
        "another account beside it"
    );
}

#[test]
fn what_no_code_can_hold_is_refused() {
    let key = key(UUID);
    let plain = plain(&key);
    for (code, error) in [
        (StaticBrCode { name: "\u{200b} ", ..plain }, BrCodeError::Name),
        (StaticBrCode { city: "", ..plain }, BrCodeError::City),
        (StaticBrCode { amount: Some(Money::brl(0)), ..plain }, BrCodeError::Amount),
        (StaticBrCode { amount: Some(Money::brl(-1)), ..plain }, BrCodeError::Amount),
        (StaticBrCode { amount: Some(Money::brl(BrCode::MAX_AMOUNT + 1)), ..plain }, BrCodeError::Amount),
    ] {
        assert_eq!(code.build(), Err(error), "{code:?}");
    }
    for location in
        ["", "https://pix.exemplo.com.br/1", "pix.exemplo.com.br/a b", "pix.exemplo.com.br/ç", &"x".repeat(78)]
    {
        let code = DynamicBrCode { location, name: "Loja", city: "Recife", amount: None };
        assert_eq!(code.build(), Err(BrCodeError::Location), "{location}");
    }
    for text in ["", "a-b", "***", "é", &"a".repeat(26)] {
        assert_eq!(TxId::parse(text), Err(BrCodeError::TxId), "{text}");
    }
}

#[test]
fn a_code_of_a_person_s_key_is_shown_by_no_debug() {
    let key = key("52998224725");
    let code = plain(&key).build().unwrap();
    assert_eq!(format!("{code:?} {:?}", code.account()), "BrCode(…) Key(…)");
    assert!(!format!("{:?}", plain(&key)).contains("52998224725"));
}
