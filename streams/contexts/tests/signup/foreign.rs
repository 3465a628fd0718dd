//! The events of two contexts, some of which have the same records.

use std::collections::HashMap;

use feira_contexts::{
    Decider, ForeignEvent,
    signup::{Signup, SignupForeign},
};
use feira_schemas::{
    codec::{Codec, CodecError},
    groups::Context,
    ids::CommandId,
    problem::Code,
    records::{AdminEvent, PaymentsEvent, RecordSet, admin::TenantStatus, common::Outcome, record_schemas},
};
use uuid::Uuid;

use crate::{
    sample::{refusal, standing},
    shop::shop,
};

fn codec() -> Codec {
    let schemas = record_schemas().unwrap();
    let ids: HashMap<&'static str, u32> = schemas.keys().copied().zip(1..).collect();
    Codec::new(schemas, &ids).unwrap()
}

#[test]
fn a_record_of_both_sets_is_of_the_context_whose_topic_it_stands_on() {
    let codec = codec();
    let answered = refusal(CommandId::from_uuid(Uuid::from_u128(7)), Outcome::Refused, Some(Code::NoAccount));
    let value = PaymentsEvent::from(answered.clone()).encode(&codec).unwrap();
    for context in <Signup as Decider>::FOREIGN {
        let read = SignupForeign::read(*context, &codec, &value).unwrap();
        assert_eq!(read.source(), &answered.meta);
        match (context, read) {
            (Context::Payments, SignupForeign::Payments(PaymentsEvent::CommandAnswered(event))) => {
                assert_eq!(event, answered);
            }
            (Context::Admin, SignupForeign::Admin(AdminEvent::CommandAnswered(event))) => assert_eq!(event, answered),
            (context, read) => panic!("{context}: {read:?}"),
        }
    }
}

#[test]
fn a_record_of_one_set_is_read_on_its_own_topic_alone() {
    let codec = codec();
    let (of_payments, of_admin) = (standing(), shop(TenantStatus::Active, "cafe"));
    let (payments, admin) = (of_payments.encode(&codec).unwrap(), of_admin.encode(&codec).unwrap());
    let read = |context, value: &[u8]| SignupForeign::read(context, &codec, value);
    assert!(matches!(read(Context::Payments, &payments), Ok(SignupForeign::Payments(event)) if event == of_payments));
    assert!(matches!(read(Context::Admin, &admin), Ok(SignupForeign::Admin(event)) if event == of_admin));
    for (context, value) in [(Context::Admin, &payments), (Context::Payments, &admin), (Context::Store, &payments)] {
        assert!(matches!(read(context, value), Err(CodecError::NotInSet { .. })), "{context}");
    }
}
