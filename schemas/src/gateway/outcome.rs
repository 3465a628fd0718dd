//! Outcomes of a call on a gateway, told apart by what may be done next.

use std::fmt;

use crate::text;

/// The outcome of one call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome<T> {
    /// The gateway did it and answered. A refused payment is an answer, too: a charge that failed.
    Done(T),
    /// The gateway did nothing, and would do nothing if it were asked again like this.
    Refused(Refusal),
    /// Nothing was asked, for sure: it may be asked again.
    NotSent(NotSent),
    /// The gateway may have done it: it is to be looked at before it is asked again.
    Unknown(Unknown),
}

impl<T> Outcome<T> {
    /// The outcome with what `make` makes of the answer.
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> Outcome<U> {
        self.and_then(|answer| Outcome::Done(make(answer)))
    }

    /// The outcome of `next` on the answer; any other outcome stays.
    pub fn and_then<U>(self, next: impl FnOnce(T) -> Outcome<U>) -> Outcome<U> {
        self.done().map_or_else(|other| other, next)
    }

    /// The answer; or else this outcome, for whoever wanted another answer after it.
    pub fn done<U>(self) -> Result<T, Outcome<U>> {
        match self {
            Self::Done(answer) => Ok(answer),
            Self::Refused(refusal) => Err(Outcome::Refused(refusal)),
            Self::NotSent(why) => Err(Outcome::NotSent(why)),
            Self::Unknown(why) => Err(Outcome::Unknown(why)),
        }
    }
}

/// A call that the gateway refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The ground, as far as it decides what comes next.
    pub why: RefusedFor,
    /// The problems that the gateway finds, at least one.
    pub problems: Vec<Problem>,
}

/// The grounds of a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RefusedFor {
    /// The account's keys are not taken (401, 403): the account is broken until somebody mends it.
    Account,
    /// The card's token is not known, ran out or was used: nobody declined, the buyer is asked for the card again.
    CardToken,
    /// The card's bank declined, and nothing was made.
    Declined,
    /// The request breaks the gateway's contract.
    Request,
    /// The gateway's rules forbid it in the state that the thing is in: too late, no balance, bank data missing.
    State,
    /// The gateway knows no such thing.
    NotFound,
    /// The gateway offers no such thing.
    Unsupported,
}

/// One thing that is wrong, in the form in which callers of the payments API get it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The kind, one word in small letters; `gateway` where the gateway's own is none.
    pub kind: String,
    /// The field that it is about, as the gateway names it; `None` where it is about none, or where what stands in the name's place is
    /// not the name of a field, so that it may repeat what a person typed.
    pub parameter_name: Option<String>,
    /// The gateway's own sentence, cut at [`Problem::MESSAGE_CHARS`]. It may repeat what a person typed.
    pub message: String,
}

impl Problem {
    /// Signs of a message: what is longer is no sentence, and an answer must fit into a record.
    pub const MESSAGE_CHARS: usize = 300;
    /// The kind of a problem whose own is no name.
    const NAMELESS: &str = "gateway";
    /// Signs of a kind or a field's name.
    pub const NAME_CHARS: usize = 100;
    /// Digits of a kind or a field's name: of places in lists and of lines of an address. A document, a phone or a postal code has more.
    pub const NAME_DIGITS: usize = 4;
    /// Problems that are kept of one answer.
    pub const AT_MOST: usize = 20;

    /// A problem, its sentence cut to its limit and without signs that nobody sees. Kind and name stand in records in clear, so they are
    /// kept only if they are names.
    pub fn new(kind: &str, parameter_name: Option<&str>, message: &str) -> Self {
        Self {
            kind: if is_name(kind) { kind } else { Self::NAMELESS }.to_owned(),
            parameter_name: parameter_name.filter(|name| is_name(name)).map(str::to_owned),
            message: clean(message, Self::MESSAGE_CHARS),
        }
    }
}

/// Shows kind and field alone: a gateway's sentence may quote what a person typed.
impl fmt::Debug for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Problem")
            .field("kind", &self.kind)
            .field("parameter_name", &self.parameter_name)
            .finish_non_exhaustive()
    }
}

/// True for the name of a field or of a kind, such as `order.payments[0].boleto.due_at`.
fn is_name(text: &str) -> bool {
    let is_of_name = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_.-[]".contains(&byte);
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    (1..=Problem::NAME_CHARS).contains(&text.len()) && text.bytes().all(is_of_name) && digits <= Problem::NAME_DIGITS
}

fn clean(text: &str, signs: usize) -> String {
    text::composed(text.trim()).chars().filter(|sign| !sign.is_control()).take(signs).collect()
}

/// The reasons for which nothing was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NotSent {
    /// Nobody took the connection: name, route, time or certificate.
    NoConnection,
    /// The connection ended before the request was whole, so that nobody can have acted on it.
    Incomplete,
    /// The gateway has too many requests of this account (429).
    TooMany {
        /// Seconds after which it wants to be asked again, if it says so.
        retry_after: Option<u32>,
    },
}

/// The reasons for which it is not known whether it was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unknown {
    /// No whole answer came in time.
    TimedOut,
    /// The connection ended after the request and before the answer was whole.
    Reset,
    /// The gateway failed (5xx), or its answer says neither yes nor no.
    Status(u16),
    /// The gateway says that it was asked under this key before, otherwise or at this very time.
    KeyInUse,
    /// It said yes, in words that can't be read or are too many.
    Unreadable,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f31_what_stands_in_a_names_place_is_kept_only_if_it_is_a_name() {
        for name in
            ["order.customer.email", "order.payments[0].boleto.due_at", "billing_details[address][line1]", "amount"]
        {
            let problem = Problem::new(name, Some(name), "Ana");
            assert_eq!((problem.kind.as_str(), problem.parameter_name.as_deref()), (name, Some(name)));
        }
        let longer = "a".repeat(Problem::NAME_CHARS + 1);
        for typed in
            ["order.email[ana@loja.example]", "order.name[Ana]", "a[52998224725]", "ana souza", "ção", "", &longer]
        {
            let problem = Problem::new(typed, Some(typed), "Ana");
            assert_eq!((problem.kind.as_str(), problem.parameter_name), ("gateway", None), "{typed}");
        }
    }
}
