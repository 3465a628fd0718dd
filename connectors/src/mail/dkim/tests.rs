#![allow(clippy::unwrap_used)]

use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der},
    rsa::KeySize,
    signature::{ED25519, KeyPair, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey},
};

use super::*;

/// The mail that RFC 8463 (appendix A) signs, its headers and its body.
const HEADERS_8463: &str = "From: Joe SixPack <joe@football.example.com>\r\nTo: Suzie Q <suzie@shopping.example.net>\r\n\
                            Subject: Is dinner ready?\r\nDate: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r\n\
                            Message-ID: <20030712040037.46341.5F8J@football.example.com>";
const BODY_8463: &str = "Hi.\r\n\r\nWe lost the game.  Are you hungry yet?\r\n\r\nJoe.\r\n";

#[test]
fn the_signature_of_the_rfc_is_made_again() {
    let hash = BASE64_STANDARD.encode(Sha256::digest(relaxed_body(BODY_8463)));
    assert_eq!(hash, "2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=");
    let unsigned = "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;\r\n d=football.example.com; i=@football.example.com;\r\n \
                    q=dns/txt; s=brisbane; t=1528637909; h=from : to :\r\n subject : date : message-id : from : subject : date;\r\n \
                    bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n b=";
    let named = ["from", "to", "subject", "date", "message-id", "from", "subject", "date"];
    let seed = BASE64_STANDARD.decode("nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=").unwrap();
    let key = Key::Ed25519(Ed25519KeyPair::from_seed_unchecked(&seed).unwrap());
    let signature = key.sign(signed(&fields(HEADERS_8463), &named, unsigned).as_bytes()).unwrap();
    assert_eq!(
        BASE64_STANDARD.encode(signature),
        "/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11BusFa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw=="
    );
}

#[test]
fn bodies_are_signed_as_the_rfc_writes_them() {
    for (body, canonical) in [
        (" C \r\nD \t E\r\n\r\n\r\n", " C\r\nD E\r\n"),
        ("", ""),
        ("\r\n\r\n", ""),
        (" \t\r\n", ""),
        ("a", "a\r\n"),
        ("a\r\n\r\nb\r\n", "a\r\n\r\nb\r\n"),
        ("\ta  b\tc", " a b c\r\n"),
    ] {
        assert_eq!(relaxed_body(body), canonical, "{body:?}");
    }
    assert_eq!(relaxed(" X\t  Y\r\n".trim_end()), "X Y");
}

fn pem(label: &str, der: &[u8]) -> String {
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", BASE64_STANDARD.encode(der))
}

fn settings(key: &str) -> DkimSettings {
    DkimSettings { selector: "feira".to_owned(), domain: "feira.example".to_owned(), key: key.into() }
}

fn refusal(settings: &DkimSettings, from: &str) -> String {
    Dkim::new(settings, from).unwrap_err().to_string()
}

#[test]
fn keys_of_both_kinds_sign_and_the_same_mail_is_signed_alike() {
    let rsa = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
    let rsa_der = AsDer::<Pkcs8V1Der>::as_der(&rsa).unwrap();
    let ed25519 = Ed25519KeyPair::generate().unwrap();
    let mail = format!("{HEADERS_8463}\r\n\r\n{BODY_8463}");
    for (key, algorithm) in [
        (pem("PRIVATE KEY", rsa_der.as_ref()), "rsa-sha256"),
        (pem("PRIVATE KEY", ed25519.to_pkcs8().unwrap().as_ref()), "ed25519-sha256"),
        (pem("PRIVATE KEY", ed25519.to_pkcs8v1().unwrap().as_ref()).replace('\n', "\\n"), "ed25519-sha256"),
    ] {
        let dkim = Dkim::new(&settings(&key), "mail.feira.example").unwrap();
        let header = dkim.header(&mail, 1_528_637_909_999_999).unwrap();
        assert_eq!(dkim.header(&mail, 1_528_637_909_000_000), Some(header.clone()), "to the second");
        assert!(header.contains(&format!("a={algorithm};")) && header.contains(" t=1528637909;"), "{header}");
        assert!(header.ends_with("\r\n") && header.split("\r\n").all(|line| line.len() <= 78), "{header}");
        // What is signed stands before the signature, which ends the header.
        let (unsigned, signature) = header.split_once(" b=").unwrap();
        let signature = BASE64_STANDARD.decode(signature.replace(['\r', '\n', ' '], "")).unwrap();
        let text = signed(&fields(HEADERS_8463), &HEADERS, &format!("{unsigned} b="));
        let proven = match algorithm {
            "rsa-sha256" => UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, rsa.public_key().as_ref())
                .verify(text.as_bytes(), &signature),
            _ => UnparsedPublicKey::new(&ED25519, ed25519.public_key().as_ref())
                .verify(&Sha256::digest(&text), &signature),
        };
        assert!(proven.is_ok(), "{algorithm}");
        assert!(!format!("{dkim:?}").contains(key.lines().nth(1).unwrap_or(&key)));
    }
}

#[test]
fn what_signs_nothing_that_counts_is_refused_with_what_to_do() {
    let small = pem("RSA PRIVATE KEY", b"0\x82");
    for key in ["", "key", &small, &pem("EC PRIVATE KEY", b"0"), &pem("PRIVATE KEY", b"0")] {
        assert!(refusal(&settings(key), "feira.example").contains("openssl genrsa 2048"), "{key}");
    }
    let key = pem("PRIVATE KEY", Ed25519KeyPair::generate().unwrap().to_pkcs8().unwrap().as_ref());
    for from in ["other.example", "notfeira.example", "example"] {
        assert!(refusal(&settings(&key), from).contains("mail.from"), "{from}");
    }
    Dkim::new(&DkimSettings { domain: "Feira.Example".to_owned(), ..settings(&key) }, "feira.example").unwrap();
    for name in ["", "a b", "a;b", "a..b", "é", "a\r\nb", &"a".repeat(64)] {
        let selector = DkimSettings { selector: name.to_owned(), ..settings(&key) };
        let domain = DkimSettings { domain: name.to_owned(), ..settings(&key) };
        for wrong in [selector, domain] {
            assert!(refusal(&wrong, "feira.example").contains("names as in DNS"), "{name}");
        }
    }
}
