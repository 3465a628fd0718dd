//! Shoes, bags, hats and small things to wear.

use super::canvas::{Canvas, Finish, Pattern};
use super::colour::{INK, Rgb, WHITE};
use super::spec::Look;

/// Draws a shoe twice, the far one first, as pairs are photographed.
fn pair(canvas: &mut Canvas, shoe: impl Fn(&mut Canvas)) {
    for (x, y, scale) in [(86.0, 16.0, 0.9), (0.0, 0.0, 1.0)] {
        canvas.open(format_args!("transform=\"translate({x} {y}) scale({scale})\""));
        shoe(canvas);
        canvas.close();
    }
}

/// A pair of trainers seen from the side; the line they stand on is y = 700.
pub fn sneakers(canvas: &mut Canvas, look: &Look) {
    canvas.floor_shadow((410.0, 704.0), (330.0, 24.0));
    let chunky = canvas.seed.below(3);
    let stripe = canvas.seed.below(4);
    let high = canvas.seed.chance(0.35);
    pair(canvas, |canvas| {
        let collar = if high { 330.0 } else { 420.0 };
        let upper = format!(
            "M150 650Q140 520 160 {collar}Q230 {:.0} 300 {:.0}Q350 500 450 540Q600 560 650 620L652 660H150z",
            collar + 40.0,
            collar + 8.0
        );
        canvas.cloth(&upper, look.colour, look.pattern);
        canvas.cloth(
            &format!(
                "M262 {:.0}L318 {:.0}Q360 500 452 536L420 560Q320 540 262 {:.0}z",
                collar + 26.0,
                collar - 26.0,
                collar + 26.0
            ),
            look.colour.tint(0.3),
            Pattern::Weave,
        );
        canvas.cloth(
            "M520 560Q640 580 652 650L650 664H530Q500 610 520 560z",
            look.accent.mix(WHITE, 0.35),
            Pattern::Plain,
        );
        canvas.cloth(
            &format!("M150 650Q142 560 152 {:.0}Q200 520 214 650z", collar + 60.0),
            look.accent,
            Pattern::Plain,
        );
        match stripe {
            0 => canvas.fill("M250 650Q330 640 420 556L452 566Q390 640 330 654z", look.accent),
            1 => canvas.line("M290 640L330 540M330 646L372 552M370 650L412 562", look.accent, 14.0, 1.0),
            2 => canvas.line("M236 600q60 60 130 10t110-30", look.accent, 16.0, 1.0),
            _ => canvas.fill("M300 590l14 28 30 4-22 20 6 30-28-14-27 14 5-30-22-20 30-4z", look.accent),
        }
        let (count, rise) = if high { (6, 34.0) } else { (4, 28.0) };
        for i in 0..count {
            let (x, y) = (438.0 - 30.0 * i as f32, 532.0 - rise * i as f32 * 0.8);
            canvas.line(&format!("M{x:.0} {y:.0}l-46 26"), WHITE, 9.0, 1.0);
            canvas.line(&format!("M{x:.0} {:.0}l-46 26", y + 6.0), INK, 2.0, 0.2);
        }
        let depth = 700 - 650 + chunky * 4;
        canvas.solid(
            &format!("M140 646Q400 664 662 648Q680 680 656 {h}H156Q130 690 140 646z", h = 650 + depth),
            Rgb::hex(0xf3eee4),
            Finish::Matte,
        );
        canvas.line("M146 672Q400 690 664 674", look.accent, 5.0, 0.9);
        canvas.stitches(
            &format!("M170 {:.0}Q240 {:.0} 296 {:.0}", collar + 22.0, collar + 60.0, collar + 30.0),
            look.colour.contrast(),
        );
    });
}

/// A pair of sandals: footbed, crossing straps, buckle.
pub fn sandals(canvas: &mut Canvas, look: &Look) {
    canvas.floor_shadow((410.0, 704.0), (320.0, 22.0));
    let heel = [0.0, 26.0, 70.0][canvas.seed.below(3)];
    let crossed = canvas.seed.chance(0.6);
    pair(canvas, |canvas| {
        let back = 640.0 - heel;
        let bed = format!(
            "M140 {back:.0}Q250 {back:.0} 360 {:.0}T650 646Q690 650 680 690L{:.0} 700Q520 676 400 690L330 {:.0}Q250 {:.0} 236 700H150z",
            back + heel * 0.5,
            640.0,
            690.0,
            676.0
        );
        canvas.solid(&bed, Rgb::hex(0xc49a6c), Finish::Matte);
        canvas.line(
            &format!("M146 {back:.0}Q250 {back:.0} 360 {:.0}T652 646", back + heel * 0.5),
            Rgb::hex(0xe5c79f),
            9.0,
            1.0,
        );
        canvas.cloth("M470 640Q520 540 600 560Q640 590 640 646Q600 590 540 640z", look.colour, look.pattern);
        if crossed {
            canvas.cloth("M400 640Q450 520 540 520L590 560Q520 560 470 644z", look.colour.shade(0.08), look.pattern);
        }
        canvas.line(&format!("M170 {:.0}Q150 520 210 470Q270 440 320 500L430 600", back - 6.0), look.colour, 20.0, 1.0);
        canvas.line(&format!("M166 {:.0}Q146 520 206 466", back - 10.0), WHITE, 4.0, 0.3);
        canvas.line("M190 500Q250 540 330 512", look.colour.shade(0.1), 18.0, 1.0);
        canvas.solid("M244 510h30v30h-30z", look.accent, Finish::Metal);
    });
}

/// A pair of ankle boots.
pub fn boots(canvas: &mut Canvas, look: &Look) {
    canvas.floor_shadow((410.0, 704.0), (320.0, 24.0));
    let shaft = canvas.seed.range(240.0, 340.0);
    let laced = canvas.seed.chance(0.5);
    pair(canvas, |canvas| {
        let body = format!(
            "M176 {shaft:.0}Q260 {:.0} 352 {shaft:.0}L358 500Q400 556 500 572Q640 590 652 656H170Q200 520 176 {shaft:.0}z",
            shaft + 24.0
        );
        canvas.solid(&body, look.colour, Finish::Gloss);
        canvas.veil("M540 582Q640 600 650 652Q560 640 520 600z", WHITE, 0.2);
        canvas.line("M200 560Q260 600 250 654M360 500Q330 560 252 584", INK, 3.0, 0.4);
        if laced {
            for i in 0..6 {
                let y = shaft + 40.0 + (500.0 - shaft) * i as f32 / 6.0;
                canvas.line(&format!("M318 {y:.0}l44 14M318 {:.0}l44-14", y + 14.0), look.accent, 6.0, 1.0);
            }
        } else {
            canvas.cloth(
                &format!(
                    "M238 {:.0}Q262 {:.0} 292 {:.0}L300 520Q262 540 236 520z",
                    shaft + 16.0,
                    shaft + 18.0,
                    shaft + 16.0
                ),
                look.colour.shade(0.4),
                Pattern::Ribs,
            );
        }
        canvas.line(&format!("M192 {:.0}q-16-34 4-44 22 0 16 44", shaft + 20.0), look.accent, 8.0, 1.0);
        canvas.fill("M164 652H656Q668 676 648 690H320L312 676H262V702H166z", look.colour.shade(0.62));
        canvas.stitches("M180 648H640", look.accent.tint(0.3));
    });
}

/// A cloth tote with long handles.
pub fn tote(canvas: &mut Canvas, look: &Look) {
    canvas.line("M310 440C300 180 500 180 490 440", look.colour.shade(0.3), 24.0, 1.0);
    let body = "M200 420Q400 440 600 420L630 820Q400 856 170 820z";
    canvas.wall_shadow(body, (18.0, 22.0));
    canvas.cloth(body, look.colour, look.pattern);
    super::tops::folds(canvas, body, 5);
    canvas.line("M320 450C310 230 490 230 480 450", look.colour.tint(0.06), 24.0, 1.0);
    canvas.fill("M304 440h34v60h-34zM462 440h34v60h-34z", look.colour.tint(0.06));
    canvas.stitches("M310 446h22v48h-22zM468 446h22v48h-22z", look.colour.contrast());
    canvas.stitches("M206 444Q400 464 594 444", look.colour.contrast());
    if look.pattern == Pattern::Plain {
        let mark = look.colour.contrast();
        match canvas.seed.below(3) {
            0 => {
                canvas.ellipse((400.0, 640.0), (96.0, 96.0), look.accent);
                canvas.line("M290 690q27-24 55 0t55 0 55 0 55 0M290 724q27-24 55 0t55 0 55 0 55 0", mark, 11.0, 1.0);
            }
            1 => {
                canvas.line("M400 760V570", mark, 8.0, 1.0);
                canvas.fill("M400 680q-90-10-96-92 86 6 96 92zM400 720q90-10 96-92-86 6-96 92zM400 610q-46-40 0-104 46 64 0 104z", look.accent);
            }
            _ => canvas.line("M300 600h200M300 650h200M300 700h130", mark, 16.0, 1.0),
        }
    }
}

/// A leather shoulder bag with flap and clasp.
pub fn handbag(canvas: &mut Canvas, look: &Look) {
    let strap = canvas.seed.range(180.0, 290.0);
    canvas.line(&format!("M226 500C230 {strap:.0} 570 {strap:.0} 574 500"), look.colour.shade(0.34), 22.0, 1.0);
    canvas.line(
        &format!("M222 498C228 {:.0} 564 {:.0} 570 496", strap - 6.0, strap - 6.0),
        look.colour.tint(0.2),
        4.0,
        0.7,
    );
    let round = canvas.seed.range(30.0, 120.0);
    let body = format!("M190 480H610L632 {:.0}Q630 790 560 790H240Q170 790 168 {:.0}z", 790.0 - round, 790.0 - round);
    canvas.floor_shadow((400.0, 792.0), (250.0, 20.0));
    canvas.solid(&body, look.colour, Finish::Gloss);
    if look.pattern != Pattern::Plain {
        canvas.cloth(&body, look.colour, look.pattern);
    }
    let drop = canvas.seed.range(610.0, 680.0);
    let flap = format!("M184 470H616L624 540Q600 {drop:.0} 400 {drop:.0}Q200 {drop:.0} 176 540z");
    canvas.wall_shadow(&flap, (0.0, 10.0));
    canvas.solid(&flap, look.colour.tint(0.08), Finish::Gloss);
    canvas.stitches(
        &format!("M196 486H604L610 540Q590 {:.0} 400 {:.0}Q210 {:.0} 190 540z", drop - 16.0, drop - 16.0, drop - 16.0),
        look.colour.contrast(),
    );
    canvas.solid(&format!("M372 {:.0}h56v46q-28 18-56 0z", drop - 24.0), look.accent, Finish::Metal);
    canvas.ellipse((400.0, drop - 4.0), (7.0, 7.0), INK);
    canvas.solid("M204 478h30v42h-30zM566 478h30v42h-30z", look.accent, Finish::Metal);
}

/// A backpack with a front pocket.
pub fn backpack(canvas: &mut Canvas, look: &Look) {
    canvas.floor_shadow((400.0, 862.0), (240.0, 22.0));
    canvas.line("M350 250Q350 180 400 180T450 250", look.colour.shade(0.4), 20.0, 1.0);
    let body = "M210 840Q180 600 200 420Q220 240 400 236Q580 240 600 420Q620 600 590 840Q400 880 210 840z";
    canvas.wall_shadow(body, (20.0, 16.0));
    canvas.cloth(body, look.colour, look.pattern);
    canvas.cloth("M150 640Q150 560 200 560L206 790Q150 800 150 640z", look.colour.shade(0.2), look.pattern);
    canvas.cloth("M650 640Q650 560 600 560L594 790Q650 800 650 640z", look.colour.shade(0.24), look.pattern);
    canvas.line("M216 440Q400 486 584 440", INK, 5.0, 0.35);
    canvas.line("M216 434Q400 480 584 434", look.accent, 5.0, 0.9);
    let pocket = "M250 560Q400 590 550 560L556 800Q400 828 244 800z";
    canvas.wall_shadow(pocket, (0.0, 8.0));
    canvas.cloth(pocket, look.colour.tint(0.08), look.pattern);
    canvas.cloth("M246 552Q400 584 554 552L556 640Q400 672 244 640z", look.accent, Pattern::Weave);
    for x in [310.0, 470.0] {
        canvas.solid(&format!("M{x} 600h22v90h-22z"), Rgb::hex(0x8c5a36), Finish::Matte);
        canvas.solid(&format!("M{:.0} 668h34v28h-34z", x - 6.0), Rgb::hex(0xcfb57a), Finish::Metal);
    }
}

/// A straw hat with a ribbon.
pub fn straw_hat(canvas: &mut Canvas, look: &Look) {
    canvas.floor_shadow((400.0, 690.0), (320.0, 30.0));
    let straw = Rgb::hex(0xddbf88).mix(look.colour, 0.16);
    let wide = canvas.seed.range(280.0, 335.0);
    canvas.cloth(
        &format!(
            "M{:.0} 640a{wide:.0} 66 0 0 0 {:.0} 0a{wide:.0} 74 0 0 0-{:.0} 0z",
            400.0 - wide,
            wide * 2.0,
            wide * 2.0
        ),
        straw,
        Pattern::Weave,
    );
    let crown = "M232 636Q224 400 330 380Q400 420 470 380Q576 400 568 636Q400 690 232 636z";
    canvas.cloth(crown, straw.tint(0.08), Pattern::Weave);
    canvas.line("M330 382Q400 440 470 382", INK, 8.0, 0.2);
    canvas.cloth("M231 580Q400 640 569 580L568 636Q400 692 232 636z", look.colour, look.pattern);
    canvas.fill("M520 600l70-20-16 36 26 34-72-18z", look.accent);
    canvas.line(
        &format!("M{:.0} 640a{wide:.0} 66 0 0 0 {:.0} 0", 406.0 - wide, wide * 2.0 - 12.0),
        straw.shade(0.3),
        4.0,
        0.7,
    );
}

/// A cap with a curved peak.
pub fn cap(canvas: &mut Canvas, look: &Look) {
    canvas.floor_shadow((410.0, 676.0), (290.0, 22.0));
    let crown = "M170 640Q150 380 370 370Q560 376 580 630Q380 700 170 640z";
    canvas.cloth(crown, look.colour, look.pattern);
    canvas.line("M370 372Q300 460 300 662M370 372Q470 460 476 658", INK, 3.0, 0.3);
    canvas.stitches("M378 374Q310 462 310 660M380 374Q480 462 486 654", look.colour.contrast());
    canvas.ellipse((370.0, 370.0), (16.0, 9.0), look.accent);
    canvas.cloth("M300 662Q470 640 580 606Q700 640 706 690Q560 640 300 662z", look.accent, Pattern::Plain);
    canvas.stitches("M330 654Q500 636 590 622Q660 640 690 672", look.accent.contrast());
    canvas.ellipse((400.0, 540.0), (52.0, 52.0), look.colour.contrast());
    match canvas.seed.below(3) {
        0 => canvas.fill("M366 562l26-42 16 22 10-14 28 34z", look.accent),
        1 => canvas.line("M368 548q8-12 16 0t16 0 16 0 16 0M376 528a24 24 0 0 1 48 0", look.accent, 6.0, 1.0),
        _ => canvas.fill("M400 505l9 24 26 1-20 16 7 25-22-14-22 14 7-25-20-16 26-1z", look.accent),
    }
}

/// A scarf folded over a rail, with fringes.
pub fn scarf(canvas: &mut Canvas, look: &Look) {
    canvas.solid("M0 150h800v18H0z", Rgb::hex(0xb98a5c), Finish::Matte);
    for (path, x, hem, tone) in [
        ("M410 146Q480 128 556 150L572 720H430z", 430.0, 720.0, look.colour.shade(0.16)),
        ("M236 150Q330 126 440 148L452 830H244z", 244.0, 830.0, look.colour),
    ] {
        canvas.wall_shadow(path, (20.0, 20.0));
        let fringe: String = (0..15)
            .map(|i| {
                format!(
                    "M{:.0} {hem}l{} 64",
                    x + 4.0 + 14.0 * i as f32 * if x > 400.0 { 0.68 } else { 1.02 },
                    (i % 3) - 1
                )
            })
            .collect();
        canvas.line(&fringe, tone.tint(0.1), 5.0, 1.0);
        canvas.cloth(path, tone, look.pattern);
        super::tops::folds(canvas, path, 5);
    }
    canvas.veil("M244 760L451 760 452 790H244z", look.accent, 0.9);
    canvas.veil("M244 720H451V734H244z", look.accent, 0.9);
}

/// A rolled belt.
pub fn belt(canvas: &mut Canvas, look: &Look) {
    canvas.floor_shadow((400.0, 720.0), (290.0, 30.0));
    let height = canvas.seed.range(64.0, 96.0);
    for (radius, tone) in [(220.0, look.colour.shade(0.2)), (170.0, look.colour), (120.0, look.colour.tint(0.06))] {
        let body = format!(
            "M{:.0} 600a{radius} {:.0} 0 0 0 {:.0} 0v{height:.0}a{radius} {:.0} 0 0 1-{:.0} 0z",
            400.0 - radius,
            radius * 0.4,
            radius * 2.0,
            radius * 0.4,
            radius * 2.0
        );
        canvas.ellipse((400.0, 600.0), (radius, radius * 0.4), look.colour.shade(0.66));
        canvas.solid(&body, tone, Finish::Gloss);
        canvas.stitches(
            &format!("M{:.0} 612a{radius} {:.0} 0 0 0 {:.0} 0", 400.0 - radius, radius * 0.4, radius * 2.0),
            tone.contrast(),
        );
    }
    canvas.open(format_args!("transform=\"translate(0 {:.0})\"", height * 0.5 - 4.0));
    canvas.put(format_args!("<rect x=\"318\" y=\"620\" width=\"164\" height=\"118\" rx=\"26\" fill=\"none\" stroke=\"{}\" stroke-width=\"20\"/>", look.accent));
    canvas.put(format_args!("<rect x=\"318\" y=\"620\" width=\"164\" height=\"118\" rx=\"26\" fill=\"none\" stroke=\"#fff\" stroke-width=\"4\" opacity=\".6\"/>"));
    canvas.line("M330 680H470", look.accent.tint(0.2), 13.0, 1.0);
    canvas.close();
}

/// Sunglasses, round or squared by the seed.
pub fn sunglasses(canvas: &mut Canvas, look: &Look) {
    canvas.floor_shadow((400.0, 650.0), (290.0, 22.0));
    let lens = canvas.linear(
        (0.0, 0.0),
        (0.3, 1.0),
        &[(0, look.accent.shade(0.66), 1.0), (60, look.accent.shade(0.3), 0.96), (100, look.accent.tint(0.3), 0.9)],
    );
    let corner = canvas.seed.range(40.0, 100.0);
    canvas.line("M150 540L96 480M650 540L704 480", look.colour.shade(0.3), 15.0, 1.0);
    for x in [140.0, 430.0] {
        canvas.put(format_args!("<rect x=\"{x}\" y=\"470\" width=\"230\" height=\"{:.0}\" rx=\"{corner:.0}\" fill=\"{lens}\" stroke=\"{}\" stroke-width=\"24\"/>", 150.0 + corner * 0.4, look.colour));
        canvas.line(&format!("M{:.0} 498q40-22 90-14", x + 40.0), WHITE, 10.0, 0.55);
        canvas.line(&format!("M{:.0} 466q60-16 120-6", x + 50.0), WHITE, 5.0, 0.35);
    }
    canvas.line("M370 520Q400 492 430 520", look.colour, 20.0, 1.0);
}

/// A pair of earrings on a small stand.
pub fn earrings(canvas: &mut Canvas, look: &Look) {
    canvas.solid("M180 330h440v20H180z", Rgb::hex(0xb98a5c), Finish::Matte);
    canvas.solid("M390 350h20v430h-20z", Rgb::hex(0xa97a50), Finish::Matte);
    canvas.floor_shadow((400.0, 786.0), (150.0, 18.0));
    canvas.solid("M280 760h240v24H280z", Rgb::hex(0xb98a5c), Finish::Matte);
    let kind = canvas.seed.below(3);
    for x in [270.0, 530.0] {
        canvas.line(&format!("M{x} 326v46"), look.accent, 5.0, 1.0);
        canvas.ellipse((x, 378.0), (13.0, 13.0), look.accent.tint(0.3));
        match kind {
            0 => {
                canvas.put(format_args!(
                    "<circle cx=\"{x}\" cy=\"476\" r=\"78\" fill=\"none\" stroke=\"{}\" stroke-width=\"20\"/>",
                    look.colour
                ));
                canvas.line(&format!("M{:.0} 440q20-34 54-36", x - 62.0), WHITE, 7.0, 0.7);
            }
            1 => {
                canvas.solid(&format!("M{x} 392q70 90 0 150-70-60 0-150z"), look.colour, Finish::Gloss);
                canvas.ellipse((x, 582.0), (22.0, 22.0), look.accent);
            }
            _ => {
                for (i, radius) in [24.0, 34.0, 46.0].into_iter().enumerate() {
                    let y = 412.0 + 66.0 * i as f32;
                    canvas.ellipse((x, y), (radius, radius), look.colour.shade(0.1 * i as f32));
                    canvas.ellipse((x - radius * 0.3, y - radius * 0.3), (radius * 0.3, radius * 0.3), WHITE);
                }
            }
        }
    }
}
