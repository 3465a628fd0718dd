//! Colours as the drawings use them: mixing, shading, and the names a merchant gives to colours.

/// One sRGB colour. Mixing is done on the stored bytes: for soft tints of a drawing nobody sees the difference to linear light.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rgb(pub u8, pub u8, pub u8);

/// White, the colour that tints mix towards.
pub const WHITE: Rgb = Rgb(255, 255, 255);
/// A warm near-black: shadows mixed towards it look like shadows, towards pure black they look like dirt.
pub const INK: Rgb = Rgb(38, 30, 36);

impl Rgb {
    /// A colour from `0xRRGGBB`.
    pub const fn hex(value: u32) -> Rgb {
        Rgb((value >> 16) as u8, (value >> 8) as u8, value as u8)
    }

    /// Mixes `share` (0 to 1) of `other` into this colour.
    pub fn mix(self, other: Rgb, share: f32) -> Rgb {
        let blend =
            |a: u8, b: u8| (f32::from(a) + (f32::from(b) - f32::from(a)) * share).round().clamp(0.0, 255.0) as u8;
        Rgb(blend(self.0, other.0), blend(self.1, other.1), blend(self.2, other.2))
    }

    /// Mixed towards white by `share`.
    pub fn tint(self, share: f32) -> Rgb {
        self.mix(WHITE, share)
    }

    /// Mixed towards the warm near-black by `share`.
    pub fn shade(self, share: f32) -> Rgb {
        self.mix(INK, share)
    }

    /// The brightness that the eye finds, 0 (black) to 1 (white), by the Rec. 709 weights.
    pub fn luma(self) -> f32 {
        (0.2126 * f32::from(self.0) + 0.7152 * f32::from(self.1) + 0.0722 * f32::from(self.2)) / 255.0
    }

    /// Distance to `other`, 0 to about 1.7: enough to tell a product from the wall behind it.
    pub fn distance(self, other: Rgb) -> f32 {
        let d = |a: u8, b: u8| (f32::from(a) - f32::from(b)) / 255.0;
        (d(self.0, other.0).powi(2) + d(self.1, other.1).powi(2) + d(self.2, other.2).powi(2)).sqrt()
    }

    /// A mark that stays visible on this colour: dark on light, light on dark.
    pub fn contrast(self) -> Rgb {
        if self.luma() > 0.5 { self.shade(0.62) } else { self.tint(0.72) }
    }
}

impl std::fmt::Display for Rgb {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }
}

const NAMED: &[(&str, u32)] = &[
    ("Abacate", 0x8a9a4b),
    ("Âmbar", 0xc9822e),
    ("Areia", 0xd9c7a7),
    ("Argila", 0xb5694a),
    ("Azul-claro", 0x9dbfd6),
    ("Azul-marinho", 0x28395c),
    ("Azul-petróleo", 0x23606b),
    ("Azul", 0x3f6aa8),
    ("Branco", 0xf3efe8),
    ("Bordô", 0x74283a),
    ("Caramelo", 0xb47a45),
    ("Carvalho", 0xc39a6b),
    ("Chumbo", 0x4d5258),
    ("Cinza", 0xa5a6a8),
    ("Cobre", 0xbd7350),
    ("Coral", 0xe8795f),
    ("Cru", 0xe9dfcb),
    ("Dourado", 0xcfa249),
    ("Ferrugem", 0xa9512f),
    ("Goiaba", 0xd9616b),
    ("Grafite", 0x3c3d42),
    ("Índigo", 0x35447f),
    ("Jeans claro", 0x8fadc9),
    ("Jeans escuro", 0x2f466c),
    ("Lavanda", 0xb3a5d3),
    ("Lilás", 0xc5a9d0),
    ("Mostarda", 0xd6a032),
    ("Natural", 0xcdb48d),
    ("Nogueira", 0x6f4a33),
    ("Oliva", 0x76794a),
    ("Prata", 0xc3c7cb),
    ("Preto", 0x2b2a2e),
    ("Rosa", 0xe6a5ae),
    ("Rosa-queimado", 0xc27f7b),
    ("Roxo", 0x6b4a86),
    ("Salmão", 0xeba389),
    ("Sálvia", 0xa3b296),
    ("Telha", 0xc0603d),
    ("Terracota", 0xc46a4b),
    ("Turquesa", 0x47a8a6),
    ("Verde", 0x4b7f58),
    ("Verde-água", 0xa3d0c2),
    ("Verde-musgo", 0x56633f),
    ("Vermelho", 0xbf3a38),
    ("Vinho", 0x6e2438),
];

/// The colour that a merchant's word stands for, such as `Azul-marinho`; none for a word that is not a colour.
pub fn named(name: &str) -> Option<Rgb> {
    NAMED.iter().find(|(known, _)| *known == name).map(|(_, value)| Rgb::hex(*value))
}
