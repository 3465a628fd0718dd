//! Whom or what sealed values are about: erasing names a subject, and all keys below it go.

use std::{fmt, str::FromStr};

use uuid::Uuid;

/// The kind of a subject. The numbers and names stand in records and rows that are kept for ever: none ever changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum SubjectKind {
    /// An order: its buyer.
    Order = 1,
    /// A subscriber of the platform.
    Subscriber = 2,
    /// A member of a shop's staff.
    Staff = 3,
    /// An account at a payment gateway.
    Account = 4,
    /// An endpoint that a shop has its webhooks sent to.
    Endpoint = 5,
    /// A charge that another system asked the payments API for.
    Charge = 6,
    /// A subscription that another system asked the payments API for.
    Subscription = 7,
    /// A card that a gateway keeps for another system's later charges: its holder.
    Card = 8,
}

impl SubjectKind {
    /// Every kind.
    pub const ALL: [Self; 8] = [
        Self::Order,
        Self::Subscriber,
        Self::Staff,
        Self::Account,
        Self::Endpoint,
        Self::Charge,
        Self::Subscription,
        Self::Card,
    ];

    /// The name in a subject's text.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Order => "order",
            Self::Subscriber => "subscriber",
            Self::Staff => "staff",
            Self::Account => "account",
            Self::Endpoint => "endpoint",
            Self::Charge => "charge",
            Self::Subscription => "subscription",
            Self::Card => "card",
        }
    }

    /// The number in a subject's bytes.
    pub(super) const fn number(self) -> u8 {
        self as u8
    }

    /// The kind that has this number, if one has.
    pub(super) fn numbered(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.number() == number)
    }
}

/// Whom or what a sealed value is about; its text is `order:018f4d7e-3c1b-7a52-9d0e-5b7f1c2a3d4e`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Subject {
    kind: SubjectKind,
    id: Uuid,
}

impl Subject {
    /// The subject of this kind with this id.
    pub const fn new(kind: SubjectKind, id: Uuid) -> Self {
        Self { kind, id }
    }

    /// The kind.
    pub const fn kind(self) -> SubjectKind {
        self.kind
    }

    /// The id of the entity that the subject is, or stands for.
    pub const fn id(self) -> Uuid {
        self.id
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind.name(), self.id.as_hyphenated())
    }
}

/// The text is no subject.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no subject: expected one such as order:018f4d7e-3c1b-7a52-9d0e-5b7f1c2a3d4e")]
pub struct InvalidSubject(pub String);

impl FromStr for Subject {
    type Err = InvalidSubject;

    /// Reads a subject's text as it is written: another spelling of the same id would be another key of a row.
    fn from_str(text: &str) -> Result<Self, InvalidSubject> {
        let read = || {
            let (name, id) = text.split_once(':')?;
            let kind = SubjectKind::ALL.into_iter().find(|kind| kind.name() == name)?;
            Some(Self::new(kind, Uuid::try_parse(id).ok()?)).filter(|subject| subject.to_string() == text)
        };
        read().ok_or_else(|| InvalidSubject(text.chars().take(64).collect()))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const ID: &str = "018f4d7e-3c1b-7a52-9d0e-5b7f1c2a3d4e";

    #[test]
    fn every_kind_of_subject_is_read_as_it_is_written() {
        for kind in SubjectKind::ALL {
            let subject = Subject::new(kind, ID.parse().unwrap());
            assert_eq!(subject.to_string(), format!("{}:{ID}", kind.name()));
            assert_eq!(subject.to_string().parse(), Ok(subject));
            assert_eq!(SubjectKind::numbered(kind.number()), Some(kind));
        }
        let names: BTreeSet<_> = SubjectKind::ALL.into_iter().map(SubjectKind::name).collect();
        assert_eq!(names.len(), SubjectKind::ALL.len());
        assert_eq!(SubjectKind::numbered(0), None);
    }

    #[test]
    fn what_is_no_subject_is_refused() {
        let upper = format!("order:{}", ID.to_uppercase());
        let (simple, twice) = (format!("order:{}", ID.replace('-', "")), format!("order:order:{ID}"));
        for text in
            ["", "order", "order:", "order:1", "buyer:018f4d7e-3c1b-7a52-9d0e-5b7f1c2a3d4e", &upper, &simple, &twice]
        {
            assert!(text.parse::<Subject>().is_err(), "{text}");
        }
    }
}
