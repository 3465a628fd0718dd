//! Trousers, shorts, skirts and socks.

use super::canvas::{Canvas, Finish, Pattern};
use super::colour::{INK, Rgb, WHITE};
use super::spec::Look;
use super::tops::folds;

/// A bar with two clips.
fn clip_hanger(canvas: &mut Canvas, left: f32, right: f32) {
    canvas.solid("M0 62h800v13H0z", Rgb::hex(0x6f6a66), Finish::Matte);
    canvas.line("M400 142V118q0-12 12-18 14-10 10-26-6-14-24-12-14 2-20 14", Rgb::hex(0x8d8780), 6.0, 1.0);
    canvas.line(&format!("M{left} 146H{right}"), Rgb::hex(0xb98a5c), 15.0, 1.0);
    canvas.line(&format!("M{left} 142H{right}"), Rgb::hex(0xe0b98c), 4.0, 0.8);
    for x in [left + 34.0, right - 34.0] {
        canvas.solid(&format!("M{:.0} 136h26v40h-26z", x - 13.0), Rgb::hex(0xb9b6b0), Finish::Metal);
    }
}

/// Trousers; `width` is how far a hem reaches from the middle line of the body: slim near 150, wide near 220.
pub fn trousers(canvas: &mut Canvas, look: &Look, width: f32) {
    clip_hanger(canvas, 268.0, 532.0);
    let outer = width + canvas.seed.range(-8.0, 12.0);
    let left = format!(
        "M282 168Q350 176 404 172L402 420L{:.0} 918Q{:.0} 930 {:.0} 916L248 400z",
        400.0 - outer * 0.2,
        400.0 - outer * 0.6,
        400.0 - outer
    );
    let right = format!(
        "M518 168Q450 176 398 172L402 420L{:.0} 918Q{:.0} 930 {:.0} 916L552 400z",
        400.0 + outer * 0.2,
        400.0 + outer * 0.6,
        400.0 + outer
    );
    for path in [&left, &right] {
        canvas.wall_shadow(path, (18.0, 20.0));
    }
    for path in [&left, &right] {
        canvas.cloth(path, look.colour, look.pattern);
        folds(canvas, path, 4);
    }
    let seam = look.colour.contrast().mix(look.accent, 0.4);
    canvas.cloth("M282 160Q400 176 518 160L521 200Q400 216 279 200z", look.colour.shade(0.1), look.pattern);
    canvas.line("M402 206V420", INK, 3.0, 0.35);
    canvas.stitches("M412 210V330q-2 30-10 44", seam);
    canvas.stitches("M284 206q4 60-26 92M516 206q-4 60 26 92", seam);
    canvas.line("M290 204q2 58-32 86M510 204q-2 58 32 86", INK, 3.0, 0.3);
    for x in [312.0, 372.0, 432.0, 482.0] {
        canvas.fill(&format!("M{x} 160h11v46h-11z"), look.colour.shade(0.2));
    }
    canvas.ellipse((401.0, 188.0), (10.0, 10.0), look.accent);
    if canvas.seed.chance(0.5) {
        let side = |sign: f32, y: f32| 400.0 + sign * (outer + (1.0 - (y - 400.0) / 516.0) * (152.0 - outer) - 9.0);
        canvas.stitches(
            &format!(
                "M{:.0} 420L{:.0} 900M{:.0} 420L{:.0} 900",
                side(-1.0, 420.0),
                side(-1.0, 900.0),
                side(1.0, 420.0),
                side(1.0, 900.0)
            ),
            seam,
        );
    }
}

/// Shorts with a waistband and, by the seed, a cord or a button.
pub fn shorts(canvas: &mut Canvas, look: &Look) {
    clip_hanger(canvas, 248.0, 552.0);
    let hem = canvas.seed.range(560.0, 680.0);
    let out = canvas.seed.range(205.0, 240.0);
    let left = format!(
        "M262 170Q340 180 404 174L402 440L{:.0} {hem:.0}Q{:.0} {:.0} {:.0} {:.0}L236 360z",
        388.0,
        400.0 - out * 0.5,
        hem + 16.0,
        400.0 - out,
        hem - 14.0
    );
    let right = format!(
        "M538 170Q460 180 398 174L402 440L{:.0} {hem:.0}Q{:.0} {:.0} {:.0} {:.0}L564 360z",
        414.0,
        400.0 + out * 0.5,
        hem + 16.0,
        400.0 + out,
        hem - 14.0
    );
    for path in [&left, &right] {
        canvas.wall_shadow(path, (18.0, 20.0));
    }
    for path in [&left, &right] {
        canvas.cloth(path, look.colour, look.pattern);
        folds(canvas, path, 4);
    }
    canvas.cloth("M262 160Q400 180 538 160L542 206Q400 226 258 206z", look.colour.shade(0.12), Pattern::Ribs);
    canvas.line("M402 214V440", INK, 3.0, 0.3);
    canvas.line("M272 214q0 70-34 106M528 214q0 70 34 106", INK, 3.0, 0.3);
    if canvas.seed.chance(0.5) {
        canvas.line("M390 204q-20 60-8 104M412 204q24 50 12 96", look.accent, 8.0, 1.0);
    } else {
        canvas.ellipse((401.0, 192.0), (11.0, 11.0), look.accent);
    }
    canvas.stitches(
        &format!(
            "M{:.0} {:.0}L392 {:.0}M{:.0} {:.0}L410 {:.0}",
            404.0 - out,
            hem - 34.0,
            hem - 20.0,
            396.0 + out,
            hem - 34.0,
            hem - 20.0
        ),
        look.colour.contrast(),
    );
}

/// A skirt: pleated, buttoned or in tiers by the seed. `hem` is where it ends (y).
pub fn skirt(canvas: &mut Canvas, look: &Look, hem: f32) {
    clip_hanger(canvas, 278.0, 522.0);
    let out = canvas.seed.range(180.0, 260.0);
    let path = format!(
        "M292 180Q400 194 508 180Q{:.0} {:.0} {:.0} {hem:.0}Q{:.0} {:.0} 400 {:.0}Q{:.0} {:.0} {:.0} {hem:.0}Q{:.0} {:.0} 292 180z",
        400.0 + out * 0.8,
        hem * 0.55,
        400.0 + out,
        400.0 + out * 0.5,
        hem + 44.0,
        hem + 22.0,
        400.0 - out * 0.5,
        hem + 46.0,
        400.0 - out,
        400.0 - out * 0.8,
        hem * 0.55
    );
    canvas.wall_shadow(&path, (18.0, 22.0));
    canvas.cloth(&path, look.colour, look.pattern);
    folds(canvas, &path, 8);
    match canvas.seed.below(3) {
        0 => {
            for i in -4..=4_i32 {
                let step = i as f32 / 5.0;
                let bottom = hem + 34.0 - step.abs() * 26.0;
                canvas.line(
                    &format!(
                        "M{:.0} 206Q{:.0} {:.0} {:.0} {bottom:.0}",
                        400.0 + step * 108.0,
                        400.0 + step * out * 0.7,
                        hem * 0.6,
                        400.0 + step * out
                    ),
                    INK,
                    4.0,
                    0.24,
                );
                canvas.line(
                    &format!(
                        "M{:.0} 206Q{:.0} {:.0} {:.0} {bottom:.0}",
                        407.0 + step * 108.0,
                        407.0 + step * out * 0.7,
                        hem * 0.6,
                        408.0 + step * out
                    ),
                    WHITE,
                    3.0,
                    0.22,
                );
            }
        }
        1 => {
            canvas.line(&format!("M400 200V{:.0}", hem + 24.0), INK, 3.0, 0.3);
            for i in 0..6 {
                canvas.ellipse((412.0, 240.0 + (hem - 260.0) * i as f32 / 5.0), (9.0, 9.0), look.accent);
            }
        }
        _ => {
            for part in [0.42, 0.7] {
                let (y, half) = (180.0 + (hem - 180.0) * part, 108.0 + (out - 108.0) * part * 1.06);
                canvas.line(&format!("M{:.0} {y:.0}q{half:.0} 34 {:.0} 0", 400.0 - half, half * 2.0), INK, 7.0, 0.24);
                canvas.line(
                    &format!("M{:.0} {:.0}q{half:.0} 34 {:.0} 0", 400.0 - half, y + 9.0, half * 2.0),
                    WHITE,
                    4.0,
                    0.26,
                );
            }
        }
    }
    canvas.cloth("M290 164Q400 182 510 164L513 206Q400 224 287 206z", look.colour.shade(0.14), look.pattern);
}

/// A pair of socks, one before the other.
pub fn socks(canvas: &mut Canvas, look: &Look) {
    for (x, y, turn) in [(70.0, -20.0, 7.0), (-60.0, 20.0, -5.0)] {
        canvas.open(format_args!("transform=\"translate({x} {y}) rotate({turn} 400 500)\""));
        let leg =
            "M330 220H470L466 560Q464 600 440 640L330 780Q290 830 240 800Q200 770 236 720L330 590Q342 570 340 540z";
        canvas.wall_shadow(leg, (16.0, 20.0));
        canvas.cloth(leg, look.colour, look.pattern);
        canvas.fill("M232 726Q196 772 240 800Q290 830 328 782L312 764Q300 730 256 704z", look.accent);
        canvas.fill("M468 520Q470 610 424 660Q400 610 468 520z", look.accent);
        canvas.cloth("M326 216H474L472 290H330z", look.accent.mix(look.colour, 0.25), Pattern::Ribs);
        canvas.line("M352 300V540Q350 580 330 610L262 700", WHITE, 12.0, 0.16);
        canvas.close();
    }
}
