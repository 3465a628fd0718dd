//! A buyer's bank account, to which a boleto is given back, sealed as a whole.

use std::fmt;

use zeroize::Zeroizing;

use super::{
    Document, NotPlain, PersonName, Personal,
    personal::{Unfit, plain_text},
};

/// Digits of a branch's number, by Banco Central's registry.
const BRANCH_DIGITS: usize = 4;
/// Digits of an account's number, without its check digit: the longest that banks give.
const ACCOUNT_DIGITS: usize = 13;

/// The parts of a bank account as they are typed.
#[derive(Clone, Copy)]
pub struct BankAccountParts<'a> {
    /// The holder's full name.
    pub holder: &'a str,
    /// The holder's CPF or CNPJ, the charge's own.
    pub document: &'a str,
    /// The bank's three digits (COMPE).
    pub bank: &'a str,
    /// The branch's number, up to four digits, without its check digit.
    pub branch: &'a str,
    /// The branch's check digit, a digit or X; empty where it has none.
    pub branch_check: &'a str,
    /// The account's number, up to 13 digits, without its check digit.
    pub account: &'a str,
    /// The account's check digit, a digit or X.
    pub account_check: &'a str,
    /// True for a savings account, false for a current one.
    pub savings: bool,
}

/// A bank account in Brazil. Its plain bytes are one line for each part, in their order in [`BankAccountParts`], of which the last is
/// `savings` or `current`: further parts can be added at the end.
#[derive(Clone, PartialEq, Eq)]
pub struct BankAccount {
    texts: [Zeroizing<String>; TEXTS],
    savings: bool,
}

/// The number of parts that are texts.
const TEXTS: usize = 7;
const SAVINGS: &str = "savings";
const CURRENT: &str = "current";

impl BankAccount {
    /// The account with these parts; refused with the first that can't be one, and its name.
    pub fn new(parts: BankAccountParts<'_>) -> Result<Self, (&'static str, Unfit)> {
        let holder = PersonName::new(parts.holder).map_err(|unfit| ("holder", unfit))?;
        let document = Document::new(parts.document).map_err(|unfit| ("document", unfit))?;
        let named = |name: &'static str, part: Result<Zeroizing<String>, Unfit>| part.map_err(|unfit| (name, unfit));
        Ok(Self {
            texts: [
                Zeroizing::new(holder.expose().to_owned()),
                Zeroizing::new(document.expose().to_owned()),
                named("bank", digits(parts.bank, 3, 3))?,
                named("branch", digits(parts.branch, 1, BRANCH_DIGITS))?,
                named("branch_check", check(parts.branch_check, true))?,
                named("account", digits(parts.account, 1, ACCOUNT_DIGITS))?,
                named("account_check", check(parts.account_check, false))?,
            ],
            savings: parts.savings,
        })
    }

    /// The parts, for whoever shows them to those who may see them, or hands them on.
    pub fn expose(&self) -> BankAccountParts<'_> {
        let [holder, document, bank, branch, branch_check, account, account_check] = &self.texts;
        BankAccountParts { holder, document, bank, branch, branch_check, account, account_check, savings: self.savings }
    }
}

fn digits(text: &str, least: usize, most: usize) -> Result<Zeroizing<String>, Unfit> {
    match text.trim() {
        "" => Err(Unfit::Empty),
        text if text.len() > most => Err(Unfit::TooLong(most)),
        text if text.len() < least || !text.bytes().all(|byte| byte.is_ascii_digit()) => Err(Unfit::Malformed),
        text => Ok(Zeroizing::new(text.to_owned())),
    }
}

/// A check digit: a digit, or the X that some banks write for ten.
fn check(text: &str, may_lack: bool) -> Result<Zeroizing<String>, Unfit> {
    match text.trim() {
        "" if may_lack => Ok(Zeroizing::default()),
        "" => Err(Unfit::Empty),
        "x" | "X" => Ok(Zeroizing::new("X".to_owned())),
        text => digits(text, 1, 1),
    }
}

impl Personal for BankAccount {
    const FIELD: &'static str = "bank_account";

    fn to_plain(&self) -> Zeroizing<Vec<u8>> {
        let kind = if self.savings { SAVINGS } else { CURRENT };
        let room = self.texts.iter().map(|part| part.len() + 1).sum::<usize>() + kind.len();
        let mut plain = Zeroizing::new(Vec::with_capacity(room));
        for part in &self.texts {
            plain.extend_from_slice(part.as_bytes());
            plain.push(b'\n');
        }
        plain.extend_from_slice(kind.as_bytes());
        plain
    }

    fn from_plain(plain: &[u8]) -> Result<Self, NotPlain> {
        let text = plain_text(plain).ok_or(NotPlain(Self::FIELD))?;
        let mut lines = text.split('\n');
        let mut texts: [Zeroizing<String>; TEXTS] = Default::default();
        for part in &mut texts {
            *part = Zeroizing::new(lines.next().ok_or(NotPlain(Self::FIELD))?.to_owned());
        }
        let savings = match lines.next() {
            Some(SAVINGS) => true,
            Some(CURRENT) => false,
            _ => return Err(NotPlain(Self::FIELD)),
        };
        Ok(Self { texts, savings })
    }
}

impl fmt::Debug for BankAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BankAccount(hidden)")
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const TYPED: BankAccountParts<'_> = BankAccountParts {
        holder: " Ana Lúcia de Souza",
        document: "529.982.247-25",
        bank: "001",
        branch: "1234",
        branch_check: "x",
        account: "56789",
        account_check: "0",
        savings: false,
    };

    #[test]
    fn an_account_comes_back_part_by_part_and_is_never_printed() {
        for savings in [false, true] {
            let account = BankAccount::new(BankAccountParts { savings, ..TYPED }).unwrap();
            let plain = account.to_plain();
            let kind = if savings { "savings" } else { "current" };
            let expected = format!("Ana Lúcia de Souza\n52998224725\n001\n1234\nX\n56789\n0\n{kind}");
            assert_eq!(plain.as_slice(), expected.as_bytes());
            assert_eq!(BankAccount::from_plain(&plain).unwrap(), account);
            let later = [plain.as_slice(), b"\nmore"].concat();
            assert_eq!(BankAccount::from_plain(&later).unwrap(), account, "a part that a newer program has added");
            for wrong in [&plain[..12], &plain[..plain.len() - 3], &[0xff]] {
                assert_eq!(BankAccount::from_plain(wrong), Err(NotPlain("bank_account")));
            }
            assert_eq!(format!("{account:?}"), "BankAccount(hidden)");
        }
    }

    #[test]
    fn a_part_that_can_not_be_one_is_named() {
        let refused = |parts| BankAccount::new(parts).unwrap_err();
        assert_eq!(refused(BankAccountParts { holder: "", ..TYPED }), ("holder", Unfit::Empty));
        assert_eq!(refused(BankAccountParts { document: "1", ..TYPED }), ("document", Unfit::Malformed));
        assert_eq!(refused(BankAccountParts { bank: "1", ..TYPED }), ("bank", Unfit::Malformed));
        assert_eq!(refused(BankAccountParts { branch: "12345", ..TYPED }), ("branch", Unfit::TooLong(4)));
        assert_eq!(refused(BankAccountParts { branch_check: "xx", ..TYPED }), ("branch_check", Unfit::TooLong(1)));
        assert_eq!(refused(BankAccountParts { account: "12a", ..TYPED }), ("account", Unfit::Malformed));
        assert_eq!(refused(BankAccountParts { account_check: "", ..TYPED }), ("account_check", Unfit::Empty));
        assert!(BankAccount::new(BankAccountParts { branch_check: "", ..TYPED }).is_ok());
    }
}
