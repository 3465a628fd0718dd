//! Scenes composed from a palette: the art of book covers and framed prints, drawn on 420 × 630 units.

use super::canvas::Canvas;
use super::colour::{Rgb, WHITE};

/// The number of kinds of scene that [`scene`] knows.
pub const SCENES: usize = 14;
/// Width of a scene.
pub const W: f32 = 420.0;
/// Height of a scene.
pub const H: f32 = 630.0;

/// Five colours that sit well together, from the ground to the brightest mark.
#[derive(Clone, Copy, Debug)]
pub struct Palette {
    /// Fills the whole.
    pub ground: Rgb,
    /// Large shapes.
    pub large: Rgb,
    /// Middle shapes.
    pub middle: Rgb,
    /// Small shapes.
    pub small: Rgb,
    /// The one bright mark.
    pub bright: Rgb,
}

const fn palette(ground: u32, large: u32, middle: u32, small: u32, bright: u32) -> Palette {
    Palette {
        ground: Rgb::hex(ground),
        large: Rgb::hex(large),
        middle: Rgb::hex(middle),
        small: Rgb::hex(small),
        bright: Rgb::hex(bright),
    }
}

const PALETTES: [Palette; 14] = [
    palette(0xf4e4c9, 0xd9764a, 0x2f5d62, 0x8c3b2e, 0xf2b84b),
    palette(0x1f2a44, 0x33507a, 0x5d87a8, 0x0f1730, 0xf3d27a),
    palette(0xe9efe4, 0x7d9a72, 0x3f5f4a, 0xc9a45c, 0xe0644b),
    palette(0xf6d8cf, 0xd67b7b, 0x8a3f52, 0x4c2438, 0xffe7b0),
    palette(0x24403c, 0x3f6f62, 0x86a878, 0x14282a, 0xef9f5a),
    palette(0xfbeed0, 0xf0a94a, 0xd45b3a, 0x3b3a54, 0x5aa0a0),
    palette(0x3a2747, 0x6f4a86, 0xc178a0, 0x20152b, 0xf6c6a0),
    palette(0xdbe9f0, 0x7fb0c8, 0x3c6f92, 0x1f3d5c, 0xf08a5d),
    palette(0xc9482f, 0xe87a4c, 0x7d2430, 0x3b1420, 0xf9dfa6),
    palette(0xefe7dc, 0xb9a58c, 0x6f5b4b, 0x2e2a2a, 0xd14b3c),
    palette(0x12343b, 0x2c6e71, 0xe2b97f, 0x081d22, 0xf4efe0),
    palette(0xf2c14e, 0xf78154, 0x4d9078, 0x2d3047, 0xfdf6e3),
    palette(0x2d2a32, 0x5c5560, 0xa39193, 0x171419, 0xeb5e55),
    palette(0xe4d9f0, 0xa98bc4, 0x6a4c93, 0x3a2a55, 0xffd166),
];

/// One of the palettes, by the canvas's seed.
pub fn any_palette(canvas: &mut Canvas) -> Palette {
    PALETTES[canvas.seed.below(PALETTES.len())]
}

/// The palette that holds a colour nearest to `wish`.
pub fn palette_near(wish: Rgb) -> Palette {
    let distance =
        |p: &Palette| [p.large, p.middle, p.bright].iter().map(|c| c.distance(wish)).fold(f32::MAX, f32::min);
    PALETTES.iter().copied().min_by(|a, b| distance(a).total_cmp(&distance(b))).unwrap_or(PALETTES[0])
}

/// Draws scene number `kind` (taken modulo [`SCENES`]) over the whole 420 × 630.
pub fn scene(canvas: &mut Canvas, kind: usize, p: &Palette) {
    let sky = canvas.linear((0.0, 0.0), (0.0, 1.0), &[(0, p.ground, 1.0), (100, p.ground.mix(p.large, 0.34), 1.0)]);
    canvas.fill("M0 0h420v630H0z", sky);
    match kind % SCENES {
        0 => hills(canvas, p),
        1 => waves(canvas, p),
        2 => town(canvas, p),
        3 => moon_lake(canvas, p),
        4 => blocks(canvas, p),
        5 => rainbow(canvas, p),
        6 => leaves(canvas, p),
        7 => boat(canvas, p),
        8 => birds(canvas, p),
        9 => stairs(canvas, p),
        10 => constellation(canvas, p),
        11 => forest(canvas, p),
        12 => window(canvas, p),
        _ => rings(canvas, p),
    }
}

fn hills(canvas: &mut Canvas, p: &Palette) {
    let (x, r) = (canvas.seed.range(120.0, 300.0), canvas.seed.range(56.0, 92.0));
    canvas.ellipse((x, 330.0), (r, r), p.bright);
    for (i, tone) in [p.large, p.middle, p.middle.mix(p.small, 0.5), p.small].into_iter().enumerate() {
        let y = 370.0 + 66.0 * i as f32;
        let (a, b) = (canvas.seed.range(-90.0, 30.0), canvas.seed.range(-70.0, 50.0));
        canvas.fill(
            &format!(
                "M0 {y:.0}C120 {:.0} 200 {:.0} 280 {:.0}S400 {:.0} 420 {y:.0}V630H0z",
                y + a,
                y + b,
                y - b * 0.4,
                y - a * 0.6
            ),
            tone,
        );
    }
    let road = canvas.seed.range(150.0, 270.0);
    canvas.line(
        &format!("M{road:.0} 640Q{:.0} 580 {road:.0} 540T{:.0} 470", road + 70.0, road - 16.0),
        p.ground,
        9.0,
        0.8,
    );
}

fn waves(canvas: &mut Canvas, p: &Palette) {
    let (x, y) = (canvas.seed.range(110.0, 310.0), canvas.seed.range(280.0, 330.0));
    canvas.ellipse((x, y), (78.0, 78.0), p.bright);
    for row in 0..7 {
        let y = 340.0 + 44.0 * row as f32;
        let shift = canvas.seed.range(-80.0, 0.0);
        let tone = [p.large, p.middle, p.small][row % 3];
        let crest: String = (0..7).map(|_| "q40-46 80 0").collect();
        canvas.fill(&format!("M{shift:.0} {y:.0}{crest}V640H{shift:.0}z"), tone);
        canvas.line(&format!("M{shift:.0} {:.0}{crest}", y + 10.0), p.ground, 3.0, 0.6);
    }
}

fn town(canvas: &mut Canvas, p: &Palette) {
    canvas.ellipse((320.0, 300.0), (40.0, 40.0), p.bright);
    for (row, tone) in [(0, p.large), (1, p.middle), (2, p.small)] {
        let base = 500.0 + 70.0 * row as f32;
        let mut x = -20.0;
        while x < 420.0 {
            let (w, h) = (canvas.seed.range(44.0, 84.0), canvas.seed.range(90.0, 180.0));
            let roof = if canvas.seed.chance(0.6) {
                format!("l{:.0}-{:.0} {:.0} {:.0}", w / 2.0, w * 0.4, w / 2.0, w * 0.4)
            } else {
                format!("h{w:.0}")
            };
            canvas.fill(&format!("M{x:.0} 640V{:.0}{roof}V640z", base - h), tone);
            for k in 0..3 {
                if canvas.seed.chance(0.55) {
                    canvas.fill(
                        &format!("M{:.0} {:.0}h11v16h-11z", x + w * 0.28, base - h + 24.0 + 34.0 * k as f32),
                        p.bright,
                    );
                }
                if canvas.seed.chance(0.35) {
                    canvas.fill(
                        &format!("M{:.0} {:.0}h11v16h-11z", x + w * 0.62, base - h + 24.0 + 34.0 * k as f32),
                        p.ground,
                    );
                }
            }
            x += w + 2.0;
        }
    }
}

fn moon_lake(canvas: &mut Canvas, p: &Palette) {
    let x = canvas.seed.range(150.0, 270.0);
    canvas.ellipse((x, 310.0), (92.0, 92.0), p.bright);
    canvas.ellipse((x + canvas.seed.clone().range(26.0, 48.0), 294.0), (80.0, 80.0), p.ground.mix(p.large, 0.1));
    for _ in 0..26 {
        let at = (canvas.seed.range(10.0, 410.0), canvas.seed.range(190.0, 420.0));
        let r = canvas.seed.range(1.2, 3.4);
        canvas.ellipse(at, (r, r), p.bright);
    }
    canvas.fill("M0 470L90 400 150 450 240 370 320 450 370 420 420 470V640H0z", p.small);
    canvas.fill("M0 470h420v170H0z", p.middle);
    for i in 0..9 {
        let y = 484.0 + 16.0 * i as f32;
        let half = 74.0 - 5.0 * i as f32 + canvas.seed.range(-14.0, 14.0);
        canvas.line(&format!("M{:.0} {y:.0}h{:.0}", x - half, half * 2.0), p.bright, 5.0, 0.85);
    }
}

fn blocks(canvas: &mut Canvas, p: &Palette) {
    let tones = [p.large, p.middle, p.small, p.bright, p.ground.tint(0.3)];
    for row in 0..4 {
        for column in 0..4 {
            let (x, y) = (105 * column, 210 + 105 * row);
            let (a, b) = (tones[canvas.seed.below(5)], tones[canvas.seed.below(5)]);
            canvas.fill(&format!("M{x} {y}h105v105h-105z"), a);
            match canvas.seed.below(6) {
                0 => canvas.fill(&format!("M{x} {y}a105 105 0 0 1 105 105h-105z"), b),
                1 => canvas.fill(&format!("M{} {y}a105 105 0 0 1-105 105v-105z", x + 105), b),
                2 => canvas.ellipse((x as f32 + 52.5, y as f32 + 52.5), (34.0, 34.0), b),
                3 => canvas.fill(&format!("M{x} {y}l105 105h-105z"), b),
                4 => canvas.fill(&format!("M{x} {}a52.5 52.5 0 0 1 105 0z", y + 105), b),
                _ => canvas.fill(&format!("M{x} {y}h52v105h-52z"), b),
            }
        }
    }
}

fn rainbow(canvas: &mut Canvas, p: &Palette) {
    let x = canvas.seed.range(120.0, 300.0);
    for (i, tone) in [p.small, p.middle, p.large, p.bright, p.ground].into_iter().enumerate() {
        let r = 210.0 - 40.0 * i as f32;
        canvas.fill(&format!("M{:.0} 560a{r:.0} {r:.0} 0 0 1 {:.0} 0z", x - r, r * 2.0), tone);
    }
    canvas.fill("M0 556h420v84H0z", p.small);
    let tufts: String = (0..21).map(|i| format!("M{} 560q4-{} 10-30", i * 20, 20 + (i * 7) % 22)).collect();
    canvas.line(&tufts, p.middle, 5.0, 1.0);
}

fn leaves(canvas: &mut Canvas, p: &Palette) {
    for i in 0..9 {
        let (x, y) = (canvas.seed.range(0.0, 420.0), 330.0 + 36.0 * i as f32);
        let (turn, size) = (canvas.seed.range(-70.0, 70.0), canvas.seed.range(0.8, 1.4));
        let tone = [p.large, p.middle, p.small, p.bright][i % 4];
        canvas.open(format_args!("transform=\"translate({x:.0} {y:.0}) rotate({turn:.0}) scale({size:.2})\""));
        canvas.fill("M0 60Q-64 0 0-110Q64 0 0 60z", tone);
        canvas.line("M0 90V-84M0 30l-24-22M0 30l24-22M0-6l-26-24M0-6l26-24M0-42l-20-20M0-42l20-20", p.ground, 3.0, 0.7);
        canvas.close();
    }
}

fn boat(canvas: &mut Canvas, p: &Palette) {
    canvas.ellipse((canvas.seed.clone().range(90.0, 330.0), 270.0), (52.0, 52.0), p.bright);
    let x = canvas.seed.range(150.0, 270.0);
    canvas.fill("M0 480h420v160H0z", p.middle);
    canvas.fill(&format!("M{x:.0} 300V452H{:.0}Q{:.0} 380 {x:.0} 300z", x - 92.0, x - 30.0), p.large);
    canvas.fill(
        &format!("M{:.0} 330V452h64Q{:.0} 390 {:.0} 330z", x + 10.0, x + 60.0, x + 10.0),
        WHITE.mix(p.ground, 0.4),
    );
    canvas.fill(&format!("M{:.0} 464h220l-36 46h-146z", x - 116.0), p.small);
    for i in 0..12 {
        let (a, y) = (canvas.seed.range(-20.0, 360.0), 506.0 + 10.0 * i as f32);
        let reach = canvas.seed.range(30.0, 90.0);
        canvas.line(&format!("M{a:.0} {y:.0}h{reach:.0}"), p.ground, 4.0, 0.5);
    }
}

fn birds(canvas: &mut Canvas, p: &Palette) {
    canvas.ellipse((210.0, 400.0), (150.0, 150.0), p.large);
    for i in 0..7 {
        let (x, y) = (canvas.seed.range(40.0, 360.0), 250.0 + 44.0 * i as f32);
        let (size, turn) = (canvas.seed.range(0.7, 1.6), canvas.seed.range(-18.0, 18.0));
        let tone = [p.small, p.bright, p.middle][i % 3];
        canvas.open(format_args!("transform=\"translate({x:.0} {y:.0}) rotate({turn:.0}) scale({size:.2})\""));
        canvas.fill("M-60-14Q-26-40 0 0 26-44 62-22 30-20 10 16L-8 14Q-24-16-60-14z", tone);
        canvas.close();
    }
    canvas.line("M-10 600Q120 540 220 588T430 560", p.small, 9.0, 1.0);
}

fn stairs(canvas: &mut Canvas, p: &Palette) {
    let flip = canvas.seed.chance(0.5);
    canvas.open(format_args!("transform=\"{}\"", if flip { "translate(420 0) scale(-1 1)" } else { "translate(0 0)" }));
    canvas.fill("M0 230h420v410H0z", p.large);
    let rise = canvas.seed.range(36.0, 52.0);
    for i in 0..8 {
        let (x, y) = (52.0 * i as f32, 620.0 - rise * i as f32);
        canvas.fill(&format!("M{x:.0} {y:.0}H420V640H{x:.0}z"), if i % 2 == 0 { p.middle } else { p.small });
        canvas.fill(&format!("M{x:.0} {y:.0}h60v7h-60z"), p.ground);
    }
    let door = 620.0 - rise * 7.0;
    canvas.fill(&format!("M340 {door:.0}v-80a32 32 0 0 1 64 0v80z"), p.bright);
    canvas.ellipse((100.0, 330.0), (44.0, 44.0), p.bright);
    canvas.close();
}

fn constellation(canvas: &mut Canvas, p: &Palette) {
    canvas.fill("M0 0h420v630H0z", p.small);
    let mut path = String::new();
    let mut stars = Vec::new();
    for i in 0..9 {
        let (x, y) = (canvas.seed.range(50.0, 370.0), 250.0 + 38.0 * i as f32);
        path.push_str(&format!("{}{x:.0} {y:.0}", if i == 0 { "M" } else { "L" }));
        stars.push((x, y));
    }
    canvas.line(&path, p.middle, 3.0, 1.0);
    for (i, star) in stars.into_iter().enumerate() {
        let r = if i % 3 == 0 { 12.0 } else { 6.0 };
        canvas.ellipse(star, (r * 2.0, r * 2.0), p.small.mix(p.bright, 0.25));
        canvas.ellipse(star, (r, r), p.bright);
    }
    for _ in 0..44 {
        let at = (canvas.seed.range(0.0, 420.0), canvas.seed.range(0.0, 630.0));
        canvas.ellipse(at, (1.8, 1.8), p.large.tint(0.4));
    }
}

fn forest(canvas: &mut Canvas, p: &Palette) {
    canvas.ellipse((canvas.seed.clone().range(110.0, 310.0), 330.0), (70.0, 70.0), p.bright);
    for (row, tone) in [(0, p.large), (1, p.middle), (2, p.small)] {
        let base = 530.0 + 60.0 * row as f32;
        let mut x = canvas.seed.range(-40.0, 0.0);
        while x < 430.0 {
            let (w, h) = (canvas.seed.range(50.0, 80.0), canvas.seed.range(130.0, 220.0));
            canvas.fill(&format!("M{x:.0} {base:.0}l{:.0}-{h:.0} {:.0} {h:.0}z", w / 2.0, w / 2.0), tone);
            x += w * canvas.seed.range(0.6, 0.9);
        }
        canvas.fill(&format!("M0 {:.0}h420V640H0z", base - 2.0), tone);
    }
}

fn window(canvas: &mut Canvas, p: &Palette) {
    canvas.fill("M0 200h420v440H0z", p.large);
    canvas.fill("M90 250H330V520H90z", p.small);
    canvas.fill("M102 262H318V508H102z", p.ground.tint(0.3));
    let y = canvas.seed.range(400.0, 450.0);
    canvas.ellipse((canvas.seed.clone().range(150.0, 270.0), y - 60.0), (40.0, 40.0), p.bright);
    canvas.fill(&format!("M102 {y:.0}q60-50 110 0t106-14V508H102z"), p.middle);
    canvas.line("M210 262V508M102 384H318", p.small, 9.0, 1.0);
    canvas.fill("M70 516H350V540H70z", p.small);
    let pot = canvas.seed.range(110.0, 270.0);
    canvas.fill(&format!("M{pot:.0} 470h56l-8 48h-40z"), p.bright);
    canvas.line(
        &format!(
            "M{:.0} 470q-30-40-20-80M{:.0} 470q0-60 6-100M{:.0} 470q30-30 40-66",
            pot + 24.0,
            pot + 28.0,
            pot + 32.0
        ),
        p.middle.shade(0.2),
        6.0,
        1.0,
    );
    canvas.line("M0 590h420M0 610h420", p.middle, 5.0, 0.6);
}

fn rings(canvas: &mut Canvas, p: &Palette) {
    let tones = [p.large, p.middle, p.bright, p.small];
    for i in 0..4 {
        let at = (canvas.seed.range(60.0, 360.0), canvas.seed.range(300.0, 590.0));
        let radius = canvas.seed.range(70.0, 120.0);
        for k in 0..4 {
            let r = radius * (1.0 - 0.25 * k as f32);
            canvas.ellipse(at, (r, r), tones[(i + k) % 4]);
        }
    }
}
