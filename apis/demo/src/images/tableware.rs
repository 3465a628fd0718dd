//! Things for the kitchen and the table. They stand on a ledge at y = `LEDGE`.

use super::canvas::{Canvas, Finish, Pattern};
use super::colour::{INK, Rgb, WHITE};
use super::spec::Look;

/// The line small things stand on (y).
pub const LEDGE: f32 = 780.0;

fn steam(canvas: &mut Canvas, x: f32, y: f32) {
    let blur = canvas.blur(5.0);
    canvas.open(format_args!("filter=\"{blur}\""));
    canvas.line(
        &format!("M{:.0} {y:.0}q-30-50 0-96t4-90M{:.0} {y:.0}q-26-46 4-90t0-84", x - 36.0, x + 44.0),
        WHITE,
        13.0,
        0.6,
    );
    canvas.close();
}

/// Draws what a potter would put on a vessel inside `path`: a dipped glaze, bands, specks or nothing.
fn glaze(canvas: &mut Canvas, path: &str, look: &Look, top: f32, bottom: f32) {
    let clip = canvas.clip(path);
    canvas.open(format_args!("clip-path=\"{clip}\""));
    let span = bottom - top;
    match canvas.seed.below(5) {
        0 => canvas.veil(
            &format!("M0 {:.0}q100 24 200 0t200 0 200 0 200 0V{bottom:.0}H0z", top + span * 0.62),
            look.accent,
            0.9,
        ),
        1 => canvas.line(
            &format!("M0 {:.0}h800M0 {:.0}h800", top + span * 0.2, top + span * 0.28),
            look.accent,
            11.0,
            0.95,
        ),
        2 => {
            for _ in 0..46 {
                let at = (canvas.seed.range(170.0, 630.0), canvas.seed.range(top, bottom));
                let r = canvas.seed.range(1.6, 4.8);
                canvas.ellipse(at, (r, r * 0.8), look.colour.contrast());
            }
        }
        3 => {
            let waves: String = (0..3)
                .map(|i| {
                    format!(
                        "M0 {:.0}q33-34 66 0t66 0 66 0 66 0 66 0 66 0 66 0 66 0 66 0 66 0 66 0 66 0",
                        top + span * (0.36 + 0.14 * i as f32)
                    )
                })
                .collect();
            canvas.line(&waves, look.accent, 9.0, 0.95);
        }
        _ => {}
    }
    canvas.close();
}

/// One mug, sometimes two stacked in the distance.
pub fn mug(canvas: &mut Canvas, look: &Look) {
    canvas.floor_shadow((410.0, LEDGE + 22.0), (240.0, 22.0));
    let (half, taper) = (canvas.seed.range(140.0, 176.0), canvas.seed.range(-20.0, 44.0));
    let top = canvas.seed.range(430.0, 510.0);
    let (left, right) = (370.0 - half, 370.0 + half);
    let ear = format!(
        "M{:.0} {:.0}C{:.0} {:.0} {:.0} {:.0} {:.0} {:.0}",
        right - 10.0,
        top + 66.0,
        right + 130.0,
        top + 40.0,
        right + 120.0,
        LEDGE - 60.0,
        right - taper * 0.6 - 10.0,
        LEDGE - 66.0
    );
    canvas.line(&ear, look.colour.shade(0.26), 38.0, 1.0);
    canvas.line(&ear, look.colour.tint(0.06), 28.0, 1.0);
    let body = format!(
        "M{left:.0} {top:.0}L{:.0} {:.0}Q{:.0} {:.0} 370 {:.0}T{:.0} {:.0}L{right:.0} {top:.0}a{half:.0} 36 0 0 1-{:.0} 0z",
        left + taper * 0.8,
        LEDGE - 30.0,
        left + taper,
        LEDGE + 20.0,
        LEDGE + 22.0,
        right - taper * 0.8,
        LEDGE - 30.0,
        half * 2.0
    );
    canvas.solid(&body, look.colour, Finish::Gloss);
    glaze(canvas, &body, look, top, LEDGE + 20.0);
    if look.pattern != Pattern::Plain {
        canvas.cloth(&body, look.colour, look.pattern);
    }
    canvas.veil(&format!("M{:.0} {:.0}L{:.0} {:.0}", left + 36.0, top + 60.0, left + 50.0, LEDGE - 70.0), WHITE, 0.0);
    canvas.line(
        &format!("M{:.0} {:.0}L{:.0} {:.0}", left + 40.0, top + 66.0, left + 46.0 + taper * 0.5, LEDGE - 90.0),
        WHITE,
        12.0,
        0.42,
    );
    canvas.ellipse((370.0, top), (half, 36.0), look.colour.tint(0.35));
    canvas.ellipse((370.0, top + 3.0), (half - 13.0, 28.0), look.colour.shade(0.35));
    let drink = if canvas.seed.chance(0.6) { Rgb::hex(0x4a2c1d) } else { Rgb::hex(0xa86b32) };
    canvas.ellipse((370.0, top + 11.0), (half - 24.0, 19.0), drink);
    canvas.ellipse((344.0, top + 7.0), (half * 0.4, 6.0), drink.tint(0.3));
    steam(canvas, 370.0, top - 26.0);
}

/// A casserole with lid and two ears.
pub fn casserole(canvas: &mut Canvas, look: &Look) {
    canvas.floor_shadow((400.0, LEDGE + 18.0), (290.0, 24.0));
    let deep = canvas.seed.range(190.0, 270.0);
    let top = LEDGE - deep;
    let half = canvas.seed.range(220.0, 258.0);
    let (left, right) = (400.0 - half, 400.0 + half);
    for x in [left - 48.0, right - 22.0] {
        canvas.put(format_args!("<rect x=\"{x:.0}\" y=\"{:.0}\" width=\"70\" height=\"52\" rx=\"22\" fill=\"none\" stroke=\"{}\" stroke-width=\"20\"/>", top + 36.0, look.colour.shade(0.3)));
    }
    let body = format!(
        "M{left:.0} {top:.0}H{right:.0}L{:.0} {:.0}Q{:.0} {LEDGE} {:.0} {:.0}H{:.0}Q{:.0} {LEDGE} {:.0} {:.0}z",
        right - 14.0,
        LEDGE - 40.0,
        right - 20.0,
        right - 70.0,
        LEDGE + 16.0,
        left + 70.0,
        left + 20.0,
        left + 14.0,
        LEDGE - 40.0
    );
    canvas.solid(&body, look.colour, Finish::Gloss);
    canvas.line(&format!("M{:.0} {:.0}V{:.0}", left + 60.0, top + 40.0, LEDGE - 60.0), WHITE, 15.0, 0.34);
    let high = canvas.seed.range(70.0, 120.0);
    let lid = format!(
        "M{:.0} {top:.0}Q{:.0} {:.0} 400 {:.0}T{:.0} {top:.0}v16H{:.0}z",
        left - 12.0,
        left + 30.0,
        top - high,
        top - high,
        right + 12.0,
        left - 12.0
    );
    canvas.solid(&lid, look.colour.tint(0.06), Finish::Gloss);
    canvas.line(&format!("M{:.0} {:.0}H{:.0}", left - 8.0, top + 18.0, right + 8.0), INK, 5.0, 0.35);
    canvas.solid(
        &format!("M384 {:.0}h32v30h-32zM352 {:.0}q48-26 96 0v18q-48 20-96 0z", top - high - 22.0, top - high - 40.0),
        look.accent,
        Finish::Metal,
    );
    canvas.line(
        &format!(
            "M{:.0} {:.0}Q{:.0} {:.0} 340 {:.0}",
            left + 50.0,
            top - 18.0,
            left + 90.0,
            top - high * 0.8,
            top - high * 0.92
        ),
        WHITE,
        10.0,
        0.45,
    );
    steam(canvas, 400.0, top - high - 70.0);
}

/// A frying pan hung on the wall, seen from above.
pub fn frying_pan(canvas: &mut Canvas, look: &Look) {
    let r = canvas.seed.range(210.0, 250.0);
    canvas.open(format_args!("transform=\"rotate({:.0} 400 500)\"", canvas.seed.clone().range(-26.0, 26.0)));
    canvas.wall_shadow(
        &format!("M{:.0} 610a{r:.0} {r:.0} 0 1 0 {:.0} 0a{r:.0} {r:.0} 0 1 0-{:.0} 0z", 400.0 - r, r * 2.0, r * 2.0),
        (20.0, 24.0),
    );
    canvas.wood("M380 90q20-16 40 0l10 300h-60z", look.accent, false);
    canvas.ellipse((400.0, 124.0), (9.0, 13.0), INK);
    canvas.solid("M368 330h64v70h-64z", Rgb::hex(0x9a9a9c), Finish::Metal);
    canvas.ellipse((400.0, 610.0), (r, r), look.colour);
    canvas.ellipse((400.0, 610.0), (r - 16.0, r - 16.0), look.colour.shade(0.45));
    let base = canvas.radial((0.4, 0.36), 0.7, &[(0, look.colour.tint(0.26), 1.0), (100, look.colour.shade(0.4), 1.0)]);
    canvas.ellipse((400.0, 610.0), (r - 44.0, r - 44.0), base);
    let rings: String = (1..5)
        .map(|i| {
            let q = r - 54.0 - 26.0 * i as f32;
            format!("M{:.0} 610a{q:.0} {q:.0} 0 1 0 {:.0} 0a{q:.0} {q:.0} 0 1 0-{:.0} 0z", 400.0 - q, q * 2.0, q * 2.0)
        })
        .collect();
    canvas.line(&rings, WHITE, 2.0, 0.16);
    canvas.close();
}

/// A stack of bowls.
pub fn bowls(canvas: &mut Canvas, look: &Look) {
    canvas.floor_shadow((400.0, LEDGE + 18.0), (220.0, 22.0));
    let count = 2 + canvas.seed.below(3);
    let tones = [look.colour, look.accent, look.colour.tint(0.36), look.accent.tint(0.3)];
    for i in 0..count {
        let (y, half) = (LEDGE - 96.0 * i as f32, 226.0 - 16.0 * i as f32);
        let body = format!(
            "M{:.0} {:.0}Q{:.0} {y:.0} 350 {:.0}H450Q{:.0} {y:.0} {:.0} {:.0}a{half:.0} 34 0 0 1-{:.0} 0z",
            400.0 - half,
            y - 150.0,
            400.0 - half + 16.0,
            y + 16.0,
            400.0 + half - 16.0,
            400.0 + half,
            y - 150.0,
            half * 2.0
        );
        canvas.solid(&body, tones[i], Finish::Gloss);
        glaze(canvas, &body, &Look { colour: tones[i], accent: tones[(i + 1) % 4], ..*look }, y - 150.0, y);
        canvas.ellipse((400.0, y - 150.0), (half, 34.0), tones[i].tint(0.4));
        canvas.ellipse((400.0, y - 146.0), (half - 12.0, 27.0), tones[i].shade(0.24));
    }
}

/// A set of plates seen from above, on linen.
pub fn plates(canvas: &mut Canvas, look: &Look) {
    let turn = canvas.seed.range(-10.0, 10.0);
    canvas.open(format_args!("transform=\"rotate({turn:.0} 400 520)\""));
    canvas.wall_shadow("M140 210H660V830H140z", (10.0, 14.0));
    canvas.cloth("M140 210H660V830H140z", look.accent.tint(0.45), Pattern::Weave);
    let fringe: String = (0..40).map(|i| format!("M{} 830v20M{} 190v20", 146 + i * 13, 146 + i * 13)).collect();
    canvas.line(&fringe, look.accent.tint(0.45), 3.0, 1.0);
    canvas.close();
    let ring = canvas.seed.below(4);
    for (r, tone) in [(236.0_f32, look.colour), (168.0, look.colour.tint(0.3))] {
        canvas.wall_shadow(
            &format!("M{:.0} 520a{r} {r} 0 1 0 {:.0} 0a{r} {r} 0 1 0-{:.0} 0z", 400.0 - r, r * 2.0, r * 2.0),
            (9.0, 14.0),
        );
        let paint =
            canvas.radial((0.36, 0.3), 0.9, &[(0, tone.tint(0.4), 1.0), (60, tone, 1.0), (100, tone.shade(0.2), 1.0)]);
        canvas.ellipse((400.0, 520.0), (r, r), paint);
        canvas.put(format_args!(
            "<circle cx=\"400\" cy=\"520\" r=\"{:.0}\" fill=\"none\" stroke=\"{}\" stroke-width=\"3\" opacity=\".4\"/>",
            r * 0.7,
            tone.shade(0.3)
        ));
        let dash = ["0", "4 18", "26 12", "2 9"][ring];
        canvas.put(format_args!("<circle cx=\"400\" cy=\"520\" r=\"{:.0}\" fill=\"none\" stroke=\"{}\" stroke-width=\"9\" stroke-dasharray=\"{dash}\" stroke-linecap=\"round\"/>", r - 16.0, look.accent));
    }
    canvas.line("M400 590V470", look.accent.shade(0.2), 5.0, 1.0);
    canvas.fill(
        "M400 560q-50-4-54-50 48 4 54 50zM400 530q50-4 54-50-48 4-54 50zM400 480q-24-24 0-56 24 32 0 56z",
        look.accent,
    );
    canvas.line("M92 330V700M82 330v74q10 16 20 0v-74", Rgb::hex(0xb7b2a8), 10.0, 1.0);
    canvas.line("M712 330V700M712 330q22 70 0 150", Rgb::hex(0xb7b2a8), 12.0, 1.0);
}

/// A teapot with a handle of cane or clay.
pub fn teapot(canvas: &mut Canvas, look: &Look) {
    canvas.floor_shadow((400.0, LEDGE + 18.0), (230.0, 22.0));
    let belly = canvas.seed.range(180.0, 214.0);
    let top = canvas.seed.range(500.0, 540.0);
    if canvas.seed.chance(0.5) {
        canvas.line(
            &format!("M262 {top:.0}C250 {:.0} 550 {:.0} 538 {top:.0}", top - 240.0, top - 240.0),
            Rgb::hex(0xb08a55),
            22.0,
            1.0,
        );
        canvas.line(
            &format!("M262 {top:.0}C250 {:.0} 550 {:.0} 538 {top:.0}", top - 246.0, top - 246.0),
            Rgb::hex(0xdcbf8c),
            6.0,
            0.8,
        );
    } else {
        canvas.line(
            &format!(
                "M{:.0} 590C{:.0} 560 {:.0} 740 {:.0} 700",
                390.0 - belly,
                270.0 - belly,
                280.0 - belly,
                400.0 - belly
            ),
            look.colour.shade(0.16),
            30.0,
            1.0,
        );
    }
    canvas.solid(
        &format!(
            "M{:.0} 700Q{:.0} 660 {:.0} 560L{:.0} 546Q{:.0} 600 {:.0} 620z",
            380.0 + belly,
            460.0 + belly,
            470.0 + belly,
            510.0 + belly,
            520.0 + belly,
            392.0 + belly * 0.8
        ),
        look.colour.shade(0.06),
        Finish::Gloss,
    );
    let body = format!(
        "M310 {top:.0}C{:.0} {:.0} {:.0} {LEDGE} 310 {:.0}H490C{:.0} {LEDGE} {:.0} {:.0} 490 {top:.0}z",
        400.0 - belly * 1.25,
        top + 60.0,
        400.0 - belly * 1.25,
        LEDGE + 14.0,
        400.0 + belly * 1.25,
        400.0 + belly * 1.25,
        top + 60.0
    );
    canvas.solid(&body, look.colour, Finish::Gloss);
    glaze(canvas, &body, look, top, LEDGE + 10.0);
    canvas.line(
        &format!("M{:.0} 600Q{:.0} 650 {:.0} 700", 440.0 - belly, 426.0 - belly, 440.0 - belly),
        WHITE,
        13.0,
        0.5,
    );
    canvas.solid(
        &format!(
            "M300 {top:.0}Q320 {:.0} 400 {:.0}T500 {top:.0}Q400 {:.0} 300 {top:.0}z",
            top - 52.0,
            top - 52.0,
            top + 26.0
        ),
        look.colour.tint(0.08),
        Finish::Gloss,
    );
    canvas.ellipse((400.0, top - 60.0), (22.0, 20.0), look.accent);
    canvas.ellipse((393.0, top - 67.0), (7.0, 6.0), look.accent.tint(0.6));
}

/// A wooden board with bread or fruit.
pub fn board(canvas: &mut Canvas, look: &Look) {
    canvas.open(format_args!("transform=\"rotate({:.0} 400 500)\"", canvas.seed.clone().range(-14.0, 14.0)));
    let round = canvas.seed.chance(0.45);
    let path = if round {
        "M372 90q28-16 56 0l10 140Q640 300 640 540T400 800 160 560 362 230z"
    } else {
        "M366 90q34-16 68 0l6 150H560q30 0 30 30V800q0 40-40 40H250q-40 0-40-40V270q0-30 30-30H360z"
    };
    canvas.wall_shadow(path, (16.0, 22.0));
    canvas.wood(path, look.colour, false);
    canvas.ellipse((400.0, 128.0), (13.0, 16.0), look.colour.shade(0.6));
    if canvas.seed.chance(0.5) {
        canvas.solid("M290 520Q290 400 400 400T510 520Q530 700 400 710T290 520z", Rgb::hex(0xc98b4a), Finish::Matte);
        canvas.line("M340 470q60-30 110 10M330 550q70-34 134 10M340 630q60-28 116 8", Rgb::hex(0xf2d9a8), 13.0, 0.9);
    } else {
        for (x, y, tone) in [(330.0, 480.0, 0xc23b34), (460.0, 560.0, 0xd86a2e), (340.0, 650.0, 0x8a9a4b)] {
            let paint = canvas.radial(
                (0.35, 0.3),
                0.8,
                &[(0, Rgb::hex(tone).tint(0.5), 1.0), (45, Rgb::hex(tone), 1.0), (100, Rgb::hex(tone).shade(0.3), 1.0)],
            );
            canvas.ellipse((x + 6.0, y + 12.0), (62.0, 60.0), INK.mix(look.colour, 0.6));
            canvas.ellipse((x, y), (60.0, 58.0), paint);
            canvas.fill(&format!("M{x} {:.0}q24-30 50-22-14 30-50 22z", y - 50.0), Rgb::hex(0x56733f));
        }
    }
    canvas.close();
}

/// Two glasses and, by the seed, a jug.
pub fn glasses(canvas: &mut Canvas, look: &Look) {
    canvas.floor_shadow((400.0, LEDGE + 14.0), (270.0, 18.0));
    let stem = canvas.seed.chance(0.5);
    let tall = canvas.seed.range(200.0, 280.0);
    for (x, fill) in [(270.0, 0.5), (520.0, 0.34)] {
        let base = if stem { LEDGE - 140.0 } else { LEDGE + 10.0 };
        let top = base - tall;
        let (a, b) = (96.0, if stem { 40.0 } else { 80.0 });
        let body = format!(
            "M{:.0} {top:.0}C{:.0} {:.0} {:.0} {base:.0} {x:.0} {base:.0}S{:.0} {:.0} {:.0} {top:.0}z",
            x - a,
            x - a - 8.0,
            base - 40.0,
            x - b,
            x + a + 8.0,
            base - 40.0,
            x + a
        );
        if stem {
            canvas.line(&format!("M{x} {base:.0}V{LEDGE}"), look.colour.tint(0.4), 11.0, 0.9);
            canvas.ellipse((x, LEDGE + 4.0), (80.0, 14.0), look.colour.tint(0.5));
        }
        let glass = canvas.linear(
            (0.0, 0.0),
            (1.0, 0.2),
            &[(0, look.colour, 0.72), (24, WHITE, 0.62), (55, look.colour, 0.3), (100, look.colour.shade(0.2), 0.7)],
        );
        canvas.fill(&body, glass);
        let clip = canvas.clip(&body);
        canvas.open(format_args!("clip-path=\"{clip}\""));
        canvas.veil(&format!("M0 {:.0}h800V1000H0z", top + tall * (1.0 - fill)), look.accent, 0.62);
        canvas.ellipse((x, top + tall * (1.0 - fill)), (94.0, 15.0), look.accent.tint(0.35));
        for i in 0..6 {
            canvas.line(&format!("M{:.0} {top:.0}V{base:.0}", x - 84.0 + 34.0 * i as f32), WHITE, 3.0, 0.3);
        }
        canvas.close();
        canvas.put(format_args!(
            "<ellipse cx=\"{x}\" cy=\"{top:.0}\" rx=\"{a}\" ry=\"17\" fill=\"{}\" opacity=\".5\"/>",
            look.colour.tint(0.6)
        ));
        canvas.line(&format!("M{:.0} {:.0}q-8 70 12 {:.0}", x - 66.0, top + 34.0, tall * 0.6), WHITE, 11.0, 0.75);
    }
}
