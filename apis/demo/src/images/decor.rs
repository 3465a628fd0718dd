//! Textiles and decoration: cushions, rugs, throws, vases, plants, mirrors, frames, clocks, candles, baskets.

use super::canvas::{Canvas, Finish, Pattern};
use super::colour::{INK, Rgb, WHITE};
use super::spec::Look;
use super::tableware::LEDGE;

/// A cushion, with another behind it.
pub fn cushion(canvas: &mut Canvas, look: &Look) {
    canvas.floor_shadow((400.0, 830.0), (300.0, 26.0));
    let bulge = canvas.seed.range(16.0, 34.0);
    let turn = canvas.seed.range(-9.0, 9.0);
    let square = |left: f32, top: f32, size: f32| {
        let (right, bottom, mid) = (left + size, top + size, size / 2.0);
        format!(
            "M{left:.0} {top:.0}Q{:.0} {:.0} {right:.0} {top:.0}Q{:.0} {:.0} {right:.0} {bottom:.0}Q{:.0} {:.0} {left:.0} {bottom:.0}Q{:.0} {:.0} {left:.0} {top:.0}z",
            left + mid,
            top + bulge,
            right - bulge,
            top + mid,
            left + mid,
            bottom - bulge * 0.4,
            left + bulge,
            top + mid
        )
    };
    if canvas.seed.chance(0.6) {
        canvas.open(format_args!("transform=\"rotate({:.0} 520 560)\"", 10.0 - turn));
        canvas.cloth(&square(330.0, 330.0, 400.0), look.accent, Pattern::Weave);
        canvas.close();
    }
    canvas.open(format_args!("transform=\"rotate({turn:.0} 370 600)\""));
    let front = square(130.0, 350.0, 480.0);
    canvas.wall_shadow(&front, (10.0, 8.0));
    let edge = canvas.seed.below(3);
    if edge == 0 {
        let fringe: String = (0..34)
            .map(|i| format!("M{:.0} 358l-4-40M{:.0} 822l4 40", 140.0 + 14.0 * i as f32, 140.0 + 14.0 * i as f32))
            .collect();
        canvas.line(&fringe, look.colour.shade(0.1), 5.0, 1.0);
    }
    canvas.cloth(&front, look.colour, look.pattern);
    if edge == 1 {
        canvas.line(&front, look.accent, 9.0, 1.0);
    }
    canvas.line("M160 380q50 40 80 40M580 380q-50 40-80 40M160 800q40-60 80-70M580 800q-40-60-80-70", INK, 7.0, 0.16);
    if edge == 2 {
        canvas.ellipse((370.0, 590.0), (18.0, 18.0), look.accent);
        canvas.line("M370 560q-10-50 6-80M370 620q10 50-6 80M340 590q-50-10-80 6M400 590q50 10 80-6", INK, 8.0, 0.15);
    }
    canvas.close();
}

/// A rug lying before the buyer, in perspective, with fringes.
pub fn rug(canvas: &mut Canvas, look: &Look) {
    let path = "M170 470H630L760 900H40z";
    if canvas.seed.chance(0.35) {
        canvas.floor_shadow((400.0, 700.0), (360.0, 160.0));
        canvas.ellipse((400.0, 700.0), (352.0, 196.0), look.colour.shade(0.2));
        for (i, share) in [1.0, 0.82, 0.64, 0.46, 0.28].into_iter().enumerate() {
            let tone =
                [look.colour, look.accent, look.colour.tint(0.4), look.accent.shade(0.15), look.colour.shade(0.1)][i];
            canvas.ellipse((400.0, 694.0), (346.0 * share, 190.0 * share), tone);
        }
        canvas.cloth(
            "M54 694a346 190 0 0 1 692 0a346 190 0 0 1-692 0z",
            look.colour.tint(0.3).mix(look.accent, 0.1),
            Pattern::Plain,
        );
        for share in [0.88, 0.7, 0.52, 0.34, 0.16] {
            canvas.put(format_args!("<ellipse cx=\"400\" cy=\"694\" rx=\"{:.0}\" ry=\"{:.0}\" fill=\"none\" stroke=\"{}\" stroke-width=\"20\" opacity=\".75\"/>", 346.0 * share, 190.0 * share, if share > 0.6 { look.colour } else { look.accent }));
        }
        return;
    }
    canvas.wall_shadow(path, (0.0, 12.0));
    let fringe: String = (0..46)
        .map(|i| {
            format!(
                "M{:.0} 900l{:.0} 34M{:.0} 470l{:.0}-18",
                46.0 + 15.6 * i as f32,
                (i % 3) as f32 * 3.0 - 3.0,
                174.0 + 10.0 * i as f32,
                (i % 3) as f32 - 1.0
            )
        })
        .collect();
    canvas.line(&fringe, Rgb::hex(0xf0e6d2), 4.0, 1.0);
    canvas.cloth(path, look.colour, look.pattern);
    let band = |share: f32| {
        let (y, half) = (470.0 + 430.0 * share, 230.0 + 130.0 * share);
        format!("M{:.0} {y:.0}H{:.0}", 400.0 - half, 400.0 + half)
    };
    match canvas.seed.below(3) {
        0 => {
            for (i, share) in [0.08_f32, 0.2, 0.34, 0.5, 0.68, 0.88].into_iter().enumerate() {
                canvas.line(
                    &band(share),
                    if i % 2 == 0 { look.accent } else { look.colour.tint(0.5) },
                    8.0 + 18.0 * share,
                    0.9,
                );
            }
        }
        1 => {
            canvas.line("M204 506H596L700 866H100z", look.accent, 12.0, 0.95);
            canvas.fill("M400 560L520 690 400 840 280 690z", look.accent);
            canvas.fill("M400 610L470 690 400 780 330 690z", look.colour.tint(0.5));
            canvas.fill("M400 650L430 690 400 730 370 690z", look.accent.shade(0.3));
        }
        _ => {
            for row in 0..4 {
                let share = 0.12 + 0.25 * row as f32;
                let (y, half, size) = (470.0 + 430.0 * share, 200.0 + 130.0 * share, 26.0 + 22.0 * share);
                let shapes: String = (0..5)
                    .map(|i| {
                        let x = 400.0 + half * (i as f32 - 2.0) / 2.2;
                        format!("M{x:.0} {:.0}l{size:.0} {size:.0}-{size:.0} {size:.0}-{size:.0}-{size:.0}z", y - size)
                    })
                    .collect();
                canvas.fill(&shapes, if row % 2 == 0 { look.accent } else { look.colour.tint(0.5) });
            }
        }
    }
}

/// A throw or towel folded over a ladder.
pub fn throw(canvas: &mut Canvas, look: &Look) {
    let wood = Rgb::hex(0xb98a5c);
    canvas.wood("M214 60h26L200 960h-26zM560 60h26L626 960h-26z", wood, false);
    for y in [180.0, 420.0, 660.0, 880.0] {
        let spread = (y - 60.0) * 0.044;
        canvas.wood(&format!("M{:.0} {y}H{:.0}v22H{:.0}z", 220.0 - spread, 580.0 + spread, 220.0 - spread), wood, true);
    }
    let hem = canvas.seed.range(640.0, 830.0);
    let path = format!("M236 176Q400 156 564 176L584 {hem:.0}Q400 {:.0} 218 {hem:.0}z", hem + 18.0);
    canvas.wall_shadow(&path, (16.0, 20.0));
    let fringe: String =
        (0..25).map(|i| format!("M{} {:.0}l{} 52", 226 + i * 14, hem + 4.0, (i % 3) * 3 - 3)).collect();
    canvas.line(&fringe, look.colour.tint(0.1), 6.0, 1.0);
    canvas.cloth(&path, look.colour, look.pattern);
    super::tops::folds(canvas, &path, 6);
    canvas.line(
        &format!("M220 {:.0}Q400 {:.0} 582 {:.0}", hem - 50.0, hem - 32.0, hem - 50.0),
        look.accent,
        17.0,
        0.95,
    );
    canvas.line(&format!("M221 {:.0}Q400 {:.0} 581 {:.0}", hem - 84.0, hem - 66.0, hem - 84.0), look.accent, 7.0, 0.95);
}

fn vessel(canvas: &mut Canvas) -> &'static str {
    let shapes = [
        "M356 420Q350 500 290 560Q236 640 280 740Q310 796 400 796T520 740Q564 640 510 560Q450 500 444 420Q400 434 356 420z",
        "M320 400Q300 560 316 700Q324 796 400 796T484 700Q500 560 480 400Q400 424 320 400z",
        "M370 380L362 560Q270 600 270 690Q270 796 400 796T530 690Q530 600 438 560L430 380Q400 390 370 380z",
        "M290 500Q320 520 316 560Q250 640 300 740Q330 796 400 796T500 740Q550 640 484 560Q480 520 510 500Q400 530 290 500z",
        "M340 440Q400 452 460 440Q580 560 480 660Q560 740 460 796H340Q240 740 320 660Q220 560 340 440z",
    ];
    shapes[canvas.seed.below(shapes.len())]
}

/// A vase with branches.
pub fn vase(canvas: &mut Canvas, look: &Look) {
    canvas.floor_shadow((400.0, LEDGE + 18.0), (170.0, 20.0));
    let (green, count) = (Rgb::hex(0x6b7a4c).mix(look.accent, 0.2), 3 + canvas.seed.below(3));
    let bloom = canvas.seed.below(3);
    for i in 0..count {
        let lean = (i as f32 - (count as f32 - 1.0) / 2.0) * 74.0 + canvas.seed.range(-18.0, 18.0);
        let high = canvas.seed.range(130.0, 250.0);
        canvas.line(
            &format!("M400 470Q400 {:.0} {:.0} {high:.0}", 360.0, 400.0 + lean * 1.7),
            green.shade(0.2),
            5.0,
            1.0,
        );
        for step in 1..5 {
            let t = step as f32 / 5.0;
            let (x, y) = (400.0 + lean * 1.7 * t * t, 470.0 - (470.0 - high) * t);
            canvas.fill(
                &format!("M{x:.0} {y:.0}q-46-6-54-50 44 2 54 50zM{x:.0} {y:.0}q46-10 50-54-44 6-50 54z"),
                if step % 2 == 0 { green } else { green.tint(0.2) },
            );
        }
        let (x, y) = (400.0 + lean * 1.7, high);
        match bloom {
            0 => canvas.fill(
                &format!("M{x:.0} {:.0}q-40-30-10-74 30 10 10 74 30-50 50-44 6 44-50 44z", y + 10.0),
                look.accent,
            ),
            1 => {
                for k in 0..6 {
                    let a = std::f32::consts::TAU * k as f32 / 6.0;
                    canvas.ellipse((x + 20.0 * a.cos(), y + 20.0 * a.sin()), (17.0, 17.0), look.accent.tint(0.25));
                }
                canvas.ellipse((x, y), (13.0, 13.0), Rgb::hex(0xe9c25a));
            }
            _ => {}
        }
    }
    let path = vessel(canvas);
    canvas.solid(path, look.colour, if canvas.seed.clone().chance(0.5) { Finish::Matte } else { Finish::Gloss });
    if look.pattern == Pattern::Plain {
        let clip = canvas.clip(path);
        canvas.open(format_args!("clip-path=\"{clip}\""));
        match canvas.seed.below(3) {
            0 => canvas.veil("M0 640q100-30 200 0t200 0 200 0 200 0V800H0z", look.accent, 0.85),
            1 => canvas.line("M0 600h800M0 626h800M0 690h800", look.accent, 9.0, 0.8),
            _ => {}
        }
        canvas.close();
    } else {
        canvas.cloth(path, look.colour, look.pattern);
    }
}

/// A house plant in a pot, on the floor or a ledge.
pub fn potted_plant(canvas: &mut Canvas, look: &Look) {
    canvas.floor_shadow((400.0, LEDGE + 18.0), (180.0, 20.0));
    let green = [Rgb::hex(0x4f7a52), Rgb::hex(0x6d8b45), Rgb::hex(0x3f6b5a)][canvas.seed.below(3)];
    let kind = canvas.seed.below(3);
    for i in 0..9 {
        let angle = -80.0 + 20.0 * i as f32 + canvas.seed.range(-7.0, 7.0);
        let reach = canvas.seed.range(240.0, 400.0) * (1.0 - (angle / 160.0).abs() * 0.5);
        let tone = if i % 2 == 0 { green } else { green.tint(0.16) };
        canvas.open(format_args!("transform=\"translate(400 590) rotate({angle:.0})\""));
        match kind {
            0 => canvas.solid(
                &format!("M-9 0Q-34-{:.0} 0-{reach:.0}Q34-{:.0} 9 0z", reach * 0.5, reach * 0.5),
                tone,
                Finish::Matte,
            ),
            1 => {
                canvas.line(&format!("M0 0V-{:.0}", reach * 0.7), tone.shade(0.3), 6.0, 1.0);
                canvas.solid(
                    &format!("M0-{:.0}q-96-60-40-150 20-30 40-40 20 10 40 40 56 90-40 150z", reach * 0.55),
                    tone,
                    Finish::Matte,
                );
                canvas.line(&format!("M0-{:.0}v-160", reach * 0.55), tone.tint(0.4), 3.0, 0.7);
            }
            _ => {
                canvas.line(&format!("M0 0V-{reach:.0}"), tone.shade(0.3), 5.0, 1.0);
                let fronds: String = (2..9)
                    .map(|k| {
                        let y = reach * k as f32 / 9.0;
                        format!("M0-{y:.0}q-40-8-62-44 48 2 62 44zM0-{y:.0}q40-8 62-44-48 2-62 44z")
                    })
                    .collect();
                canvas.fill(&fronds, tone);
            }
        }
        canvas.close();
    }
    let pot =
        ["M270 570H530L500 796H300z", "M284 570H516Q540 700 480 796H320Q260 700 284 570z", "M300 570H500V796H300z"]
            [canvas.seed.below(3)];
    canvas.solid(pot, look.colour, Finish::Matte);
    if look.pattern != Pattern::Plain {
        canvas.cloth(pot, look.colour, look.pattern);
    }
    canvas.solid("M258 556H542V598H258z", look.colour.shade(0.1), Finish::Matte);
}

/// A mirror on the wall: round, arched or like a pebble.
pub fn mirror(canvas: &mut Canvas, look: &Look) {
    let path = [
        "M400 190a270 270 0 1 1 0 540a270 270 0 1 1 0-540z",
        "M210 860V380a190 190 0 0 1 380 0V860z",
        "M330 170Q520 110 610 300T560 740Q400 880 250 740T190 420Q200 220 330 170z",
        "M240 160H560Q590 160 590 190V820Q590 850 560 850H240Q210 850 210 820V190Q210 160 240 160z",
    ][canvas.seed.below(4)];
    canvas.wall_shadow(path, (18.0, 22.0));
    let glass = canvas.linear(
        (0.0, 0.0),
        (1.0, 1.0),
        &[
            (0, Rgb::hex(0xe9f1f3), 1.0),
            (40, Rgb::hex(0xc4d5db), 1.0),
            (60, Rgb::hex(0xdbe7ea), 1.0),
            (100, Rgb::hex(0xa9bfc8), 1.0),
        ],
    );
    canvas.fill(path, glass);
    let clip = canvas.clip(path);
    canvas.open(format_args!("clip-path=\"{clip}\""));
    canvas.veil("M120 760L560 100h90L200 900zM300 820L690 240h36L360 900z", WHITE, 0.42);
    canvas.veil("M480 1000q-20-300 90-420 90 140 60 420z", Rgb::hex(0x6d8b6a), 0.3);
    canvas.close();
    let width = canvas.seed.range(16.0, 34.0);
    canvas.line(path, look.colour.shade(0.2), width, 1.0);
    canvas.line(path, look.colour.tint(0.3), width * 0.4, 1.0);
    canvas.solid("M90 880H710V906H90z", Rgb::hex(0xb98a5c), Finish::Matte);
    canvas.solid("M600 800q30-10 60 0-6 24 6 44 4 34-36 36-40-2-36-36 12-20 6-44z", look.accent, Finish::Gloss);
}

/// A framed print; its art is drawn by the same hand as the book covers.
pub fn framed_print(canvas: &mut Canvas, look: &Look) {
    canvas.wall_shadow("M170 140H630V840H170z", (20.0, 26.0));
    canvas.wood("M170 140H630V840H170z", look.colour, false);
    canvas.fill("M194 164H606V816H194z", look.colour.shade(0.5));
    canvas.fill("M198 170H606V816H198z", Rgb::hex(0xf8f4ec));
    let clip = canvas.clip("M250 230H554V756H250z");
    canvas.open(format_args!("clip-path=\"{clip}\"><g transform=\"translate(250 230) scale(.7238 .835)\""));
    let scene = canvas.seed.below(super::art::SCENES);
    super::art::scene(canvas, scene, &super::art::palette_near(look.accent));
    canvas.close();
    canvas.close();
    canvas.veil("M198 170H420L280 816H198z", WHITE, 0.16);
}

/// A wall clock.
pub fn clock(canvas: &mut Canvas, look: &Look) {
    let r = canvas.seed.range(220.0, 270.0);
    canvas.wall_shadow(
        &format!("M{:.0} 480a{r:.0} {r:.0} 0 1 0 {:.0} 0a{r:.0} {r:.0} 0 1 0-{:.0} 0z", 400.0 - r, r * 2.0, r * 2.0),
        (20.0, 26.0),
    );
    canvas.solid(
        &format!("M{:.0} 480a{r:.0} {r:.0} 0 1 0 {:.0} 0a{r:.0} {r:.0} 0 1 0-{:.0} 0z", 400.0 - r, r * 2.0, r * 2.0),
        look.colour,
        Finish::Gloss,
    );
    let face = if canvas.seed.chance(0.5) { Rgb::hex(0xf8f4ec) } else { look.accent.tint(0.7) };
    canvas.ellipse((400.0, 480.0), (r - 26.0, r - 26.0), face);
    let style = canvas.seed.below(3);
    for hour in 0..12 {
        let a = std::f32::consts::TAU * hour as f32 / 12.0;
        let (x, y) = (400.0 + (r - 56.0) * a.sin(), 480.0 - (r - 56.0) * a.cos());
        match style {
            0 => canvas.ellipse(
                (x, y),
                (if hour % 3 == 0 { 11.0 } else { 6.0 }, if hour % 3 == 0 { 11.0 } else { 6.0 }),
                look.accent.shade(0.3),
            ),
            1 => canvas.line(
                &format!("M{x:.0} {y:.0}L{:.0} {:.0}", 400.0 + (r - 90.0) * a.sin(), 480.0 - (r - 90.0) * a.cos()),
                face.contrast(),
                if hour % 3 == 0 { 11.0 } else { 5.0 },
                1.0,
            ),
            _ if hour % 3 == 0 => canvas.ellipse((x, y), (17.0, 17.0), look.accent),
            _ => {}
        }
    }
    canvas.open(format_args!("transform=\"rotate({:.0} 400 480)\"", canvas.seed.clone().range(-70.0, -40.0)));
    canvas.line(&format!("M400 500V{:.0}", 480.0 - r * 0.44), INK, 13.0, 1.0);
    canvas.close();
    canvas.open(format_args!("transform=\"rotate({:.0} 400 480)\"", canvas.seed.clone().range(30.0, 90.0)));
    canvas.line(&format!("M400 506V{:.0}", 480.0 - r * 0.66), INK, 8.0, 1.0);
    canvas.close();
    canvas.ellipse((400.0, 480.0), (14.0, 14.0), look.accent);
}

/// Candles: in a jar, or three pillars.
pub fn candles(canvas: &mut Canvas, look: &Look) {
    canvas.floor_shadow((400.0, LEDGE + 14.0), (230.0, 20.0));
    let flame = |canvas: &mut Canvas, x: f32, y: f32| {
        let halo = canvas.radial((0.5, 0.5), 0.5, &[(0, Rgb::hex(0xffe9a8), 0.9), (100, Rgb::hex(0xffe9a8), 0.0)]);
        canvas.ellipse((x, y - 40.0), (120.0, 120.0), halo);
        canvas.line(&format!("M{x:.0} {y:.0}v-20"), INK, 4.0, 1.0);
        canvas.fill(&format!("M{x:.0} {:.0}q-26-26 0-72 26 46 0 72z", y - 14.0), Rgb::hex(0xf6b73c));
        canvas.fill(&format!("M{x:.0} {:.0}q-12-14 0-38 12 24 0 38z", y - 16.0), Rgb::hex(0xfff2c4));
    };
    if canvas.seed.chance(0.5) {
        let half = canvas.seed.range(130.0, 170.0);
        let top = canvas.seed.range(500.0, 560.0);
        flame(canvas, 400.0, top + 20.0);
        let body = format!(
            "M{:.0} {top:.0}V{:.0}Q{:.0} {:.0} 400 {:.0}T{:.0} {:.0}V{top:.0}a{half:.0} 26 0 0 1-{:.0} 0z",
            400.0 - half,
            LEDGE - 20.0,
            400.0 - half,
            LEDGE + 14.0,
            LEDGE + 16.0,
            400.0 + half,
            LEDGE - 20.0,
            half * 2.0
        );
        canvas.solid(&body, look.colour, Finish::Gloss);
        canvas.fill(
            &format!("M{:.0} 610h{:.0}v110h-{:.0}z", 400.0 - half * 0.62, half * 1.24, half * 1.24),
            Rgb::hex(0xf8f1e4),
        );
        canvas.line(
            &format!(
                "M{:.0} 648h{:.0}M{:.0} 680h{:.0}",
                400.0 - half * 0.4,
                half * 0.8,
                400.0 - half * 0.26,
                half * 0.52
            ),
            look.accent,
            9.0,
            0.9,
        );
    } else {
        for (x, tone) in [(270.0, look.colour), (400.0, look.accent), (530.0, look.colour.tint(0.4))] {
            let (top, half) = (canvas.seed.range(380.0, 620.0), canvas.seed.range(48.0, 60.0));
            flame(canvas, x, top + 8.0);
            canvas.solid(
                &format!(
                    "M{:.0} {top:.0}V{:.0}q{half:.0} 18 {:.0} 0V{top:.0}q-{half:.0} 18-{:.0} 0z",
                    x - half,
                    LEDGE + 6.0,
                    half * 2.0,
                    half * 2.0
                ),
                tone,
                Finish::Matte,
            );
            canvas.ellipse((x, top), (half, 12.0), tone.tint(0.4));
        }
    }
}

/// A woven basket with handles.
pub fn basket(canvas: &mut Canvas, look: &Look) {
    canvas.floor_shadow((400.0, 868.0), (250.0, 24.0));
    let body = "M180 500Q400 540 620 500Q650 720 560 860Q400 886 240 860Q150 720 180 500z";
    canvas.ellipse((400.0, 500.0), (222.0, 46.0), look.colour.shade(0.6));
    if canvas.seed.chance(0.6) {
        canvas.cloth(
            "M230 520Q220 380 330 400Q380 330 460 380Q580 370 570 520Q400 560 230 520z",
            look.accent.tint(0.4),
            Pattern::Knit,
        );
    }
    canvas.cloth(body, look.colour, Pattern::Weave);
    let clip = canvas.clip(body);
    canvas.open(format_args!("clip-path=\"{clip}\""));
    for row in 0..12 {
        let y = 520.0 + 30.0 * row as f32;
        let tone = if (4..7).contains(&row) { look.accent } else { look.colour.shade(0.34) };
        let knots: String = (0..17)
            .map(|i| format!("M{:.0} {y:.0}q13 22 26 0", 160.0 + 28.0 * i as f32 + 14.0 * (row % 2) as f32))
            .collect();
        canvas.line(&knots, tone, 7.0, 0.8);
    }
    canvas.close();
    canvas.line(
        "M230 540Q200 400 290 410Q340 420 330 546M470 546Q460 420 510 410Q600 400 570 540",
        look.colour.shade(0.2),
        17.0,
        1.0,
    );
    canvas.line("M182 502Q400 546 618 502", look.colour.tint(0.2), 17.0, 1.0);
}
