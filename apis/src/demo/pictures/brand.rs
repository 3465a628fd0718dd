//! Logos of the demo shops, and the picture made for a product that has none yet.

use super::art;
use super::canvas::{Canvas, HEIGHT, WIDTH, escape};
use super::colour::{INK, Rgb, WHITE};

/// The sign of a demo shop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Emblem {
    /// A thrush on a thread: clothes.
    Bird,
    /// A leaf that is a roof: the home.
    Roof,
    /// A parakeet that is an open book.
    Book,
}

/// A shop's logo, 480 × 160: the emblem in `accent` and the name set beside it.
pub fn logo(emblem: Emblem, name: &str, accent: Rgb) -> String {
    let mut canvas = Canvas::new(name);
    let soft = accent.tint(0.6);
    canvas.put(format_args!("<g transform=\"translate(8 8)\">"));
    match emblem {
        Emblem::Bird => {
            canvas.ellipse((72.0, 72.0), (72.0, 72.0), soft);
            canvas.fill(
                "M28 84Q40 44 78 44Q88 26 106 34L122 40 108 48Q112 96 68 104Q56 106 36 122L44 100Q32 98 28 84z",
                accent,
            );
            canvas.fill("M46 80Q66 56 92 70Q78 94 46 80z", accent.shade(0.3));
            canvas.ellipse((98.0, 44.0), (4.0, 4.0), WHITE);
            canvas.line("M14 118Q60 104 78 116T132 104", accent.shade(0.3), 4.0, 1.0);
        }
        Emblem::Roof => {
            canvas.fill("M72 4L140 60V140H4V60z", soft);
            canvas.fill("M72 22Q128 54 112 140H72z", accent);
            canvas.fill("M72 22Q16 54 32 140H72z", accent.shade(0.24));
            canvas.line("M72 30V140M72 72l24-18M72 72L48 54M72 104l28-20M72 104L44 84", WHITE, 4.0, 0.85);
        }
        Emblem::Book => {
            canvas.fill("M6 30Q44 14 72 36Q100 14 138 30V122Q100 108 72 128Q44 108 6 122z", soft);
            canvas.fill("M72 36Q100 14 138 30Q130 90 72 128z", accent);
            canvas.fill("M72 36Q44 14 6 30Q14 90 72 128z", accent.shade(0.26));
            canvas.ellipse((104.0, 50.0), (8.0, 8.0), WHITE);
            canvas.ellipse((106.0, 50.0), (4.0, 4.0), INK);
            canvas.fill("M62 36Q72 24 84 36L72 62z", Rgb::hex(0xf2b84b));
        }
    }
    canvas.close();
    let size = (300.0 / (name.chars().count().max(1) as f32 * 0.6)).min(46.0);
    canvas.put(format_args!(
        "<text x=\"172\" y=\"{:.0}\" font-size=\"{size:.1}\" fill=\"{}\" font-family=\"Georgia,'Times New Roman',serif\" font-weight=\"700\">{}</text>",
        80.0 + size * 0.34,
        accent.shade(0.45),
        escape(name)
    ));
    canvas.finish(480.0, 160.0, name)
}

/// A quiet picture for a product whose own has not come yet: an abstract composition and the initials of its name.
/// `seed` makes it the product's own (its id or handle); the same seed and name always give the same picture.
pub fn made_picture(seed: &str, name: &str) -> String {
    let mut canvas = Canvas::new(seed);
    let p = art::any_palette(&mut canvas);
    let ground = p.ground.mix(WHITE, 0.12);
    let light = canvas.linear((0.0, 0.0), (0.6, 1.0), &[(0, ground.tint(0.22), 1.0), (100, ground.shade(0.08), 1.0)]);
    canvas.fill("M0 0h800v1000H0z", light);
    match canvas.seed.below(4) {
        0 => {
            for tone in [p.large, p.middle, p.bright] {
                let at = (canvas.seed.range(80.0, 720.0), canvas.seed.range(80.0, 920.0));
                let r = canvas.seed.range(120.0, 300.0);
                canvas.put(format_args!(
                    "<circle cx=\"{:.0}\" cy=\"{:.0}\" r=\"{r:.0}\" fill=\"{tone}\" opacity=\".62\"/>",
                    at.0, at.1
                ));
            }
        }
        1 => {
            for (i, tone) in [p.large, p.middle, p.small].into_iter().enumerate() {
                let (y, bend) = (560.0 + 130.0 * i as f32, canvas.seed.range(-170.0, 170.0));
                canvas.veil(
                    &format!("M0 {y:.0}C260 {:.0} 520 {:.0} 800 {y:.0}V1000H0z", y - bend, y + bend),
                    tone,
                    0.7,
                );
            }
            canvas.ellipse((canvas.seed.clone().range(160.0, 640.0), 240.0), (88.0, 88.0), p.bright);
        }
        2 => {
            for i in 0..7 {
                let (x, reach) = (114.0 * i as f32, canvas.seed.range(200.0, 820.0));
                canvas.veil(
                    &format!("M{x:.0} 1000V{:.0}a57 57 0 0 1 114 0V1000z", 1000.0 - reach),
                    [p.large, p.middle, p.bright, p.small][i % 4],
                    0.6,
                );
            }
        }
        _ => {
            let x = canvas.seed.range(200.0, 600.0);
            for (i, tone) in [p.large, p.bright, p.middle, p.ground].into_iter().enumerate() {
                let r = 420.0 - 94.0 * i as f32;
                canvas.veil(&format!("M{:.0} 1000a{r:.0} {r:.0} 0 0 1 {:.0} 0z", x - r, r * 2.0), tone, 0.8);
            }
        }
    }
    canvas.put(format_args!(
        "<circle cx=\"400\" cy=\"480\" r=\"172\" fill=\"{}\" opacity=\".9\"/>",
        WHITE.mix(p.ground, 0.12)
    ));
    canvas.put(format_args!(
        "<circle cx=\"400\" cy=\"480\" r=\"152\" fill=\"none\" stroke=\"{}\" stroke-width=\"3\"/>",
        p.middle
    ));
    canvas.put(format_args!(
        "<text x=\"400\" y=\"522\" font-size=\"118\" text-anchor=\"middle\" fill=\"{}\" font-family=\"Georgia,'Times New Roman',serif\" letter-spacing=\"4\">{}</text>",
        p.small.shade(0.3),
        escape(&initials(name))
    ));
    canvas.finish(WIDTH, HEIGHT, name)
}

/// The first letters of the first two words that carry meaning, upper-cased; a dot when the name has no letter.
fn initials(name: &str) -> String {
    const SMALL_WORDS: [&str; 12] = ["de", "da", "do", "das", "dos", "e", "em", "com", "para", "a", "o", "the"];
    let letters: String = name
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty() && !SMALL_WORDS.contains(&word.to_lowercase().as_str()))
        .filter_map(|word| word.chars().next())
        .take(2)
        .flat_map(char::to_uppercase)
        .collect();
    if letters.is_empty() { "·".to_owned() } else { letters }
}

#[cfg(test)]
mod tests {
    use super::initials;

    #[test]
    fn initials_skip_small_words_and_never_come_out_empty() {
        assert_eq!(initials("Camiseta de algodão"), "CA");
        assert_eq!(initials("água"), "Á");
        assert_eq!(initials("— !"), "·");
    }
}
