//! Errors of a file, and of its rows and cells, that can't be taken as they are.

/// A file that can't be read at all (pt-BR, for the merchant).
#[derive(Debug, thiserror::Error)]
pub enum ShopifyError {
    /// An Excel workbook was sent.
    #[error(
        "Este arquivo é uma planilha do Excel. Salve-a como «CSV UTF-8 (delimitado por vírgulas)» e envie de novo."
    )]
    Spreadsheet,
    /// Neither UTF-8, UTF-16 nor Windows-1252.
    #[error("Este arquivo não é um texto CSV.")]
    NotText,
    /// UTF-8 with broken bytes.
    #[error("O arquivo é UTF-8, mas tem bytes estragados perto da linha {row}. Exporte-o de novo.")]
    Damaged {
        /// The first line with such a byte.
        row: usize,
    },
    /// The file has no text.
    #[error("{}", feira_schemas::refusals::EMPTY_FILE)]
    Empty,
    /// A quoted cell that runs to the end of the file.
    #[error("As aspas abertas na linha {row} nunca se fecham.")]
    OpenQuote {
        /// The row in which the quotation mark opens.
        row: u64,
    },
    /// The file is not a product file of Shopify: columns are missing.
    #[error("O cabeçalho não é o de um arquivo de produtos da Shopify; falta: {names}.")]
    MissingColumns {
        /// The columns, comma-separated.
        names: String,
    },
    /// The CSV reader gave up.
    #[error("O arquivo não pôde ser lido como CSV.")]
    Csv(#[from] csv::Error),
}

/// The error of one cell or row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowError {
    /// The row a spreadsheet shows; the header is 1.
    pub row: u64,
    /// The column's name in Shopify's export; empty when the whole row is meant.
    pub column: &'static str,
    /// pt-BR: what is wrong and what to do.
    pub detail: String,
}

impl std::fmt::Display for RowError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.column {
            "" => write!(f, "linha {}: {}", self.row, self.detail),
            column => write!(f, "linha {}, coluna {column}: {}", self.row, self.detail),
        }
    }
}
