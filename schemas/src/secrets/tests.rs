#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use uuid::Uuid;

use super::*;

const NOW: Micros = 1_700_000_000_000_000;
/// What the table of the module gives for the secrets `index` and `a`, computed with Python's `hmac`.
const TERM_OF_TABLE: &str = "4f81c397f3ae7ec82ac18be36968fd75";
const WORD_OF_TABLE: &str = "5eaae72195e1a5f78963f26932a0bb75";
const TOKEN_OF_TABLE: &str = "a.1700000000000000.Dju5pZ1XGTm1DnAZZP3JBnhAVqpJPuwYhl-OAX75KnE";
const CREDENTIAL_OF_TABLE: &str = "a.-.RPc3eR_sLWlOgCyU2p9OSz-EezGGiJVwsmCrGonaN4o";
const PROOF_OF_TABLE: &str = "feira-verification=YkSijOjBkXlM-riRjdEILRhRWiyEzy_lr6fCzM_Tyhc";
const INDEX_OF_TABLE: &str = "7b7157525bc8080fb1b88525c399caf1";
const A_OF_TABLE: &str = "1fce809495229e9d31af84f4315c2c10";
const PURPOSES: [Purpose; 3] = [Purpose::Form, Purpose::Link, Purpose::Callback];

/// The secrets with these ids, each key made of its id.
fn ring_of(ids: &[&str]) -> Secrets {
    let entry = |id: &&str| format!("{id}:{}", hex::encode(id.bytes().cycle().take(32).collect::<Vec<_>>()));
    Secrets::parse(&ids.iter().map(entry).collect::<Vec<_>>().join(",").as_str().into()).unwrap()
}

fn tenant(number: u128) -> TenantId {
    TenantId::from_uuid(Uuid::from_u128(number))
}

#[test]
fn the_newest_signs_and_all_verify() {
    let (old, both, new) = (ring_of(&["index", "a"]), ring_of(&["a", "index", "b"]), ring_of(&["index", "b"]));
    let of_old = old.sign(Purpose::Form, &[b"x"], Some(NOW + 1));
    let of_both = both.sign(Purpose::Form, &[b"x"], Some(NOW + 1));
    assert!(of_old.starts_with("a.") && of_both.starts_with("b."), "{of_old} {of_both}");
    let verify = |secrets: &Secrets, token: &str| secrets.verify(Purpose::Form, &[b"x"], token, NOW);
    assert_eq!((verify(&both, &of_old), verify(&both, &of_both)), (Ok(()), Ok(())));
    assert_eq!(
        (verify(&old, &of_both), verify(&new, &of_old)),
        (Err(InvalidToken::Unknown), Err(InvalidToken::Unknown))
    );
    assert_eq!(verify(&new, &of_both), Ok(()));
    // Another key under the same id.
    let other = Secrets::parse(&format!("index:{0},a:{0}", "0".repeat(64)).as_str().into()).unwrap();
    assert_eq!(verify(&other, &of_old), Err(InvalidToken::Forged));
}

#[test]
fn a_token_is_good_before_its_end_for_its_purpose_and_its_parts_alone() {
    let secrets = ring_of(&["index", "a"]);
    for purpose in PURPOSES {
        let token = secrets.sign(purpose, &[b"ab", b"c"], Some(NOW));
        assert!(token.len() <= TOKEN_CHARS, "{token}");
        let verify = |parts: &[&[u8]], now| secrets.verify(purpose, parts, &token, now);
        assert_eq!((verify(&[b"ab", b"c"], NOW - 1), verify(&[b"ab", b"c"], NOW)), (Ok(()), Err(InvalidToken::Over)));
        let others: [&[&[u8]]; 5] = [&[b"a", b"bc"], &[b"ab", b"c", b""], &[b"", b"ab", b"c"], &[b"abc"], &[]];
        for parts in others {
            assert_eq!(verify(parts, NOW - 1), Err(InvalidToken::Forged), "{parts:?}");
        }
        for other in PURPOSES.into_iter().filter(|other| *other != purpose) {
            assert_eq!(secrets.verify(other, &[b"ab", b"c"], &token, NOW - 1), Err(InvalidToken::Forged));
        }
        let endless = secrets.sign(purpose, &[b"ab"], None);
        assert_eq!(secrets.verify(purpose, &[b"ab"], &endless, Micros::MAX), Ok(()));
    }
}

#[test]
fn nothing_of_a_token_can_be_changed() {
    let secrets = ring_of(&["index", "a", "b"]);
    let token = secrets.sign(Purpose::Form, &[b"x"], Some(NOW));
    let verify = |token: &str| secrets.verify(Purpose::Form, &[b"x"], token, NOW - 1);
    assert_eq!(verify(&token), Ok(()));
    let [id, until, code] = token.split('.').collect::<Vec<_>>().try_into().unwrap();
    for later in [format!("{id}.{}.{code}", NOW + 1), format!("{id}.-.{code}"), format!("a.{until}.{code}")] {
        assert_eq!(verify(&later), Err(InvalidToken::Forged), "{later}");
    }
    let bytes = URL_SAFE_NO_PAD.decode(code).unwrap();
    for bit in 0..bytes.len() * 8 {
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let flipped = format!("{id}.{until}.{}", URL_SAFE_NO_PAD.encode(flipped));
        assert_eq!(verify(&flipped), Err(InvalidToken::Forged), "{bit}");
    }
    let long = format!("{id}.{until}.{}", "A".repeat(TOKEN_CHARS));
    let zero = format!("{id}.0{until}.{code}");
    for text in
        ["", ".", "..", "b", &zero, &token[..token.len() - 1], &format!("{token}A"), &format!("{token}="), &long]
    {
        assert_eq!(verify(text), Err(InvalidToken::Malformed), "{text}");
    }
    // The secret of terms signs nothing.
    assert_eq!(verify(&format!("{INDEX}.{until}.{code}")), Err(InvalidToken::Unknown));
}

#[test]
fn a_term_is_of_its_tenant_its_kind_and_its_text_and_stays_when_tokens_get_another_secret() {
    let secrets = ring_of(&["index", "a"]);
    let term = secrets.term(Term::Email, tenant(1), "ana@loja.example");
    assert!(term.len() == 32 && term.bytes().all(|byte| byte.is_ascii_hexdigit()), "{term}");
    let all: BTreeSet<String> = [
        term.clone(),
        secrets.term(Term::Search, tenant(1), "ana@loja.example"),
        secrets.term(Term::Source, tenant(1), "ana@loja.example"),
        secrets.term(Term::Email, tenant(2), "ana@loja.example"),
        secrets.term(Term::Email, tenant(1), "ana@loja.exampl"),
        secrets.term(Term::Email, tenant(1), ""),
    ]
    .into();
    assert_eq!(all.len(), 6);
    assert_eq!(ring_of(&["b", "index", "c"]).term(Term::Email, tenant(1), "ana@loja.example"), term);
    let other = Secrets::parse(&format!("index:{0},a:{0}", "0".repeat(64)).as_str().into()).unwrap();
    assert_ne!(other.term(Term::Email, tenant(1), "ana@loja.example"), term);
}

#[test]
fn f05_the_proof_of_a_domain_is_of_its_shop_and_stays_when_tokens_get_another_secret() {
    let secrets = ring_of(&["index", "a"]);
    let proof = domain_proof(&secrets, "loja.example", tenant(1));
    assert_eq!(proof, PROOF_OF_TABLE);
    assert_eq!(domain_proof(&ring_of(&["b", "index", "c"]), "loja.example", tenant(1)), proof);
    for other in [domain_proof(&secrets, "loja.example", tenant(2)), domain_proof(&secrets, "loja2.example", tenant(1))]
    {
        assert_ne!(other, proof);
    }
}

/// What was derived once is looked for for ever.
#[test]
fn what_is_derived_is_what_the_table_says() {
    let secrets = ring_of(&["index", "a"]);
    assert_eq!(secrets.term(Term::Email, tenant(1), "ana@loja.example"), TERM_OF_TABLE);
    assert_eq!(secrets.term(Term::Search, tenant(1), "ana"), WORD_OF_TABLE);
    assert_eq!(secrets.sign(Purpose::Link, &[b"ab", b"c"], Some(NOW)), TOKEN_OF_TABLE);
    assert_eq!(secrets.sign(Purpose::Callback, &[], None), CREDENTIAL_OF_TABLE);
    let fingerprints: Vec<_> = secrets.fingerprints().collect();
    assert_eq!(fingerprints, [("index", INDEX_OF_TABLE.to_owned()), ("a", A_OF_TABLE.to_owned())]);
}

#[test]
fn what_holds_no_secrets_is_refused_with_what_to_do() {
    let (key, parse) = ("ab".repeat(32), |text: &str| Secrets::parse(&text.into()));
    assert_eq!(parse(&format!("a:{key}")), Err(InvalidSecrets::NoIndex));
    assert_eq!(parse(&format!("index:{key}")), Err(InvalidSecrets::NoSigner));
    assert_eq!(parse("index:ab"), Err(InvalidSecrets::Ring(InvalidRing::Malformed(1))));
    assert_eq!(format!("{:?}", parse(&format!("index:{key},a:{key}")).unwrap()), r#"["index", "a"]"#);
    for refused in [parse(&format!("a:{key}")).unwrap_err(), parse(&format!("index:{key}")).unwrap_err()] {
        assert!(
            refused.to_string().contains("openssl rand -hex 32") && !refused.to_string().contains(&key),
            "{refused}"
        );
    }
}
