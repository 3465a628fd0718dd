//! A shop's accent colour and the shades that are derived from it so that text always stays readable.

/// The contrast that WCAG 2.2 (1.4.3) asks of ordinary text.
pub const READABLE: f64 = 4.5;

/// The accent of a shop that chose none: a deep market green.
const DEFAULT_ACCENT: Rgb = Rgb { red: 0x0f, green: 0x6b, blue: 0x57 };

const WHITE: Rgb = Rgb { red: 255, green: 255, blue: 255 };
const BLACK: Rgb = Rgb { red: 0, green: 0, blue: 0 };

/// A colour in sRGB, one byte per channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rgb {
    red: u8,
    green: u8,
    blue: u8,
}

/// The look a shop chose. Every other colour follows from the accent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Theme {
    accent: Rgb,
}

impl Default for Theme {
    fn default() -> Self {
        Theme { accent: DEFAULT_ACCENT }
    }
}

impl Theme {
    /// A theme from `#rrggbb` (the `#` may be missing); `None` when the text is no such colour.
    pub fn from_hex(hex: &str) -> Option<Theme> {
        let digits = hex.strip_prefix('#').unwrap_or(hex);
        if digits.len() != 6 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let value = u32::from_str_radix(digits, 16).ok()?;
        let [_, red, green, blue] = value.to_be_bytes();
        Some(Theme { accent: Rgb { red, green, blue } })
    }

    /// The accent as `#rrggbb`, for `theme-color` and for drawings.
    pub fn accent(&self) -> String {
        self.accent.css()
    }

    /// White or black, whichever is readable on the accent; one of the two always is.
    pub fn on_accent(&self) -> String {
        self.readable_on_accent().css()
    }

    /// A tint of the accent under large drawings and letters.
    pub fn ground(&self) -> String {
        self.soft().css()
    }

    /// The accent as text that is readable on [`Self::ground`].
    pub fn ink(&self) -> String {
        self.ink_on(self.soft()).css()
    }

    /// Six lower-case hexadecimal digits without `#`: how assets carry the accent in their names.
    pub fn digits(&self) -> String {
        format!("{:02x}{:02x}{:02x}", self.accent.red, self.accent.green, self.accent.blue)
    }

    /// The custom properties that the stylesheet reads.
    pub fn css_rule(&self) -> String {
        let soft = self.soft();
        format!(
            ":root{{--accent:{};--on-accent:{};--accent-ink:{};--accent-soft:{};--accent-line:{}}}\n",
            self.accent.css(),
            self.readable_on_accent().css(),
            self.ink_on(soft).css(),
            soft.css(),
            self.ink_on(soft).mix(WHITE, 0.68).css(),
        )
    }

    /// The contrast of white letters on the accent, 1 to 21; see [`READABLE`].
    pub fn white_on_accent(&self) -> f64 {
        contrast(self.accent, WHITE)
    }

    /// The contrast of letters in the accent itself on [`Self::ground`], 1 to 21.
    pub fn accent_on_ground(&self) -> f64 {
        contrast(self.accent, self.soft())
    }

    fn readable_on_accent(&self) -> Rgb {
        if contrast(self.accent, WHITE) >= READABLE { WHITE } else { BLACK }
    }

    /// A tint light enough to lie under whole paragraphs.
    fn soft(&self) -> Rgb {
        self.accent.mix(WHITE, 0.91)
    }

    /// The accent, darkened until it can be read as text on `ground`, the darkest surface that links stand on.
    fn ink_on(&self, ground: Rgb) -> Rgb {
        (0..=20)
            .map(|step| self.accent.mix(BLACK, f64::from(step) * 0.05))
            .find(|ink| contrast(*ink, ground) >= READABLE)
            .unwrap_or(BLACK)
    }
}

impl Rgb {
    fn css(self) -> String {
        format!("#{:02x}{:02x}{:02x}", self.red, self.green, self.blue)
    }

    /// Mixes `part` (0 to 1) of `other` into this colour.
    fn mix(self, other: Rgb, part: f64) -> Rgb {
        let channel = |own: u8, foreign: u8| (f64::from(own) * (1.0 - part) + f64::from(foreign) * part).round() as u8;
        Rgb {
            red: channel(self.red, other.red),
            green: channel(self.green, other.green),
            blue: channel(self.blue, other.blue),
        }
    }

    /// Relative luminance after WCAG 2.2, 0 for black and 1 for white.
    fn luminance(self) -> f64 {
        let linear = |channel: u8| {
            let share = f64::from(channel) / 255.0;
            if share <= 0.040_45 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(self.red) + 0.7152 * linear(self.green) + 0.0722 * linear(self.blue)
    }
}

/// Contrast ratio after WCAG 2.2, 1 to 21.
fn contrast(one: Rgb, other: Rgb) -> f64 {
    let (one, other) = (one.luminance(), other.luminance());
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn text_is_readable_whatever_the_accent() {
        for hex in ["#ffffff", "#000000", "#ffe600", "#808080", "#767676", "#e11d48", "#7dd3fc", "#0f6b57", "#ff00ff"] {
            let theme = Theme::from_hex(hex).unwrap();
            assert!(contrast(theme.accent, theme.readable_on_accent()) >= READABLE, "label on {hex}");
            assert!(contrast(theme.ink_on(theme.soft()), theme.soft()) >= READABLE, "link on the tint of {hex}");
            assert!(contrast(theme.ink_on(theme.soft()), WHITE) >= READABLE, "link on white for {hex}");
        }
    }

    #[test]
    fn only_six_hexadecimal_digits_are_a_colour() {
        assert_eq!(Theme::from_hex("#0F766E").unwrap().accent(), "#0f766e");
        assert_eq!(Theme::from_hex("0f766e").unwrap().digits(), "0f766e");
        for wrong in ["", "#fff", "#gg0000", "#0f766e1", "red", "+0f766", "#çç"] {
            assert_eq!(Theme::from_hex(wrong), None, "{wrong}");
        }
    }
}
