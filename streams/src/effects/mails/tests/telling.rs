//! What mails say, and the links in them.

use super::*;

#[test]
fn words_are_escaped_in_html_and_as_they_are_in_text() {
    let fact = |name: &str, value: &str| MailFact { name: name.into(), value: value.into() };
    let subject = Subject::new(SubjectKind::Account, Uuid::nil());
    let key = KeyId::from_uuid(Uuid::nil());
    let envelope = Envelope::new(subject, "email", key, [0; 24], vec![0; 16]).unwrap();
    let mail = Mail {
        mail_id: EffectId::from_uuid(Uuid::nil()),
        template: MailTemplate::AccountBroken,
        recipient: Sealed::of(envelope).unwrap(),
        recipient_name: None,
        reply_to: None,
        shop_name: SHOP_NAME.into(),
        facts: vec![fact("account", "Conta <b>&"), fact("gateway", "pagarme"), fact("why", "account")],
        wanted_at: 0,
        not_after: 1,
    };
    let words = words::of(tenant(1), &mail, &links()).unwrap();
    for part in [SHOP_NAME, "«Conta <b>&»", "(Pagar.me)", "Salve uma chave que ele aceite.", "O que fazer"] {
        assert!(words.text.contains(part), "{part}: {}", words.text);
    }
    assert!(!words.html.contains("<b>") && !words.html.contains("<3>"), "{}", words.html);
    assert!(words.html.contains("Conta &#60;b&#62;&#38;"), "{}", words.html);
    assert_eq!(words::of(tenant(1), &mail, &links()).unwrap(), words, "the same facts make the same words");
    let later = Mail { template: MailTemplate::Unknown, ..mail };
    assert!(matches!(words::of(tenant(1), &later, &links()), Err(words::Wordless::Later)));
}

/// A mail about a subject with the facts of a link.
fn with_link(template: MailTemplate, of: SubjectKind, lives: Micros) -> Mail {
    let fact = |name: &str, value: String| MailFact { name: name.into(), value };
    let envelope = Envelope::new(
        Subject::new(of, Uuid::from_u128(7)),
        "email",
        KeyId::from_uuid(Uuid::nil()),
        [0; 24],
        vec![0; 16],
    )
    .unwrap();
    Mail {
        mail_id: EffectId::from_uuid(Uuid::nil()),
        template,
        recipient: Sealed::of(envelope).unwrap(),
        recipient_name: None,
        reply_to: None,
        shop_name: "Feira".into(),
        facts: vec![fact("link_version", "3".into()), fact("until", (SECOND + lives).to_string())],
        wanted_at: SECOND,
        not_after: SECOND + lives / 2,
    }
}

#[test]
fn a_mail_has_the_link_of_its_recipient_which_its_record_has_not() {
    for (template, lives, lasts, says) in [
        (MailTemplate::StaffInvited, INVITED_FOR, "7 dias", "Você foi convidado"),
        (MailTemplate::StaffPassword, FORGOTTEN_FOR, "2 horas", "a sua senha continua a mesma"),
    ] {
        let mail = with_link(template, SubjectKind::Staff, lives);
        let words = words::of(TenantId::PLATFORM, &mail, &links()).unwrap();
        let (_, rest) = words.text.split_once("https://feira.example/operator/link?t=").unwrap();
        let text = rest.split_whitespace().next().unwrap();
        let link = StaffLink::read(text, &links().secrets, SECOND + lives - 1).unwrap();
        let (staff_id, until) = (StaffId::from_uuid(Uuid::from_u128(7)), SECOND + lives);
        let purpose = LinkPurpose::Password;
        assert_eq!(link, StaffLink { tenant: TenantId::PLATFORM, staff_id, purpose, link_version: 3, until });
        for part in [says, lasts] {
            assert!(words.text.contains(part) && words.html.contains(part), "{part}: {}", words.text);
        }
        assert!(
            words.html.contains(&format!("href=\"https://feira.example/operator/link?t={text}\"")),
            "{}",
            words.html
        );
        let token = text.rsplit_once('.').unwrap().1;
        assert!(!serde_json::to_string(&mail).unwrap().contains(token), "what is kept has no link");
        assert_eq!(words::of(TenantId::PLATFORM, &mail, &links()).unwrap(), words, "sent again, it is the same");
    }
}

#[test]
fn f24_a_mail_to_a_shops_staff_has_a_link_to_the_shops_own_address() {
    for (template, lives, title) in [
        (MailTemplate::StaffInvited, INVITED_FOR, "Convite para a equipe de uma loja"),
        (MailTemplate::StaffPassword, FORGOTTEN_FOR, "Crie uma nova senha da sua loja"),
    ] {
        let mut mail = Mail { shop_name: SHOP_NAME.into(), ..with_link(template, SubjectKind::Staff, lives) };
        mail.facts.push(MailFact { name: "subdomain".into(), value: "moda-1".into() });
        let words = words::of(tenant(1), &mail, &links()).unwrap();
        let (_, rest) = words.text.split_once("https://moda-1.feira.example/admin/link?t=").unwrap();
        let link = StaffLink::read(rest.split_whitespace().next().unwrap(), &links().secrets, SECOND).unwrap();
        assert_eq!((link.tenant, link.until), (tenant(1), SECOND + lives));
        assert_eq!(words.title, title);
        assert!(words.text.contains(SHOP_NAME) && !words.html.contains("<3>"), "{}", words.html);
        // What the platform's own mails say of a shop is nothing.
        let of_platform = words::of(TenantId::PLATFORM, &mail, &links()).unwrap();
        assert!(of_platform.text.contains("https://feira.example/operator/link?t="), "{}", of_platform.text);
        assert!(!of_platform.text.contains(SHOP_NAME), "{}", of_platform.text);
    }
}

#[test]
fn a_link_to_what_is_no_shops_address_is_not_made() {
    let mail = with_link(MailTemplate::StaffPassword, SubjectKind::Staff, FORGOTTEN_FOR);
    for name in ["", "a.b", "moda/", "moda@outro.example", "moda:80", "mo da"] {
        let mut mail = mail.clone();
        mail.facts.push(MailFact { name: "subdomain".into(), value: name.into() });
        assert!(matches!(words::of(tenant(1), &mail, &links()), Err(words::Wordless::Unlinked)), "{name}");
    }
}

#[test]
fn a_link_that_has_not_what_it_is_made_of_is_not_sent() {
    let mail = with_link(MailTemplate::StaffPassword, SubjectKind::Staff, FORGOTTEN_FOR);
    let of_nobody = with_link(MailTemplate::StaffPassword, SubjectKind::Account, FORGOTTEN_FOR);
    let bare = Mail { facts: Vec::new(), ..mail.clone() };
    for (tenant, mail) in [(tenant(1), &mail), (TenantId::PLATFORM, &of_nobody), (TenantId::PLATFORM, &bare)] {
        assert!(matches!(words::of(tenant, mail, &links()), Err(words::Wordless::Unlinked)));
    }
}

/// A mail about a subject with these facts, which a shop of another id than the platform's has asked for.
fn of_signup(template: MailTemplate, of: SubjectKind, facts: &[(&str, &str)]) -> Mail {
    let facts = facts.iter().map(|(name, value)| MailFact { name: (*name).into(), value: (*value).into() });
    Mail { facts: facts.collect(), ..with_link(template, of, INVITED_FOR) }
}

#[test]
fn a_shop_that_is_open_is_told_with_the_link_to_its_own_panel() {
    let until = (SECOND + INVITED_FOR).to_string();
    let facts = [("link_version", "0"), ("until", until.as_str()), ("subdomain", "cafe"), ("plan", "Básico <3>")];
    let mail = of_signup(MailTemplate::ShopOpened, SubjectKind::Staff, &facts);
    let words = words::of(tenant(1), &mail, &links()).unwrap();
    let (_, rest) = words.text.split_once("https://cafe.feira.example/admin/link?t=").unwrap();
    let text = rest.split_whitespace().next().unwrap();
    let link = StaffLink::read(text, &links().secrets, SECOND).unwrap();
    assert_eq!((link.tenant, link.staff_id), (tenant(1), StaffId::from_uuid(Uuid::from_u128(7))));
    for part in ["https://cafe.feira.example", "7 dias"] {
        assert!(words.text.contains(part) && words.html.contains(part), "{part}: {}", words.text);
    }
    assert!(words.text.contains("Básico <3>") && !words.html.contains("<3>"), "{}", words.html);
    // A name that is none leads nowhere.
    let mut facts = facts;
    facts[2] = ("subdomain", "evil.example/");
    let mail = of_signup(MailTemplate::ShopOpened, SubjectKind::Staff, &facts);
    assert!(matches!(words::of(tenant(1), &mail, &links()), Err(words::Wordless::Unlinked)));
}

#[test]
fn who_subscribes_is_told_the_code_or_that_the_name_was_lost_with_the_link_to_the_page() {
    let id = Uuid::from_u128(7).to_string();
    // 14 November 2023, 19:13 in São Paulo.
    let until = "1700000000000000";
    let code = |method: &str| {
        let facts = [
            ("method", method),
            ("code", "0001"),
            ("amount", "4990"),
            ("until", until),
            ("plan", "Básico"),
            ("subscription", id.as_str()),
        ];
        of_signup(MailTemplate::SignupCode, SubjectKind::Subscriber, &facts)
    };
    let lost = [("subdomain", "cafe"), ("plan", "Básico"), ("subscription", id.as_str())];
    let held: Vec<_> = lost.into_iter().chain([("held", "true")]).collect();
    let held = of_signup(MailTemplate::SignupNameLost, SubjectKind::Subscriber, &held);
    let lost = of_signup(MailTemplate::SignupNameLost, SubjectKind::Subscriber, &lost);
    for (mail, says) in [
        (code("pix"), ["Pix copia e cola", "0001", "R$ 49,90", "14/11/2023, 19:13"]),
        (code("boleto"), ["Digite esta linha", "0001", "R$ 49,90", "por boleto até 14/11/2023."]),
        (lost, ["«cafe»", "Básico", "Nada mais é cobrado", "Escolha o endereço"]),
        (held, ["«cafe»", "continua reservado", "Nada mais é cobrado", "Confirme os dados"]),
    ] {
        let words = words::of(tenant(1), &mail, &links()).unwrap();
        for part in says {
            assert!(words.text.contains(part) && words.html.contains(part), "{part}: {}", words.text);
        }
        let (_, rest) = words.text.split_once("https://feira.example/assinatura/").unwrap();
        let text = rest.split_whitespace().next().unwrap();
        let link = SignupLink::read(text, &links().secrets, SECOND + 89 * DAY).unwrap();
        assert_eq!((link.tenant, link.subscription_id.uuid()), (tenant(1), Uuid::from_u128(7)));
        assert_eq!(link.until, SECOND + 90 * DAY);
        let names = mail.template == MailTemplate::SignupNameLost;
        assert_eq!(link.purpose == SignupPurpose::Names, names, "a code is paid, and names nothing");
        assert!(words.html.contains(&format!("/assinatura/{text}\"")), "{}", words.html);
        let of_another = Mail { recipient: with_link(mail.template, SubjectKind::Staff, DAY).recipient, ..mail };
        assert!(matches!(words::of(tenant(1), &of_another, &links()), Err(words::Wordless::Unlinked)));
    }
    assert!(matches!(words::of(tenant(1), &code("card"), &links()), Err(words::Wordless::Factless)));
}
