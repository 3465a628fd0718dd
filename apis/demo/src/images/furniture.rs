//! Seats, tables, shelves and lamps. They stand on a floor whose line `FLOOR` is part of the drawing.

use super::canvas::{Canvas, Finish, Pattern};
use super::colour::{INK, Rgb, WHITE};
use super::spec::Look;

/// The height (y) at which wall and floor meet behind furniture.
pub const FLOOR: f32 = 740.0;

fn woods(canvas: &mut Canvas) -> Rgb {
    [Rgb::hex(0xc39a6b), Rgb::hex(0x9a6b45), Rgb::hex(0x6f4a33), Rgb::hex(0xd9b88a)][canvas.seed.below(4)]
}

fn legs(canvas: &mut Canvas, wood: Rgb, feet: &[(f32, f32, f32)], bottom: f32) {
    for &(top_x, top_y, foot_x) in feet {
        canvas.wood(&format!("M{:.0} {top_y:.0}h26L{:.0} {bottom:.0}h-14z", top_x - 13.0, foot_x + 7.0), wood, false);
    }
}

/// A sofa for two or three, with loose cushions.
pub fn sofa(canvas: &mut Canvas, look: &Look) {
    canvas.floor_shadow((400.0, 868.0), (350.0, 26.0));
    let wood = woods(canvas);
    legs(
        canvas,
        wood,
        &[(120.0, 800.0, 104.0), (680.0, 800.0, 696.0), (250.0, 800.0, 246.0), (550.0, 800.0, 554.0)],
        866.0,
    );
    let back = canvas.seed.range(470.0, 530.0);
    let round = canvas.seed.range(20.0, 70.0);
    let seats = 2 + canvas.seed.below(2);
    let width = 560.0 / seats as f32;
    for i in 0..seats {
        let x = 120.0 + width * i as f32;
        canvas.cloth(
            &format!(
                "M{x:.0} 720V{:.0}q0-{round:.0} {round:.0}-{round:.0}h{:.0}q{round:.0} 0 {round:.0} {round:.0}V720z",
                back + round,
                width - 2.0 * round
            ),
            look.colour,
            look.pattern,
        );
    }
    for i in 0..seats {
        let x = 118.0 + (width + 1.0) * i as f32;
        canvas.cloth(
            &format!("M{x:.0} 680q4-26 34-26h{:.0}q30 0 34 26l2 62h-{:.0}z", width - 68.0, width + 2.0),
            look.colour.tint(0.1),
            look.pattern,
        );
        canvas.line(&format!("M{:.0} 740h{:.0}", x + 4.0, width - 8.0), INK, 4.0, 0.28);
    }
    canvas.cloth("M112 736H688V806Q400 820 112 806z", look.colour.shade(0.1), look.pattern);
    for path in ["M62 640Q62 590 104 590Q148 590 148 640V806H62z", "M738 640Q738 590 696 590Q652 590 652 640V806H738z"]
    {
        canvas.cloth(path, look.colour.shade(0.04), look.pattern);
    }
    let print = [Pattern::Stripes, Pattern::Dots, Pattern::Leaves, Pattern::Geometric][canvas.seed.below(4)];
    canvas.open(format_args!("transform=\"rotate(-8 220 620)\""));
    canvas.cloth("M158 556q60 10 122 0 -8 60 0 122-60-10-122 0 8-60 0-122z", look.accent, print);
    canvas.close();
    if canvas.seed.chance(0.6) {
        canvas.cloth("M560 690V440Q640 452 690 444L716 800Q640 780 560 790z", look.accent.tint(0.5), Pattern::Knit);
    }
}

/// An armchair with a rounded back.
pub fn armchair(canvas: &mut Canvas, look: &Look) {
    canvas.floor_shadow((400.0, 876.0), (240.0, 24.0));
    let wood = woods(canvas);
    legs(canvas, wood, &[(250.0, 790.0, 226.0), (550.0, 790.0, 574.0)], 874.0);
    let top = canvas.seed.range(400.0, 470.0);
    let bend = canvas.seed.range(60.0, 130.0);
    let back = format!(
        "M214 760Q180 {:.0} {:.0} {top:.0}Q400 {:.0} {:.0} {top:.0}Q620 {:.0} 586 760z",
        top + 60.0,
        180.0 + bend,
        top - 36.0,
        620.0 - bend,
        top + 60.0
    );
    canvas.cloth(&back, look.colour, look.pattern);
    let channels = canvas.seed.below(3);
    if channels > 0 {
        for i in 1..6 {
            let x = 214.0 + 62.0 * i as f32;
            canvas.line(&format!("M{x:.0} {:.0}V660", top + 30.0 + (x - 400.0).abs() * 0.25), INK, 4.0, 0.22);
        }
    } else {
        for (x, y) in [(340.0, top + 90.0), (460.0, top + 90.0), (400.0, top + 160.0)] {
            canvas.ellipse((x, y), (8.0, 8.0), look.colour.shade(0.4));
        }
    }
    canvas.cloth("M250 690Q256 650 300 650H500Q544 650 550 690L556 748H244z", look.colour.tint(0.12), look.pattern);
    canvas.cloth("M232 742H568V800Q400 812 232 800z", look.colour.shade(0.08), look.pattern);
    canvas.cloth("M172 650Q168 600 212 600Q256 600 256 650V802H180z", look.colour.shade(0.04), look.pattern);
    canvas.cloth("M628 650Q632 600 588 600Q544 600 544 650V802H620z", look.colour.shade(0.08), look.pattern);
    if canvas.seed.chance(0.55) {
        canvas.cloth("M330 560q70 12 140 0-8 64 0 128-70-10-140 0 8-64 0-128z", look.accent, Pattern::Weave);
    }
}

/// A dining chair: wooden frame and an upholstered or woven seat.
pub fn chair(canvas: &mut Canvas, look: &Look) {
    canvas.floor_shadow((400.0, 892.0), (200.0, 20.0));
    let wood = woods(canvas);
    canvas.wood("M286 300h24L306 890h-16zM494 300h24L514 890h-16z", wood.shade(0.14), false);
    match canvas.seed.below(3) {
        0 => {
            for y in [330.0, 410.0, 490.0] {
                canvas.wood(
                    &format!("M290 {y}Q400 {:.0} 514 {y}v34Q400 {:.0} 290 {:.0}z", y - 18.0, y + 20.0, y + 34.0),
                    wood,
                    true,
                );
            }
        }
        1 => {
            canvas.wood("M276 290Q400 250 528 290V336Q400 300 276 336z", wood, true);
            for x in [340.0, 380.0, 420.0, 460.0] {
                canvas.wood(&format!("M{:.0} 318h10V600h-10z", x - 5.0), wood, false);
            }
        }
        _ => {
            canvas.cloth("M290 320Q400 280 514 320L510 520Q400 550 294 520z", look.colour, look.pattern);
            canvas.wood("M282 300Q400 256 522 300V326Q400 284 282 326z", wood, true);
        }
    }
    canvas.wood("M236 640h24L236 892h-16zM540 640h24L580 892h-16z", wood, false);
    canvas.wood("M244 652H556V676H244zM250 780H550V796H250z", wood, true);
    canvas.cloth("M232 606Q400 574 568 606L580 644Q400 668 220 644z", look.colour, look.pattern);
    canvas.line("M224 646Q400 670 578 646", INK, 4.0, 0.3);
}

/// A low round or oval table with a small still life.
pub fn side_table(canvas: &mut Canvas, look: &Look) {
    let half = canvas.seed.range(190.0, 280.0);
    let top = canvas.seed.range(560.0, 620.0);
    canvas.floor_shadow((400.0, 892.0), (half * 0.8, 22.0));
    let spread = half * 0.74;
    legs(
        canvas,
        look.colour.shade(0.1),
        &[
            (400.0, top, 400.0),
            (400.0 - spread * 0.7, top, 400.0 - spread),
            (400.0 + spread * 0.7, top, 400.0 + spread),
        ],
        890.0,
    );
    if canvas.seed.chance(0.5) {
        canvas.wood(
            &format!("M{:.0} 770h{:.0}v14h-{:.0}z", 400.0 - spread * 0.88, spread * 1.76, spread * 1.76),
            look.colour,
            true,
        );
    }
    canvas.wood(
        &format!(
            "M{:.0} {top:.0}a{half:.0} 34 0 0 0 {:.0} 0v26a{half:.0} 34 0 0 1-{:.0} 0z",
            400.0 - half,
            half * 2.0,
            half * 2.0
        ),
        look.colour.shade(0.12),
        true,
    );
    canvas.ellipse((400.0, top), (half, 34.0), look.colour.tint(0.2));
    canvas.ellipse((400.0, top - 3.0), (half - 10.0, 29.0), look.colour.tint(0.3));
    let (base, pot) = (top + 2.0, look.accent);
    canvas.line(
        &format!(
            "M340 {:.0}q-10-60-50-92M344 {:.0}q4-80-6-140M348 {:.0}q14-50 46-84",
            base - 90.0,
            base - 90.0,
            base - 90.0
        ),
        Rgb::hex(0x56633f),
        5.0,
        1.0,
    );
    canvas.fill(
        &format!(
            "M292 {:.0}q-40-20-40-62 44 12 40 62zM338 {:.0}q-28-34 0-76 28 40 0 76zM392 {:.0}q6-44 52-50-6 44-52 50z",
            base - 180.0,
            base - 228.0,
            base - 172.0
        ),
        Rgb::hex(0x6f8456),
    );
    canvas.solid(
        &format!("M318 {:.0}q26-8 52 0-4 20 8 46 8 36-34 44-42-8-34-44 12-26 8-46z", base - 92.0),
        pot,
        Finish::Gloss,
    );
    canvas.solid(
        &format!("M430 {:.0}h120v18H430zM440 {:.0}h100v16H440z", base - 20.0, base - 36.0),
        WHITE.mix(pot, 0.3),
        Finish::Matte,
    );
}

/// A dining table or desk seen from the front.
pub fn table(canvas: &mut Canvas, look: &Look) {
    canvas.floor_shadow((400.0, 892.0), (340.0, 22.0));
    let top = canvas.seed.range(560.0, 600.0);
    let inset = canvas.seed.range(20.0, 80.0);
    let lean = canvas.seed.range(-20.0, 34.0);
    legs(
        canvas,
        look.colour.shade(0.08),
        &[(80.0 + inset, top, 80.0 + inset - lean), (720.0 - inset, top, 720.0 - inset + lean)],
        892.0,
    );
    canvas.wood(
        &format!("M{:.0} {:.0}H{:.0}V{:.0}H{:.0}z", 80.0 + inset, top + 20.0, 720.0 - inset, top + 74.0, 80.0 + inset),
        look.colour.shade(0.14),
        true,
    );
    if canvas.seed.chance(0.55) {
        for x in [250.0, 420.0] {
            canvas.line(&format!("M{x} {:.0}h140v38h-140z", top + 28.0), INK, 3.0, 0.35);
            canvas.ellipse((x + 70.0, top + 48.0), (8.0, 8.0), look.accent);
        }
    }
    canvas.wood(&format!("M50 {:.0}H750V{:.0}H50z", top - 8.0, top + 24.0), look.colour, true);
    canvas.veil(&format!("M50 {:.0}H750v6H50z", top - 8.0), WHITE, 0.4);
    canvas.solid(
        &format!(
            "M250 {:.0}Q260 {:.0} 350 {:.0}Q440 {:.0} 450 {:.0}z",
            top - 66.0,
            top - 8.0,
            top - 8.0,
            top - 8.0,
            top - 66.0
        ),
        look.accent,
        Finish::Gloss,
    );
    for (x, y, tone) in [(300.0, 84.0, 0xd98a3a), (350.0, 96.0, 0xc9a227), (396.0, 84.0, 0xb9502f)] {
        canvas.ellipse((x, top - y), (30.0, 28.0), Rgb::hex(tone));
        canvas.ellipse((x - 9.0, top - y - 10.0), (8.0, 7.0), Rgb::hex(tone).tint(0.5));
    }
    canvas.solid(
        &format!(
            "M250 {:.0}Q350 {:.0} 450 {:.0}Q440 {:.0} 400 {:.0}H300Q260 {:.0} 250 {:.0}z",
            top - 70.0,
            top - 50.0,
            top - 70.0,
            top - 8.0,
            top - 8.0,
            top - 8.0,
            top - 70.0
        ),
        look.accent,
        Finish::Gloss,
    );
    canvas.line(&format!("M560 {:.0}v-60M580 {:.0}v-40", top - 8.0, top - 8.0), look.accent.shade(0.3), 13.0, 1.0);
}

/// A three-legged stool.
pub fn stool(canvas: &mut Canvas, look: &Look) {
    canvas.floor_shadow((400.0, 892.0), (170.0, 20.0));
    let top = canvas.seed.range(420.0, 600.0);
    let wood = woods(canvas);
    legs(canvas, wood, &[(400.0, top, 404.0), (320.0, top, 258.0), (480.0, top, 542.0)], 890.0);
    let ring = (top + 890.0) / 2.0 + 60.0;
    canvas.line(&format!("M286 {ring:.0}Q400 {:.0} 514 {ring:.0}", ring + 30.0), wood.shade(0.1), 13.0, 1.0);
    if look.pattern == Pattern::Plain {
        canvas.wood(&format!("M250 {top:.0}a150 30 0 0 0 300 0v22a150 30 0 0 1-300 0z"), look.colour.shade(0.14), true);
        canvas.ellipse((400.0, top), (150.0, 30.0), look.colour.tint(0.2));
    } else {
        canvas.cloth(
            &format!(
                "M244 {:.0}Q250 {:.0} 400 {:.0}T556 {:.0}L552 {:.0}Q400 {:.0} 248 {:.0}z",
                top - 10.0,
                top - 44.0,
                top - 44.0,
                top - 10.0,
                top + 30.0,
                top + 62.0,
                top + 30.0
            ),
            look.colour,
            look.pattern,
        );
    }
}

/// A bookcase with books, vases and boxes.
pub fn shelf(canvas: &mut Canvas, look: &Look) {
    canvas.floor_shadow((400.0, 892.0), (260.0, 20.0));
    let (left, right) = (180.0, 620.0);
    canvas.fill(&format!("M{left} 170H{right}V886H{left}z"), look.colour.shade(0.45));
    canvas.fill(&format!("M{} 186H{}V870H{}z", left + 16.0, right - 16.0, left + 16.0), look.colour.tint(0.46));
    let tones = [
        look.accent,
        Rgb::hex(0x5b7db1),
        Rgb::hex(0xd6a032),
        Rgb::hex(0x81926a),
        Rgb::hex(0xf1e9dc),
        Rgb::hex(0xb5694a),
    ];
    for row in 0..4 {
        let base = 346.0 + 174.0 * row as f32;
        let mut x = left + 26.0;
        while x < right - 70.0 {
            let tone = tones[canvas.seed.below(6)];
            match canvas.seed.below(7) {
                0 => {
                    canvas.solid(
                        &format!("M{x:.0} {:.0}q26-10 52 0-6 20 6 52 8 40-32 50-40-10-32-50 12-32 6-52z", base - 100.0),
                        tone,
                        Finish::Gloss,
                    );
                    x += 66.0;
                }
                1 => x += 40.0,
                _ => {
                    let (w, h) = (canvas.seed.range(18.0, 34.0), canvas.seed.range(86.0, 136.0));
                    canvas.solid(&format!("M{x:.0} {base:.0}v-{h:.0}h{w:.0}v{h:.0}z"), tone, Finish::Matte);
                    x += w + 2.0;
                }
            }
        }
        canvas.wood(&format!("M{left} {base:.0}H{right}v16H{left}z"), look.colour, true);
    }
    canvas.wood(&format!("M{left} 166h18V890h-18zM{} 166h18V890h-18z", right - 18.0), look.colour, false);
    canvas.wood(&format!("M{} 158H{}v18H{}z", left - 8.0, right + 8.0, left - 8.0), look.colour, true);
}

fn glow(canvas: &mut Canvas, centre: (f32, f32), radius: f32) {
    let warm = Rgb::hex(0xffe7a8);
    let paint = canvas.radial((0.5, 0.5), 0.5, &[(0, warm, 0.85), (45, warm, 0.3), (100, warm, 0.0)]);
    canvas.ellipse(centre, (radius, radius), paint);
}

fn shade_path(kind: usize, x: f32, y: f32, size: f32) -> String {
    match kind {
        0 => format!(
            "M{:.0} {y:.0}h{:.0}l{:.0} {:.0}h-{:.0}z",
            x - size * 0.5,
            size,
            size * 0.34,
            size * 0.9,
            size * 1.68
        ),
        1 => format!("M{:.0} {:.0}a{size:.0} {size:.0} 0 0 1 {:.0} 0z", x - size, y + size, size * 2.0),
        2 => format!(
            "M{:.0} {y:.0}h{:.0}q{:.0} {:.0} {:.0} {:.0}h-{:.0}q{:.0}-{:.0} {:.0}-{:.0}z",
            x - size * 0.22,
            size * 0.44,
            size * 0.06,
            size * 0.6,
            size * 0.8,
            size * 0.86,
            size * 2.04,
            size * 0.74,
            size * 0.26,
            size * 0.8,
            size * 0.86
        ),
        _ => format!(
            "M{:.0} {y:.0}q{:.0} {:.0} 0 {:.0}h-{:.0}q-{:.0}-{:.0} 0-{:.0}z",
            x + size * 0.6,
            size * 0.7,
            size * 0.5,
            size * 1.1,
            size * 1.2,
            size * 0.7,
            size * 0.5,
            size * 1.1
        ),
    }
}

/// A lamp for a table or a bedside.
pub fn table_lamp(canvas: &mut Canvas, look: &Look) {
    let kind = canvas.seed.below(4);
    let size = canvas.seed.range(130.0, 165.0);
    glow(canvas, (400.0, 330.0 + size * 0.5), 370.0);
    canvas.floor_shadow((400.0, 818.0), (150.0, 18.0));
    canvas.line("M400 420V760", look.accent.shade(0.1), 12.0, 1.0);
    match canvas.seed.below(4) {
        0 => canvas.solid(
            "M372 560Q300 620 300 720Q300 816 400 816T500 720Q500 620 428 560z",
            look.accent,
            Finish::Gloss,
        ),
        1 => canvas.solid("M310 776h180q12 0 12 40H298q0-40 12-40zM386 520h28v260h-28z", look.accent, Finish::Metal),
        2 => {
            for (y, r) in [(770.0, 78.0), (660.0, 62.0), (568.0, 48.0)] {
                canvas.solid(
                    &format!(
                        "M{:.0} {y}a{r} {:.0} 0 0 1 {:.0} 0a{r} {:.0} 0 0 1-{:.0} 0z",
                        400.0 - r,
                        r * 0.8,
                        r * 2.0,
                        r * 0.8,
                        r * 2.0
                    ),
                    look.accent,
                    Finish::Gloss,
                );
            }
        }
        _ => canvas.solid("M366 560L300 816H500L434 560z", look.accent, Finish::Matte),
    }
    let shade = shade_path(kind, 400.0, 320.0, size);
    canvas.cloth(&shade, look.colour, look.pattern);
    let light = canvas.linear((0.0, 0.0), (0.0, 1.0), &[(0, Rgb::hex(0xffe7a8), 0.0), (100, Rgb::hex(0xffe7a8), 0.62)]);
    canvas.fill(&shade, light);
}

/// A tall lamp that stands on the floor: straight, arched or on three legs.
pub fn floor_lamp(canvas: &mut Canvas, look: &Look) {
    canvas.floor_shadow((400.0, 890.0), (150.0, 16.0));
    let metal = look.accent;
    let (x, y) = match canvas.seed.below(3) {
        0 => {
            canvas.line("M400 240V880", metal, 11.0, 1.0);
            canvas.solid("M310 872h180v18H310z", metal, Finish::Metal);
            (400.0, 160.0)
        }
        1 => {
            canvas.line("M560 880V420Q560 150 380 150Q280 150 262 240", metal, 11.0, 1.0);
            canvas.solid("M480 870h160v20H480z", metal, Finish::Metal);
            (262.0, 230.0)
        }
        _ => {
            let wood = woods(canvas);
            canvas.line("M400 380L286 886M400 380L514 886M400 380V880", wood, 15.0, 1.0);
            canvas.line("M344 640H456", wood.shade(0.2), 8.0, 1.0);
            (400.0, 190.0)
        }
    };
    glow(canvas, (x, y + 120.0), 330.0);
    let kind = canvas.seed.below(3);
    let shade = shade_path(kind, x, y, canvas.seed.range(110.0, 140.0));
    canvas.cloth(&shade, look.colour, look.pattern);
    let light = canvas.linear((0.0, 0.0), (0.0, 1.0), &[(0, Rgb::hex(0xffe7a8), 0.0), (100, Rgb::hex(0xffe7a8), 0.6)]);
    canvas.fill(&shade, light);
}

/// One to three lamps that hang from the ceiling.
pub fn pendant(canvas: &mut Canvas, look: &Look) {
    let count = 1 + canvas.seed.below(3);
    let kind = canvas.seed.below(3);
    for i in 0..count {
        let x = 400.0 + (i as f32 - (count as f32 - 1.0) / 2.0) * 220.0;
        let size = if count == 1 { 200.0 } else { 100.0 } * canvas.seed.range(0.9, 1.1);
        let y = if count == 1 { 330.0 } else { canvas.seed.range(260.0, 440.0) };
        glow(canvas, (x, y + size), size * 2.1);
        canvas.line(&format!("M{x:.0} 0V{y:.0}"), look.accent.shade(0.4), 5.0, 1.0);
        canvas.solid(&format!("M{:.0} {:.0}h32v44h-32z", x - 16.0, y - 36.0), look.accent, Finish::Metal);
        let shade = shade_path(kind, x, y, size);
        canvas.solid(&shade, look.colour, Finish::Gloss);
        if look.pattern != Pattern::Plain {
            canvas.cloth(&shade, look.colour, look.pattern);
        }
        let bottom = y + size * if kind == 1 { 1.0 } else { 0.88 };
        canvas.ellipse((x, bottom), (size * 0.34, size * 0.2), Rgb::hex(0xfff3cf));
    }
}
