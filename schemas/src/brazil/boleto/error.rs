//! What is wrong with a boleto.

/// A text is no line or barcode of a boleto, or none can be made of what was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BoletoError {
    /// Something else than digits, points, hyphens and spaces stands in it.
    #[error("a boleto is written with digits, points, hyphens and spaces alone")]
    Sign,
    /// It has so many digits: a line has 47 (of a bank) or 48 (of a bill), a barcode 44.
    #[error("a boleto's line has 47 or 48 digits and its barcode 44, this has {0}")]
    Length(usize),
    /// It begins with 8 and has the length of a bank's, or the other way round.
    #[error("what begins with 8 is a bill of 48 digits, what begins otherwise a bank's boleto of 47")]
    Kind,
    /// The check digit of this field of the line, from 1 on, does not fit.
    #[error("the check digit of field {0} does not fit")]
    FieldDigit(u8),
    /// The check digit over the whole barcode does not fit.
    #[error("the general check digit does not fit")]
    GeneralDigit,
    /// A bank's boleto is not in real (9).
    #[error("the currency of the boleto is not the real (9)")]
    Currency,
    /// The third digit of a bill, which says what its amount and check digits mean, is not 6 to 9.
    #[error("the third digit of a bill is 6 to 9")]
    Identifier,
    /// A bank's number is not three digits, or begins with 8, as bills do.
    #[error("a bank's number has three digits, of which the first is not 8")]
    Bank,
    /// A free field is not 25 digits.
    #[error("a free field has 25 digits")]
    FreeField,
    /// An amount is negative or has more than ten digits of centavos.
    #[error("a boleto's amount is R$ 0,00 to R$ 99.999.999,99")]
    Amount,
    /// A due date has no factor: before 2000-07-03 or after 2049-10-13.
    #[error("a due date lies between 2000-07-03 and 2049-10-13")]
    Due,
}
