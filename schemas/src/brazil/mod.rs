//! Brazil's numbers and codes: documents, addresses, phones, Pix codes, boletos, bank days. What stands in these types is valid by its
//! own check digits and ranges; whether somebody has the number is not known here.
//!
//! Documents, phones and postal codes are personal data: they have neither `Display` nor `Serialize`, and their `Debug` names
//! the type alone. Whoever needs the text asks for it by `digits`, `formatted` or `masked`.

pub mod bank_days;
pub mod boleto;
pub mod br_code;
mod cep;
mod cnpj;
mod cpf;
mod document;
mod local;
mod phone;
mod state;
mod typed;

pub use cep::{Cep, CepError};
pub use cnpj::{Cnpj, CnpjError};
pub use cpf::{Cpf, CpfError};
pub use document::{Document, DocumentError};
pub use local::{CalendarEnds, local_date, local_date_time, local_minute, local_minute_of, local_time};
pub use phone::{Phone, PhoneError, PhoneKind};
pub use state::{InvalidState, State};
