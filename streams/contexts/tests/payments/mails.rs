//! Mails that payments asks for, and their end.

use std::sync::Arc;

use feira_contexts::{Decider, payments::Payments};
use feira_schemas::{
    ids::EffectId,
    records::{
        PaymentsEvent,
        admin::{Settings, SettingsChanged, Tenant, TenantChanged, TenantStatus},
        common::Outcome,
        mails::{Mail, MailDone, MailFact, MailOutcome, MailTemplate, MailWanted, ReportMail},
        payments::{
            AccountStatus, AttemptOutcome, EffectKind, PaymentMethod, ReportAttempt, SaveAccount, Standing,
            StandingChanged, StandingStatus, Why,
        },
    },
    row::{Stored, Write},
    rows::{
        mails::{OpenMail, WantedMail},
        payments::{MailRow, OpenMailRow, StandingRow},
    },
    time::DAY,
};

use crate::{
    accounts::save,
    given::{Given, NOW, SHOP, Then, asked, given, gone, nothing, put, said},
    sample::{
        CHARGE, HERE, SECOND, account, account_row, accounts_of, ask, effect_of, names, numbered, open_shop, report,
        report_why, request_charge, sealed, standing,
    },
};

const REPORTED: i64 = NOW + SECOND;

/// An account that was saved a second ago, and whose merchant is told.
fn told() -> Given<Payments> {
    open_shop().when(SaveAccount { notify_email: Some(sealed(9)), ..save(HERE) }).then()
}

fn of_check(report: ReportAttempt) -> ReportAttempt {
    let effect_id = EffectId::from_uuid(asked().command_id.uuid());
    ReportAttempt { effect_id, kind: EffectKind::Check, entity: HERE.to_string(), charge_id: None, ..report }
}

fn refused() -> ReportAttempt {
    of_check(report_why(1, AttemptOutcome::Refused, Why::Account))
}

fn mails_of(then: &Then<Payments>) -> Vec<Mail> {
    let mail = |event: &PaymentsEvent| match event {
        PaymentsEvent::MailWanted(event) => Some(event.mail.clone()),
        _ => None,
    };
    then.all().iter().filter_map(mail).collect()
}

fn mail_of(then: &Then<Payments>) -> Mail {
    let [mail] = mails_of(then).try_into().unwrap_or_else(|mails| panic!("one mail: {mails:?}"));
    mail
}

#[test]
fn the_event_that_breaks_an_account_is_followed_by_a_mail_to_the_address_that_it_names() {
    let then = told().when(refused());
    assert_eq!(names(&then), ["EffectReported", "AccountChanged", "MailWanted"]);
    let mail = mail_of(&then);
    let fact = |name: &str, value: &str| MailFact { name: name.into(), value: value.into() };
    let expected = Mail {
        mail_id: mail.mail_id,
        template: MailTemplate::AccountBroken,
        recipient: sealed(9),
        recipient_name: None,
        reply_to: None,
        shop_name: "Loja".into(),
        facts: vec![fact("account", "Conta"), fact("gateway", "pagarme"), fact("why", "account")],
        wanted_at: REPORTED,
        not_after: REPORTED + 7 * DAY,
    };
    assert_eq!(mail, expected);
    assert_eq!(mail.mail_id.uuid().get_version_num(), 7);
    let wanted = MailWanted { meta: then.meta(2, mail.mail_id, 1), mail };
    assert_eq!(then.all()[2], wanted.into());
}

#[test]
fn an_account_without_an_address_tells_nobody() {
    let then = open_shop().when(save(HERE)).then().when(refused());
    assert_eq!(names(&then), ["EffectReported", "AccountChanged"]);
}

#[test]
fn a_mail_of_a_shop_whose_name_is_not_known_is_from_the_platform() {
    let mut row = standing(StandingStatus::Open);
    row.standing.shop_name = None;
    let then = given(row).when(SaveAccount { notify_email: Some(sealed(9)), ..save(HERE) }).then().when(refused());
    assert_eq!(mail_of(&then).shop_name, "Feira");
}

#[test]
fn an_account_that_is_broken_already_or_mended_is_told_of_no_more() {
    let mut row = account_row(account(HERE, AccountStatus::Retired));
    (row.account.why, row.account.notify_email) = (Some("account".into()), Some(sealed(9)));
    let again = open_shop().and(row).when(save(HERE)).then();
    assert_eq!(mails_of(&again.when(refused())), [], "it was broken before, and is");
    let taken = told().when(of_check(report(1, AttemptOutcome::Done)));
    assert_eq!((accounts_of(&taken)[0].status, mails_of(&taken)), (AccountStatus::Ready, vec![]));
    let broken = told().when(refused()).then();
    let meta = numbered(70);
    let effect_id = EffectId::from_uuid(meta.command_id.uuid());
    let mended = broken.when(SaveAccount { meta, ..save(HERE) });
    assert_eq!(mails_of(&mended), []);
    let taken = mended.then().when(ReportAttempt { effect_id, ..of_check(report(1, AttemptOutcome::Done)) });
    assert_eq!((accounts_of(&taken)[0].status, mails_of(&taken)), (AccountStatus::Ready, vec![]));
}

#[test]
fn a_charge_that_finds_the_key_refused_breaks_the_account_and_says_so() {
    let mut row = account_row(account(HERE, AccountStatus::Ready));
    row.account.notify_email = Some(sealed(9));
    let shop = || open_shop().and(row.clone());
    let granted = shop().when(request_charge(PaymentMethod::Pix)).then().when(ask()).then();
    let then = granted.when(report_why(1, AttemptOutcome::Refused, Why::Account));
    assert_eq!(accounts_of(&then)[0].status, AccountStatus::Broken);
    assert_eq!(mail_of(&then).recipient, sealed(9));
    // A refusal of the charge alone is none of the account.
    let granted = shop().when(request_charge(PaymentMethod::Pix)).then().when(ask()).then();
    let then = granted.when(report_why(1, AttemptOutcome::Refused, Why::Request));
    assert_eq!((mails_of(&then), effect_of(&then).charge_id), (vec![], Some(CHARGE)));
}

#[test]
fn an_address_is_kept_changed_and_forgotten() {
    let saved = |notify_email, forget_notify_email| {
        let command = SaveAccount { meta: numbered(71), key: None, notify_email, forget_notify_email, ..save(HERE) };
        told().when(command)
    };
    let renamed = SaveAccount { meta: numbered(72), name: "Outra".into(), key: None, ..save(HERE) };
    assert_eq!(accounts_of(&told().when(renamed))[0].notify_email, Some(sealed(9)), "left out, it stays");
    assert_eq!(accounts_of(&saved(Some(sealed(8)), false))[0].notify_email, Some(sealed(8)));
    assert_eq!(accounts_of(&saved(None, true))[0].notify_email, None);
}

/// The mail of a broken account, and what is kept of it.
fn wanted() -> (Given<Payments>, Mail) {
    let then = told().when(refused());
    let mail = mail_of(&then);
    (then.then(), mail)
}

fn reported(mail: &Mail, outcome: MailOutcome) -> ReportMail {
    ReportMail { meta: numbered(80), mail_id: mail.mail_id, outcome, why: None }
}

#[test]
fn a_report_closes_a_mail_once_whatever_became_of_it() {
    for outcome in [MailOutcome::Sent, MailOutcome::Refused, MailOutcome::Erased, MailOutcome::Expired] {
        let (given, mail) = wanted();
        let why = (outcome == MailOutcome::Refused).then(|| "550 5.1.1".to_owned());
        let then = given.when(ReportMail { why: why.clone(), ..reported(&mail, outcome) });
        let meta = then.answering(0, mail.mail_id, 2, Outcome::Updated);
        then.events([PaymentsEvent::from(MailDone { meta, mail_id: mail.mail_id, outcome, why })]);
        assert_eq!(then.entity(), Some("mail".into()));
        let again = then.then().when(ReportMail { meta: numbered(81), ..reported(&mail, outcome) });
        assert_eq!(names(&again), ["CommandAnswered"], "{outcome:?}");
    }
}

#[test]
fn a_report_of_a_later_version_or_of_no_mail_closes_nothing() {
    let (given, mail) = wanted();
    assert_eq!(names(&given.when(reported(&mail, MailOutcome::Unknown))), ["CommandAnswered"]);
    assert_eq!(names(&open_shop().when(reported(&mail, MailOutcome::Sent))), ["CommandAnswered"]);
}

#[test]
fn a_mail_is_a_row_by_its_id_and_one_by_partition_until_it_is_done() {
    let (given, mail) = wanted();
    let done = given.when(reported(&mail, MailOutcome::Sent));
    let wanted = told().when(refused());
    let (at, key) = (OpenMail::at(3, mail.mail_id), WantedMail::at(SHOP, mail.mail_id));
    let kept = put(MailRow::from(WantedMail { tenant_id: SHOP, mail: mail.clone() }));
    assert_eq!(wanted.changes().last(), Some(&kept));
    done.rows([gone::<MailRow>(key)]);
    let [Write::Put { row, write_ts, .. }] = &Payments::of_partition(&wanted.all()[2], 3)[..] else { panic!() };
    let open = OpenMailRow::from(OpenMail { partition: 3, mail_id: mail.mail_id, tenant_id: SHOP });
    let found = Arc::clone(row).as_any();
    assert_eq!((found.downcast_ref::<OpenMailRow>(), *write_ts), (Some(&open), REPORTED + 2));
    assert_eq!(row.row_key(), at);
    let [Write::Delete { table, key, .. }] = &Payments::of_partition(&done.all()[0], 3)[..] else { panic!() };
    assert_eq!((table, key), (&OpenMailRow::TABLE, &at));
}

fn settings(version: i64, shop_name: &str) -> SettingsChanged {
    SettingsChanged {
        meta: said("settings", version),
        settings: Settings {
            version,
            shop_name: shop_name.into(),
            tagline: None,
            accent: None,
            logo: None,
            interest_free_installments: None,
            cors_origins: Vec::new(),
            contact: None,
            seller: None,
            policies: None,
            updated_at: NOW - 10,
        },
        logo_changed: false,
        removed_logo: None,
    }
}

fn tenant(version: i64, status: TenantStatus) -> TenantChanged {
    let tenant = Tenant {
        tenant_id: SHOP,
        version,
        status,
        subdomain: "loja".into(),
        created_at: NOW,
        requested_by: None,
        subscription_id: None,
    };
    TenantChanged { meta: said(SHOP, version), tenant }
}

#[test]
fn a_shops_name_is_known_by_its_settings_and_stays_through_its_standing() {
    let requested = nothing::<Payments>().when_said(tenant(1, TenantStatus::Requested));
    let named = requested.then().when_said(settings(1, "Loja"));
    let standing = |status, version, source_version| Standing {
        status,
        version,
        source_version,
        shop_name: Some("Loja".into()),
        settings_version: 1,
    };
    named.events([PaymentsEvent::from(StandingChanged {
        meta: named.meta(0, SHOP, 2),
        standing: standing(StandingStatus::Opening, 2, 1),
    })]);
    let open = named.then().when_said(tenant(2, TenantStatus::Active));
    open.events([PaymentsEvent::from(StandingChanged {
        meta: open.meta(0, SHOP, 3),
        standing: standing(StandingStatus::Open, 3, 2),
    })]);
    // What is known, and what is older, is not said again.
    let known = open.then();
    let mut renamed = known.when_said(settings(3, "Outra"));
    assert_eq!(names(&renamed), ["StandingChanged"]);
    renamed = renamed.then().when_said(settings(2, "Loja"));
    assert_eq!(names(&renamed), Vec::<&str>::new());
    renamed = renamed.then().when_said(settings(4, "Outra"));
    assert_eq!(names(&renamed), Vec::<&str>::new());
    // Settings that come first make a shop that opens.
    let first = nothing::<Payments>().when_said(settings(1, "Loja"));
    let standing = standing(StandingStatus::Opening, 1, 0);
    first.rows([put(StandingRow { tenant_id: SHOP, standing })]);
    assert_eq!(names(&first.then().when_said(tenant(1, TenantStatus::Requested))), Vec::<&str>::new());
}
