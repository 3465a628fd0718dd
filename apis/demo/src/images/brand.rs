//! Logos of the demo shops.

use super::canvas::{Canvas, escape};
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
