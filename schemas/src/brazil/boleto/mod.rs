//! Boletos: the line that people type, and the barcode of 44 digits that it stands for.
//!
//! Source: Carta-Circular BCB 2.926/2000 and FEBRABAN's layouts of the bank's slip (Especificações Técnicas do Boleto de
//! Cobrança) and of bills (Layout Padrão de Arrecadação/Recebimento com Código de Barras).

mod bank;
mod bill;
mod check;
mod due;
mod error;
mod factor;
mod line;

pub use bank::{BankBarcode, BankSlip};
pub use bill::BillBarcode;
pub use due::BoletoDue;
pub use error::BoletoError;
pub use factor::DueFactor;
pub use line::{Barcode, BoletoLine};
