//! The pictures that answers name: a Pix code as a QR code, a boleto's digits as bars.

use std::fmt::Write;

use feira_schemas::brazil::boleto::BoletoLine;
use qrcode::{EcLevel, QrCode, render::svg};

/// Draws a text as a QR code.
pub(super) fn qr_code(text: &str) -> Option<String> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    Some(code.render::<svg::Color>().min_dimensions(256, 256).build())
}

/// Units of a narrow and a wide bar, the quiet zone beside them, and their height.
const NARROW: u32 = 1;
const WIDE: u32 = 3;
const QUIET: u32 = 10;
const HEIGHT: u32 = 50;

/// Draws the 44 digits behind a boleto's line in interleaved 2 of 5 (ISO/IEC 16390).
pub(super) fn barcode(line: &str) -> Option<String> {
    /// Which of a digit's five elements are wide.
    const DIGITS: [[bool; 5]; 10] = {
        const N: bool = false;
        const W: bool = true;
        [
            [N, N, W, W, N],
            [W, N, N, N, W],
            [N, W, N, N, W],
            [W, W, N, N, N],
            [N, N, W, N, W],
            [W, N, W, N, N],
            [N, W, W, N, N],
            [N, N, N, W, W],
            [W, N, N, W, N],
            [N, W, N, W, N],
        ]
    };
    let line = BoletoLine::parse(line).ok()?;
    let digits: Vec<usize> = line.barcode().digits().bytes().map(|digit| usize::from(digit - b'0')).collect();
    // Bars and gaps take turns; of each pair of digits the first one is in the bars, the second in the gaps.
    let mut elements = vec![NARROW; 4];
    for pair in digits.chunks_exact(2) {
        for (bar, gap) in DIGITS[pair[0]].into_iter().zip(DIGITS[pair[1]]) {
            elements.extend([bar, gap].map(|wide| if wide { WIDE } else { NARROW }));
        }
    }
    elements.extend([WIDE, NARROW, NARROW]);
    let mut bars = String::new();
    let mut at = QUIET;
    for (place, width) in elements.into_iter().enumerate() {
        if place % 2 == 0 {
            write!(bars, r#"<rect x="{at}" width="{width}" height="{HEIGHT}"/>"#).ok()?;
        }
        at += width;
    }
    let width = at + QUIET;
    Some(format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {HEIGHT}" width="{}" height="{}"><rect width="{width}" height="{HEIGHT}" fill="#fff"/>{bars}</svg>"##,
        width * 2,
        HEIGHT * 2,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_boleto_has_as_many_bars_as_its_digits_take() {
        let svg = barcode("34191.75462 24615.781234 41234.510000 3 83840000003090").unwrap();
        // The white ground, two bars of the start, five for each of 22 pairs, two of the end.
        assert_eq!(svg.matches("<rect").count(), 1 + 2 + 5 * 22 + 2);
        assert_eq!(barcode("1"), None);
    }
}
