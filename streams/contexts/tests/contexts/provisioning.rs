//! A subscription that is paid becomes a shop: all of it in one decision, once, however often sign-up says it.

use feira_contexts::admin::Admin;
use feira_schemas::{
    ids::{AccountId, KeyId, SignupPlanId, StaffId, SubscriptionId, TenantId},
    money::Money,
    records::{
        AdminEvent, DirectoryCommand, EventSet, RecordSet,
        admin::{
            AnswerNameClaim, Settings, ShopNameStatus, StaffMember, StaffStatus, Standing, StandingChanged, Tenant,
            TenantStatus,
        },
        common::EventMeta,
        directory::NameAsker,
        mails::{Mail, MailTemplate},
        payments::{AccountKind, Buyer, LentAccount, PaymentMethod},
        signup::{
            Owner, Payment, PaymentStatus, PlanLimits, Subscription, SubscriptionChanged, SubscriptionStatus, Terms,
        },
    },
    rows::{
        admin::{MailRow, StaffEmailRow, StaffMailRow, StaffRow, StandingRow, TenantRow},
        mails::WantedMail,
    },
    sealed::{Envelope, NONCE, Personal, Sealed, Subject, SubjectKind},
    staff::{INVITED_FOR, role},
};
use uuid::Uuid;

use crate::{
    given::{Change, Given, NOW, SHOP, Then, asked, nothing, put, said},
    sample::{EARLIER, settings, settings_row, shop},
    staff::{id, sealed, term},
};

const SUBSCRIPTION: SubscriptionId = SubscriptionId::from_uuid(Uuid::from_u128(0x50));

fn of_subscriber<T: Personal>() -> Sealed<T> {
    let subject = Subject::new(SubjectKind::Subscriber, SUBSCRIPTION.uuid());
    let key = KeyId::from_uuid(Uuid::from_u128(1));
    Sealed::of(Envelope::new(subject, T::FIELD, key, [1; NONCE], vec![1; 40]).unwrap()).unwrap()
}

fn terms() -> Terms {
    let account = LentAccount {
        owner: TenantId::PLATFORM,
        account_id: AccountId::from_uuid(Uuid::from_u128(0x52)),
        name: "Plataforma".into(),
        gateway: "pagarme".into(),
        kind: AccountKind::WholeService,
        public_key: "pk_1".into(),
        simulated: false,
    };
    Terms {
        plan_id: SignupPlanId::from_uuid(Uuid::from_u128(0x51)),
        plan_name: "Essencial".into(),
        price: Money::brl(4_990),
        months: 1,
        limits: PlanLimits { products: Some(100), staff: Some(2) },
        methods: vec![PaymentMethod::Pix],
        account,
        remote: None,
    }
}

fn payment() -> Payment {
    Payment {
        attempt: 1,
        method: PaymentMethod::Pix,
        status: PaymentStatus::Paid,
        charge_id: None,
        remote_id: None,
        command_id: None,
        card_token: None,
        token_until: None,
        due: None,
        pix_until: None,
        boleto: None,
        pix: None,
        why: None,
        reasons: Vec::new(),
    }
}

/// The owner whose address is that of the member of this number, under the id of the first.
fn owner(number: u8) -> Owner {
    Owner { staff_id: id(1), email: sealed(number), email_term: term(number.into()), name: sealed(number) }
}

/// The subscription in this version and state.
fn subscription(version: i64, status: SubscriptionStatus) -> Subscription {
    Subscription {
        subscription_id: SUBSCRIPTION,
        version,
        status,
        visitor: "hash".into(),
        terms: terms(),
        subscriber: Buyer {
            name: of_subscriber(),
            email: of_subscriber(),
            document: of_subscriber(),
            phone: None,
            address: of_subscriber(),
        },
        owner: owner(1),
        subdomain: "moda".into(),
        shop_name: "Moda da Ana".into(),
        owner_sealed_at: EARLIER,
        named_version: 1,
        accepted: "2026-11".into(),
        accepted_at: EARLIER,
        held_until: NOW,
        payment: payment(),
        period: None,
        invoice_id: None,
        asked: None,
        ends: None,
        late_since: None,
        tries: Vec::new(),
        ending: Vec::new(),
        cancelling: Vec::new(),
        giving_back: Vec::new(),
        shop_version: 0,
        created_at: EARLIER,
        changed_at: EARLIER,
    }
}

fn paid(version: i64) -> Subscription {
    subscription(version, SubscriptionStatus::Paid)
}

/// The subscription that was paid, lost its name in version 4, and was named anew in the next.
fn renamed(subdomain: &str) -> Subscription {
    Subscription { subdomain: subdomain.into(), named_version: 5, ..paid(6) }
}

/// Sign-up says that a subscription is now this.
fn says(subscription: Subscription) -> SubscriptionChanged {
    SubscriptionChanged { meta: said(subscription.subscription_id, subscription.version), subscription }
}

/// The shop that was opened of the subscription.
fn opened() -> Then<Admin> {
    nothing::<Admin>().when_said(says(paid(3)))
}

/// The same shop, whose name the directory has given to another.
fn lost() -> Given<Admin> {
    let answer = AnswerNameClaim { meta: asked(), name: "moda".into(), held: false, confirmed: false };
    let refused = opened().then().when(answer);
    let AdminEvent::TenantChanged(event) = &refused.all()[0] else { panic!("{refused:?}") };
    assert_eq!(event.tenant.status, TenantStatus::Refused);
    refused.then()
}

fn names(then: &Then<Admin>) -> Vec<&'static str> {
    then.all().iter().map(RecordSet::record_name).collect()
}

fn tenant(version: i64, subdomain: &str) -> Tenant {
    Tenant {
        tenant_id: SHOP,
        version,
        status: TenantStatus::Active,
        subdomain: subdomain.into(),
        created_at: NOW,
        requested_by: None,
        subscription_id: Some(SUBSCRIPTION),
    }
}

fn standing() -> Standing {
    let Terms { plan_id, plan_name, limits, .. } = terms();
    let (subscription_id, changed_at) = (SUBSCRIPTION, NOW);
    Standing { version: 1, subscription_id, source_version: 3, plan_id, plan_name, limits, changed_at }
}

#[track_caller]
fn mail(then: &Then<Admin>) -> &Mail {
    let mail = then.all().iter().find_map(|event| match event {
        AdminEvent::MailWanted(event) => Some(&event.mail),
        _ => None,
    });
    mail.unwrap()
}

#[track_caller]
fn staff(then: &Then<Admin>) -> &StaffMember {
    let staff = then.all().iter().find_map(|event| match event {
        AdminEvent::StaffChanged(event) => Some(&event.staff),
        _ => None,
    });
    staff.unwrap()
}

/// Checks that the directory is asked for this name alone, which is to be the shop's for good.
#[track_caller]
fn confirms(then: &Then<Admin>, expected: &str) {
    let [command] = then.commands() else { panic!("{then:?}") };
    let sent: Option<&DirectoryCommand> = command.command();
    let Some(DirectoryCommand::ConfirmName(confirm)) = sent else { panic!("{command:?}") };
    assert_eq!((command.key.as_str(), confirm.meta.tenant_id), (expected, SHOP));
    assert_eq!((confirm.name.as_str(), confirm.asker), (expected, NameAsker::Admin));
    let Some(AdminEvent::ShopNameChanged(event)) = then.all().last() else { panic!("{then:?}") };
    assert_eq!((event.name.name.as_str(), event.name.status), (expected, ShopNameStatus::Held));
    assert!(event.name.asked.is_some() && then.timers().len() == 1, "it is asked again until it is answered");
}

#[test]
fn s33_s36_a_subscription_that_is_paid_becomes_a_shop_in_one_decision() {
    let then = opened();
    assert_eq!(
        names(&then),
        [
            "feira.admin.TenantChanged",
            "feira.admin.SettingsChanged",
            "feira.admin.StandingChanged",
            "feira.admin.StaffChanged",
            "feira.common.MailWanted",
            "feira.common.TimerSet",
            "feira.admin.ShopNameChanged",
        ]
    );
    assert!(then.all().iter().all(|event| event.meta().answers.is_none()), "nobody has asked");
    let owner = staff(&then).clone();
    let email = StaffEmailRow { tenant_id: SHOP, email_term: term(1), staff_id: id(1) };
    let mail = mail(&then).clone();
    let counted = StaffMailRow { tenant_id: SHOP, staff_id: id(1), wanted_at: NOW, mail_id: mail.mail_id };
    let named = Settings { version: 1, shop_name: "Moda da Ana".into(), updated_at: NOW, ..settings() };
    let Some(name @ Change::Put("shop_name", _)) = then.changes().last().cloned() else { panic!("{then:?}") };
    then.rows([
        put(TenantRow { tenant: tenant(1, "moda") }),
        put(settings_row(named)),
        put(StandingRow { tenant_id: SHOP, standing: standing() }),
        put(StaffRow { tenant_id: SHOP, staff: owner }),
        put(email),
        put(MailRow::from(WantedMail { tenant_id: SHOP, mail })),
        put(counted),
        name,
    ]);
    confirms(&then, "moda");
}

#[test]
fn s34_the_first_administrator_is_who_subscribed_and_gets_a_link_by_mail() {
    let then = opened();
    let Owner { staff_id, email, email_term, name } = owner(1);
    let expected = StaffMember {
        staff_id,
        version: 1,
        email: email.clone(),
        email_term,
        name: name.clone(),
        password: None,
        roles: vec![role::ADMINISTRATOR.to_owned()],
        groups: Vec::new(),
        permissions: Vec::new(),
        status: StaffStatus::Invited,
        link_version: 0,
        sessions_not_before: 0,
        created_at: NOW,
        changed_at: NOW,
    };
    assert_eq!(*staff(&then), expected);
    let mail = mail(&then);
    assert_eq!((mail.template, mail.shop_name.as_str()), (MailTemplate::ShopOpened, "Moda da Ana"));
    assert_eq!((&mail.recipient, &mail.recipient_name), (&email, &Some(name)));
    let facts: Vec<(&str, &str)> = mail.facts.iter().map(|fact| (fact.name.as_str(), fact.value.as_str())).collect();
    let until = (NOW + INVITED_FOR).to_string();
    let expected = [("link_version", "0"), ("until", until.as_str()), ("subdomain", "moda"), ("plan", "Essencial")];
    assert_eq!(facts, expected);
    assert_eq!(mail.not_after, NOW + INVITED_FOR / 2, "a link that arrives has half of its time before it");
}

#[test]
fn s36_what_comes_again_changes_nothing() {
    let again = opened().then().when_said(says(paid(3)));
    again.nothing();
    again.then().when_said(says(paid(4))).nothing();
    let answer = AnswerNameClaim { meta: asked(), name: "moda".into(), held: true, confirmed: true };
    let confirmed = opened().then().when(answer);
    confirmed.then().when_said(says(paid(5))).nothing();
    let suspended = TenantRow { tenant: Tenant { status: TenantStatus::Suspended, ..tenant(2, "moda") } };
    opened().then().and(suspended).when_said(says(paid(6))).nothing();
}

#[test]
fn s33_a_shop_whose_name_went_to_another_is_opened_by_its_next_name() {
    let then = lost().when_said(says(renamed("moda-2")));
    let expected = [
        "feira.admin.TenantChanged",
        "feira.admin.StandingChanged",
        "feira.common.MailWanted",
        "feira.common.TimerSet",
        "feira.admin.ShopNameChanged",
    ];
    assert_eq!(names(&then), expected, "what it has already stays");
    let AdminEvent::TenantChanged(event) = &then.all()[0] else { panic!("{then:?}") };
    assert_eq!(event.tenant, tenant(3, "moda-2"));
    assert_eq!(mail(&then).fact("subdomain"), "moda-2");
    confirms(&then, "moda-2");
}

#[test]
fn s33_what_was_said_of_the_name_that_was_lost_does_not_open_the_shop_again() {
    // Sign-up had asked again before it heard of the refusal.
    lost().when_said(says(paid(4))).nothing();
    // The same name, asked for once more, is another matter.
    let again = lost().when_said(says(renamed("moda")));
    confirms(&again, "moda");
    let answer = AnswerNameClaim { meta: asked(), name: "moda".into(), held: false, confirmed: false };
    let lost_again = || lost().when_said(says(renamed("moda"))).then().when(answer.clone()).then();
    lost_again().when_said(says(Subscription { version: 7, ..renamed("moda") })).nothing();
    let third = Subscription { named_version: 9, version: 10, ..renamed("moda-2") };
    confirms(&lost_again().when_said(says(third)), "moda-2");
}

#[test]
fn s33_a_shop_that_is_open_keeps_its_name_whatever_sign_up_names_it_meanwhile() {
    opened().then().when_said(says(renamed("moda-2"))).nothing();
}

#[test]
fn an_address_that_a_member_has_left_is_nobodys() {
    let other = Subscription { owner: owner(2), ..renamed("moda-2") };
    let answer = AnswerNameClaim { meta: asked(), name: "moda-2".into(), held: false, confirmed: false };
    let lost = lost().when_said(says(other)).then().when(answer).then();
    let third = Subscription { version: 10, named_version: 9, ..renamed("moda-3") };
    let then = lost.when_said(says(third));
    let staff = staff(&then);
    assert_eq!((staff.version, &staff.email_term), (3, &term(1)), "the owner of the first form comes back");
}

#[test]
fn a_shop_that_is_opened_by_its_next_name_takes_over_its_other_name_and_another_address() {
    let next = Subscription { shop_name: "Moda 2".into(), owner: owner(2), ..renamed("moda-2") };
    let then = lost().when_said(says(next));
    let Some(AdminEvent::SettingsChanged(event)) = then.all().get(1) else { panic!("{then:?}") };
    assert_eq!((event.settings.version, event.settings.shop_name.as_str()), (2, "Moda 2"));
    let staff = staff(&then);
    assert_eq!((staff.staff_id, staff.version, staff.status), (id(1), 2, StaffStatus::Invited));
    assert_eq!((staff.email_term.as_str(), staff.link_version), (term(2).as_str(), 1));
    assert_eq!(mail(&then).fact("link_version"), "1", "links to the address of before are good no more");
    confirms(&then, "moda-2");

    let other = Owner { staff_id: StaffId::from_uuid(Uuid::from_u128(0x99)), ..owner(2) };
    let then = lost().when_said(says(Subscription { owner: other, ..renamed("moda-2") }));
    assert_eq!(self::staff(&then).version, 1, "somebody else is another member");
}

#[test]
fn what_is_not_paid_makes_no_shop() {
    for status in [
        SubscriptionStatus::Naming,
        SubscriptionStatus::NameTaken,
        SubscriptionStatus::Paying,
        SubscriptionStatus::Refused,
        SubscriptionStatus::Expired,
        SubscriptionStatus::NameLost,
        SubscriptionStatus::Securing,
        SubscriptionStatus::Active,
        SubscriptionStatus::Unknown,
    ] {
        let changed = Subscription { subdomain: "admin".into(), ..subscription(3, status) };
        nothing::<Admin>().when_said(says(changed)).nothing();
    }
}

/// Checks that nothing came of it, and that it is set aside for a reason that begins so.
#[track_caller]
fn is_set_aside(then: &Then<Admin>, why: &str) {
    assert!(then.set_aside().is_some_and(|said| said.starts_with(why)), "{:?}", then.set_aside());
    then.events([]);
    assert!(then.commands().is_empty(), "{then:?}");
}

#[test]
fn s37_a_subscription_of_which_no_shop_can_be_made_is_set_aside_with_its_reason() {
    for name in ["Moda", "a.b", ""] {
        let then = nothing::<Admin>().when_said(says(Subscription { subdomain: name.into(), ..paid(3) }));
        is_set_aside(&then, "invalid: ");
    }
    // One that was reserved since it was paid for is held by the directory.
    let reserved = nothing::<Admin>().when_said(says(Subscription { subdomain: "admin".into(), ..paid(3) }));
    confirms(&reserved, "admin");
    let changed = says(paid(3));
    let meta = EventMeta { tenant_id: TenantId::PLATFORM, ..changed.meta.clone() };
    is_set_aside(&nothing::<Admin>().when_said(SubscriptionChanged { meta, ..changed }), "invalid: A plataforma");
    // An operator's shop, or another subscription's, is not this one's.
    is_set_aside(&shop().when_said(says(paid(3))), "invalid: A loja desta assinatura já existe");
    let of_another = SubscriptionId::from_uuid(Uuid::from_u128(0x99));
    let then = opened().then().when_said(says(Subscription { subscription_id: of_another, ..paid(9) }));
    is_set_aside(&then, "invalid: ");
}

/// The standing that the only event says.
#[track_caller]
fn stands(then: &Then<Admin>) -> &Standing {
    let AdminEvent::StandingChanged(StandingChanged { standing, .. }) = then.event() else { panic!("{then:?}") };
    standing
}

#[test]
fn a_shop_stands_by_the_newest_plan_of_its_subscription() {
    let wider = |version| Subscription {
        terms: Terms { limits: PlanLimits { products: None, staff: Some(5) }, ..terms() },
        ..subscription(version, SubscriptionStatus::Active)
    };
    let then = opened().then().when_said(says(wider(9)));
    let (standing, limits) = (stands(&then).clone(), PlanLimits { products: None, staff: Some(5) });
    assert_eq!((standing.version, standing.source_version, standing.limits), (2, 9, limits));
    then.rows([put(StandingRow { tenant_id: SHOP, standing })]);
    for older in [2, 3] {
        opened().then().when_said(says(wider(older))).nothing();
    }
    then.then().when_said(says(wider(10))).nothing();
    let of_another = Subscription { subscription_id: SubscriptionId::from_uuid(Uuid::from_u128(0x99)), ..wider(9) };
    opened().then().when_said(says(of_another)).nothing();
}

#[test]
fn a_plan_that_comes_later_to_a_shop_of_an_operator_is_followed() {
    let active = subscription(3, SubscriptionStatus::Active);
    let then = shop().when_said(says(active));
    assert_eq!(*stands(&then), standing());
}
