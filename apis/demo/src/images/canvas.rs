//! The drawing surface: collects SVG definitions and shapes, and knows how light falls on cloth, clay, wood and metal.

use std::fmt::{Arguments, Write};

use super::colour::{INK, Rgb, WHITE};
use super::seed::Seed;

/// Width of every product image, in its own units.
pub const WIDTH: f32 = 800.0;
/// Height of every product image: 4:5, the shape that cards of clothes, furniture and books all sit well in.
pub const HEIGHT: f32 = 1000.0;

/// The pattern that repeats on a cloth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// One colour.
    Plain,
    /// Horizontal stripes.
    Stripes,
    /// Thin vertical stripes.
    Pinstripes,
    /// Dots in a staggered grid.
    Dots,
    /// Crossing bands of two widths.
    Plaid,
    /// Even checks.
    Gingham,
    /// Scattered five-petal flowers.
    Floral,
    /// Scattered leaves.
    Leaves,
    /// Rows of small stitches.
    Knit,
    /// Vertical ribs.
    Ribs,
    /// Diamonds and zigzags.
    Geometric,
    /// Short crossing threads, as of linen or denim.
    Weave,
}

/// The way that a solid surface answers light.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finish {
    /// Unglazed clay, paint, cardboard.
    Matte,
    /// Glaze, lacquer, leather.
    Gloss,
    /// Brass, steel, copper.
    Metal,
}

/// An SVG being drawn. Shapes are painted in the order they are added.
pub struct Canvas {
    defs: String,
    body: String,
    /// The definitions so far: a definition asked for twice is written once, which keeps images small.
    defined: Vec<String>,
    /// The variation of the prints, the same for every part of an image.
    cloth: Seed,
    /// The variation that belongs to this image.
    pub seed: Seed,
}

impl Canvas {
    /// An empty canvas whose variation comes from `seed`.
    pub fn new(seed: &str) -> Canvas {
        Canvas {
            defs: String::new(),
            body: String::new(),
            defined: Vec::new(),
            cloth: Seed::new(seed),
            seed: Seed::new(seed),
        }
    }

    /// The finished image, `width` by `height` units, with `label` as its accessible name.
    pub fn finish(self, width: f32, height: f32, label: &str) -> String {
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
             height=\"{height}\" role=\"img\" aria-label=\"{}\"><defs>{}</defs>{}</svg>\n",
            escape(label),
            self.defs,
            self.body
        )
    }

    /// Adds a piece of SVG.
    pub fn put(&mut self, piece: Arguments<'_>) {
        // Writing to a String has no way to fail.
        let _ = self.body.write_fmt(piece);
    }

    /// Adds a definition, written by `make` for an id, and answers the `url(#…)` that refers to it.
    fn define(&mut self, make: impl FnOnce(&str) -> String) -> String {
        let nameless = make("");
        let known = self.defined.iter().position(|known| *known == nameless);
        let index = known.unwrap_or_else(|| {
            self.defs.push_str(&nameless.replacen("id=\"\"", &format!("id=\"d{}\"", self.defined.len()), 1));
            self.defined.push(nameless);
            self.defined.len() - 1
        });
        format!("url(#d{index})")
    }

    /// A straight gradient across a shape's box, from and to in shares of the box; stops are (percent, colour, opacity).
    pub fn linear(&mut self, from: (f32, f32), to: (f32, f32), stops: &[(u8, Rgb, f32)]) -> String {
        let inner = stops_text(stops);
        self.define(|id| {
            format!(
                "<linearGradient id=\"{id}\" x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\">{inner}</linearGradient>",
                from.0, from.1, to.0, to.1
            )
        })
    }

    /// A round gradient in a shape's box; centre and radius in shares of the box.
    pub fn radial(&mut self, centre: (f32, f32), radius: f32, stops: &[(u8, Rgb, f32)]) -> String {
        let inner = stops_text(stops);
        self.define(|id| {
            format!(
                "<radialGradient id=\"{id}\" cx=\"{}\" cy=\"{}\" r=\"{radius}\">{inner}</radialGradient>",
                centre.0, centre.1
            )
        })
    }

    /// A clip made of one path; answers the `url(#…)` for `clip-path`.
    pub fn clip(&mut self, path: &str) -> String {
        self.define(|id| format!("<clipPath id=\"{id}\"><path d=\"{path}\"/></clipPath>"))
    }

    /// A blur of `deviation` units; answers the `url(#…)` for `filter`.
    pub fn blur(&mut self, deviation: f32) -> String {
        self.define(|id| {
            format!(
                "<filter id=\"{id}\" x=\"-50%\" y=\"-50%\" width=\"200%\" height=\"200%\">\
                 <feGaussianBlur stdDeviation=\"{deviation}\"/></filter>"
            )
        })
    }

    /// A flat shape.
    pub fn fill(&mut self, path: &str, paint: impl std::fmt::Display) {
        self.put(format_args!("<path d=\"{path}\" fill=\"{paint}\"/>"));
    }

    /// A flat shape that lets what is behind shine through; `opacity` 0 to 1.
    pub fn veil(&mut self, path: &str, paint: impl std::fmt::Display, opacity: f32) {
        self.put(format_args!("<path d=\"{path}\" fill=\"{paint}\" opacity=\"{opacity:.2}\"/>"));
    }

    /// A line with round ends.
    pub fn line(&mut self, path: &str, paint: impl std::fmt::Display, width: f32, opacity: f32) {
        self.put(format_args!(
            "<path d=\"{path}\" fill=\"none\" stroke=\"{paint}\" stroke-width=\"{width:.1}\" stroke-linecap=\"round\" \
             stroke-linejoin=\"round\" opacity=\"{opacity:.2}\"/>"
        ));
    }

    /// A sewn line: short stitches.
    pub fn stitches(&mut self, path: &str, paint: impl std::fmt::Display) {
        self.put(format_args!(
            "<path d=\"{path}\" fill=\"none\" stroke=\"{paint}\" stroke-width=\"2.4\" stroke-dasharray=\"8 6\" opacity=\".7\"/>"
        ));
    }

    /// An ellipse (a circle when both radii agree).
    pub fn ellipse(&mut self, centre: (f32, f32), radii: (f32, f32), paint: impl std::fmt::Display) {
        self.put(format_args!(
            "<ellipse cx=\"{:.1}\" cy=\"{:.1}\" rx=\"{:.1}\" ry=\"{:.1}\" fill=\"{paint}\"/>",
            centre.0, centre.1, radii.0, radii.1
        ));
    }

    /// Opens a group with the given attributes; closed by [`Canvas::close`].
    pub fn open(&mut self, attributes: Arguments<'_>) {
        self.put(format_args!("<g {attributes}>"));
    }

    /// Closes the innermost open group.
    pub fn close(&mut self) {
        self.body.push_str("</g>");
    }

    /// The soft shadow that a thing standing on a floor throws there.
    pub fn floor_shadow(&mut self, centre: (f32, f32), radii: (f32, f32)) {
        let blur = self.blur(14.0);
        self.put(format_args!(
            "<ellipse cx=\"{}\" cy=\"{}\" rx=\"{}\" ry=\"{}\" fill=\"{INK}\" opacity=\".3\" filter=\"{blur}\"/>",
            centre.0, centre.1, radii.0, radii.1
        ));
        self.put(format_args!(
            "<ellipse cx=\"{}\" cy=\"{}\" rx=\"{:.1}\" ry=\"{:.1}\" fill=\"{INK}\" opacity=\".28\"/>",
            centre.0,
            centre.1 - radii.1 * 0.3,
            radii.0 * 0.82,
            radii.1 * 0.42
        ));
    }

    /// The soft shadow of a shape on the wall behind it, `offset` away.
    pub fn wall_shadow(&mut self, path: &str, offset: (f32, f32)) {
        let blur = self.blur(12.0);
        self.put(format_args!(
            "<path d=\"{path}\" fill=\"{INK}\" opacity=\".26\" transform=\"translate({} {})\" filter=\"{blur}\"/>",
            offset.0, offset.1
        ));
    }

    /// A shape of cloth: base colour lit from the upper left, its pattern, and the round shading of its sides.
    pub fn cloth(&mut self, path: &str, base: Rgb, pattern: Pattern) {
        let light = self.linear(
            (0.1, 0.0),
            (0.75, 1.0),
            &[(0, base.tint(0.14), 1.0), (55, base, 1.0), (100, base.shade(0.16), 1.0)],
        );
        self.fill(path, light);
        if let Some(print) = self.print(base, pattern) {
            self.fill(path, print);
        }
        let sides = self.linear(
            (0.0, 0.0),
            (1.0, 0.12),
            &[(0, INK, 0.2), (18, INK, 0.02), (36, WHITE, 0.14), (62, INK, 0.0), (100, INK, 0.26)],
        );
        self.fill(path, sides);
    }

    /// A solid shape, lit from the left by its finish.
    pub fn solid(&mut self, path: &str, base: Rgb, finish: Finish) {
        let stops: &[(u8, Rgb, f32)] = &match finish {
            Finish::Matte => [
                (0, base.shade(0.12), 1.0),
                (28, base.tint(0.14), 1.0),
                (46, base.tint(0.04), 1.0),
                (72, base.shade(0.1), 1.0),
                (100, base.shade(0.32), 1.0),
            ],
            Finish::Gloss => [
                (0, base.shade(0.2), 1.0),
                (20, base.tint(0.36), 1.0),
                (34, base.tint(0.04), 1.0),
                (74, base.shade(0.14), 1.0),
                (100, base.shade(0.42), 1.0),
            ],
            Finish::Metal => [
                (0, base.shade(0.36), 1.0),
                (22, base.tint(0.66), 1.0),
                (40, base.shade(0.06), 1.0),
                (76, base.shade(0.34), 1.0),
                (100, base.tint(0.22), 1.0),
            ],
        };
        let paint = self.linear((0.0, 0.0), (1.0, 0.0), stops);
        self.fill(path, paint);
    }

    /// Wood: a solid shape with grain. `along` tells whether the grain runs along x (else along y).
    pub fn wood(&mut self, path: &str, base: Rgb, along: bool) {
        let (from, to) = if along { ((0.0, 0.0), (0.0, 1.0)) } else { ((0.0, 0.0), (1.0, 0.0)) };
        let paint = self.linear(from, to, &[(0, base.tint(0.2), 1.0), (40, base, 1.0), (100, base.shade(0.26), 1.0)]);
        self.fill(path, paint);
        let dark = base.shade(0.3);
        let turn = if along { 0 } else { 90 };
        let shift = self.seed.clone().range(0.0, 3.0).floor() * 30.0;
        let grain = self.define(|id| {
            format!(
                "<pattern id=\"{id}\" width=\"170\" height=\"26\" patternUnits=\"userSpaceOnUse\" \
                 patternTransform=\"rotate({turn}) translate({shift:.0} 0)\"><path d=\"M0 5q45 5 90 0t80 0M0 13q60-5 110 1t60-1\
                 M20 21q40-5 80 0t70 0\" fill=\"none\" stroke=\"{dark}\" stroke-width=\"1.3\" opacity=\".34\"/></pattern>"
            )
        });
        self.fill(path, grain);
    }

    fn print(&mut self, base: Rgb, pattern: Pattern) -> Option<String> {
        let mark = if base.luma() > 0.55 { base.shade(0.34) } else { base.tint(0.42) };
        let pale = base.tint(0.55);
        // All parts of one garment are cut from the same cloth: the print must not depend on what was drawn before it.
        let mut cloth = self.cloth.clone();
        let accent = PRINT_ACCENTS[cloth.below(PRINT_ACCENTS.len())];
        let scale = cloth.range(0.85, 1.2);
        let (width, height, inner) = match pattern {
            Pattern::Plain => return None,
            Pattern::Stripes => (40, 46, format!("<path d=\"M0 0h40v17H0z\" fill=\"{}\"/>", base.contrast())),
            Pattern::Pinstripes => (26, 40, format!("<path d=\"M4 0h4v40H4z\" fill=\"{mark}\" opacity=\".75\"/>")),
            Pattern::Dots => (
                44,
                44,
                format!(
                    "<g fill=\"{}\"><circle cx=\"11\" cy=\"11\" r=\"6.5\"/><circle cx=\"33\" cy=\"33\" r=\"6.5\"/></g>",
                    base.contrast().mix(accent, 0.3)
                ),
            ),
            Pattern::Plaid => (
                84,
                84,
                format!(
                    "<path d=\"M0 12h84v26H0z\" fill=\"{mark}\" opacity=\".5\"/><path d=\"M12 0h26v84H12z\" fill=\"{mark}\" opacity=\".5\"/>\
                     <path d=\"M0 60h84v5H0zM60 0h5v84h-5z\" fill=\"{accent}\" opacity=\".8\"/><path d=\"M0 48h84v2H0zM48 0h2v84h-2z\" fill=\"{pale}\"/>"
                ),
            ),
            Pattern::Gingham => (
                40,
                40,
                format!(
                    "<path d=\"M0 0h20v40H0z\" fill=\"{pale}\" opacity=\".7\"/><path d=\"M0 0h40v20H0z\" fill=\"{pale}\" opacity=\".7\"/>"
                ),
            ),
            Pattern::Floral => (96, 96, floral(accent, pale, mark)),
            Pattern::Leaves => (
                90,
                90,
                format!(
                    "<g fill=\"{mark}\"><path d=\"M12 40q4-30 34-34-2 30-34 34z\"/><path d=\"M80 82q-30 0-34-30 30 2 34 30z\" fill=\"{accent}\"/>\
                     <path d=\"M8 84q0-18 18-22 2 20-18 22z\" fill=\"{pale}\"/></g>"
                ),
            ),
            Pattern::Knit => (
                18,
                22,
                format!(
                    "<path d=\"M1 2l8 9 8-9M1 13l8 9 8-9\" fill=\"none\" stroke=\"{mark}\" stroke-width=\"2.6\" opacity=\".42\"/>"
                ),
            ),
            Pattern::Ribs => (14, 14, format!("<path d=\"M0 0h4v14H0z\" fill=\"{mark}\" opacity=\".34\"/>")),
            Pattern::Geometric => (
                88,
                88,
                format!(
                    "<path d=\"M44 6l32 32-32 32-32-32z\" fill=\"none\" stroke=\"{mark}\" stroke-width=\"6\"/><path d=\"M44 26l12 12-12 12-12-12z\" \
                     fill=\"{accent}\"/><path d=\"M0 82l11-8 11 8 11-8 11 8 11-8 11 8 11-8 11 8\" fill=\"none\" stroke=\"{pale}\" stroke-width=\"4\"/>"
                ),
            ),
            Pattern::Weave => (
                12,
                12,
                format!(
                    "<path d=\"M0 2h7M6 8h6M3 4v6M9 0v5\" stroke=\"{mark}\" stroke-width=\"1.3\" opacity=\".36\"/>"
                ),
            ),
        };
        Some(self.define(|id| {
            format!(
                "<pattern id=\"{id}\" width=\"{width}\" height=\"{height}\" patternUnits=\"userSpaceOnUse\" \
                 patternTransform=\"scale({scale:.2})\">{inner}</pattern>"
            )
        }))
    }
}

const PRINT_ACCENTS: [Rgb; 6] = [
    Rgb::hex(0xe07a5f),
    Rgb::hex(0xf2cc8f),
    Rgb::hex(0x81b29a),
    Rgb::hex(0xf4f1de),
    Rgb::hex(0x5b7db1),
    Rgb::hex(0xd98ba3),
];

fn floral(petal: Rgb, pale: Rgb, leaf: Rgb) -> String {
    let flower = |x: f32, y: f32, size: f32, colour: Rgb| {
        let petals: String = (0..5)
            .map(|i| {
                let turn = std::f32::consts::TAU * i as f32 / 5.0;
                format!(
                    "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"{:.1}\"/>",
                    x + size * turn.cos(),
                    y + size * turn.sin(),
                    size * 0.66
                )
            })
            .collect();
        format!(
            "<g fill=\"{colour}\">{petals}</g><circle cx=\"{x}\" cy=\"{y}\" r=\"{:.1}\" fill=\"#f6d98a\"/>",
            size * 0.5
        )
    };
    format!(
        "<path d=\"M40 18q16-4 20 10-16 4-20-10zM52 66q-14 8-24-4 12-8 24 4z\" fill=\"{leaf}\"/>{}{}",
        flower(24.0, 26.0, 9.0, petal),
        flower(70.0, 72.0, 8.0, pale)
    )
}

fn stops_text(stops: &[(u8, Rgb, f32)]) -> String {
    stops
        .iter()
        .map(|(at, colour, opacity)| {
            let veil = if *opacity < 1.0 { format!(" stop-opacity=\"{opacity}\"") } else { String::new() };
            format!("<stop offset=\"{at}%\" stop-color=\"{colour}\"{veil}/>")
        })
        .collect()
}

/// Text made safe for SVG content and attributes; what XML forbids altogether is left out.
pub fn escape(text: &str) -> String {
    let allowed = |c: &char| *c >= ' ' && *c != '\u{fffe}' && *c != '\u{ffff}';
    text.chars()
        .filter(allowed)
        .collect::<String>()
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
