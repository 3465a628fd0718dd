//! What is wrong with a BR Code.

/// A text is no payload for Pix, or none can be made of what was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BrCodeError {
    /// It is longer than any payload.
    #[error("a BR Code has 512 characters at most")]
    TooLong,
    /// It does not end with a checksum of four digits: it was cut, or is something else.
    #[error("the BR Code does not end with a checksum of four digits")]
    NoChecksum,
    /// The checksum is another text's, or is not written in upper case.
    #[error("the checksum is not that of the BR Code")]
    Checksum,
    /// The fields do not fill the text: an id or a length is no two digits, a value is empty or ends behind its template.
    #[error("the fields of the BR Code do not fit together")]
    Fields,
    /// A field stands twice.
    #[error("field {0:02} of the BR Code stands twice")]
    Twice(u8),
    /// It does not begin with the format's version, 01.
    #[error("the BR Code does not begin with format 01")]
    Format,
    /// The point of initiation is neither 11 nor 12.
    #[error("the point of initiation is neither 11 nor 12")]
    Initiation,
    /// The merchant's category is not four digits.
    #[error("the merchant's category is not four digits")]
    Category,
    /// The currency is not the real (986).
    #[error("the currency is not the real (986)")]
    Currency,
    /// The country is not BR.
    #[error("the country is not BR")]
    Country,
    /// No account in it is for Pix.
    #[error("no account in the BR Code is for Pix")]
    NoPix,
    /// It has two accounts for Pix, or one with both a key and an address or with neither.
    #[error("a BR Code has one account for Pix, with either a key or an address")]
    Account,
    /// A key is neither a CPF, a CNPJ, a phone number, an e-mail address nor a random one.
    #[error("a Pix key is a CPF, a CNPJ, a phone number with + and country, an e-mail address or a UUID")]
    Key,
    /// An address is empty, longer than 77 characters, or has a scheme or signs that no address has.
    #[error("an address has 77 ASCII characters at most and no scheme")]
    Location,
    /// An amount is no number of 13 characters with two decimals, or none to be paid.
    #[error("an amount is a number of 13 characters at most, and above zero where it is written")]
    Amount,
    /// The receiver's name is missing, nothing of it can be written, or it is longer than 25 characters.
    #[error("the receiver's name has 1 to 25 characters")]
    Name,
    /// The receiver's city is missing, nothing of it can be written, or it is longer than 15 characters.
    #[error("the receiver's city has 1 to 15 characters")]
    City,
    /// A payment's id is not 1 to 25 letters and digits.
    #[error("a payment's id has 1 to 25 letters and digits")]
    TxId,
}
