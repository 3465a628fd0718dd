//! Clothes for the upper body and dresses, each on a hanger.

use super::canvas::{Canvas, Finish, Pattern};
use super::colour::{INK, Rgb, WHITE};
use super::spec::Look;

/// The length of a sleeve.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sleeve {
    Short,
    Long,
}

/// A peg or a rail, and the wooden hanger on it. The shoulders of what hangs there start near y = 215.
pub fn hanger(canvas: &mut Canvas) {
    let metal = Rgb::hex(0x8d8780);
    if canvas.seed.chance(0.55) {
        canvas.solid("M0 78h800v13H0z", Rgb::hex(0x6f6a66), Finish::Matte);
        canvas.veil("M0 78h800v4H0z", WHITE, 0.35);
    } else {
        canvas.wall_shadow("M384 70h32v32h-32z", (10.0, 12.0));
        canvas.ellipse((400.0, 88.0), (19.0, 19.0), Rgb::hex(0x9a6b45));
        canvas.ellipse((395.0, 83.0), (9.0, 9.0), Rgb::hex(0xc08d62));
    }
    canvas.line("M400 190V150q0-14 14-20 18-10 16-30-4-22-28-22-18 0-26 16", metal, 6.0, 1.0);
    canvas.line("M262 236Q330 214 400 186 470 214 538 236", Rgb::hex(0xb98a5c), 17.0, 1.0);
    canvas.line("M264 231Q330 209 400 181 470 209 536 231", Rgb::hex(0xe0b98c), 4.0, 0.8);
}

/// Soft vertical folds inside a shape.
pub fn folds(canvas: &mut Canvas, path: &str, count: usize) {
    let clip = canvas.clip(path);
    let blur = canvas.blur(5.0);
    canvas.open(format_args!("clip-path=\"{clip}\"><g filter=\"{blur}\""));
    for i in 0..count {
        let x = 250.0 + 300.0 * (i as f32 + canvas.seed.range(0.1, 0.9)) / count as f32;
        let (top, bend) = (canvas.seed.range(380.0, 620.0), canvas.seed.range(-34.0, 34.0));
        let (paint, opacity) = if i % 3 == 2 { (WHITE, 0.2) } else { (INK, 0.17) };
        let width = canvas.seed.range(8.0, 20.0);
        canvas.line(&format!("M{x:.0} {top:.0}q{bend:.0} 120 {:.0} 420", bend * 0.4), paint, width, opacity);
    }
    canvas.close();
    canvas.close();
}

fn sleeves(canvas: &mut Canvas, look: &Look, sleeve: Sleeve, flare: f32) {
    let pair = match sleeve {
        Sleeve::Short => {
            let drop = canvas.seed.range(-14.0, 26.0) + flare;
            [
                format!("M256 238Q196 268 138 {:.0}L222 {:.0}L262 400z", 396.0 + drop, 446.0 + drop),
                format!("M544 238Q604 268 662 {:.0}L578 {:.0}L538 400z", 396.0 + drop, 446.0 + drop),
            ]
        }
        Sleeve::Long => [
            format!("M256 238Q196 268 176 420L{:.0} 730L208 742Q236 560 268 420z", 138.0 - flare),
            format!("M544 238Q604 268 624 420L{:.0} 730L592 742Q564 560 532 420z", 662.0 + flare),
        ],
    };
    for path in &pair {
        canvas.wall_shadow(path, (16.0, 20.0));
        canvas.cloth(path, look.colour.shade(0.07), look.pattern);
    }
    if sleeve == Sleeve::Short {
        let drop = flare;
        canvas.stitches(&format!("M146 {:.0}L224 {:.0}", 386.0 + drop, 432.0 + drop), look.colour.contrast());
        canvas.stitches(&format!("M654 {:.0}L576 {:.0}", 386.0 + drop, 432.0 + drop), look.colour.contrast());
    }
}

fn trunk(canvas: &mut Canvas, look: &Look, hem: f32, wide: f32, neck: f32) -> String {
    let path = format!(
        "M322 216Q400 {neck:.0} 478 216L548 240Q566 330 552 430L{:.0} {hem:.0}Q400 {:.0} {:.0} {hem:.0}L248 430Q234 330 252 240z",
        400.0 + wide,
        hem + 26.0,
        400.0 - wide
    );
    canvas.wall_shadow(&path, (18.0, 24.0));
    canvas.fill(&format!("M318 214Q400 190 482 214Q400 {neck:.0} 318 214z"), look.colour.shade(0.5));
    canvas.cloth(&path, look.colour, look.pattern);
    folds(canvas, &path, 5);
    path
}

fn round_collar(canvas: &mut Canvas, look: &Look, neck: f32, width: f32) {
    canvas.line(&format!("M320 217Q400 {:.0} 480 217", neck + 4.0), look.colour.shade(0.22), width, 1.0);
    canvas.line(&format!("M324 217Q400 {:.0} 476 217", neck - 2.0), look.colour.tint(0.2), 2.0, 0.6);
}

/// A T-shirt, plain or with something printed on the chest.
pub fn tee(canvas: &mut Canvas, look: &Look) {
    hanger(canvas);
    sleeves(canvas, look, Sleeve::Short, 0.0);
    let (hem, wide) = (canvas.seed.range(770.0, 830.0), canvas.seed.range(158.0, 184.0));
    let neck = canvas.seed.range(282.0, 318.0);
    trunk(canvas, look, hem, wide, neck);
    round_collar(canvas, look, neck, 15.0);
    canvas.stitches(
        &format!("M{:.0} {:.0}Q400 {:.0} {:.0} {:.0}", 406.0 - wide, hem - 20.0, hem + 6.0, 394.0 + wide, hem - 20.0),
        look.colour.contrast(),
    );
    if look.pattern == Pattern::Plain {
        chest_print(canvas, look);
    }
}

fn chest_print(canvas: &mut Canvas, look: &Look) {
    let (mark, accent) = (look.colour.contrast(), look.accent);
    match canvas.seed.below(6) {
        0 => {
            canvas.ellipse((400.0, 436.0), (62.0, 62.0), accent);
            canvas.line("M316 470q21-18 42 0t42 0 42 0 42 0M316 496q21-18 42 0t42 0 42 0 42 0", mark, 9.0, 1.0);
        }
        1 => {
            canvas.line("M400 540V390", mark, 5.0, 1.0);
            canvas.fill(
                "M400 470q-66-8-70-66 62 4 70 66zM400 500q66-8 70-66-62 4-70 66zM400 420q-34-30 0-76 34 46 0 76z",
                accent,
            );
        }
        2 => {
            canvas.fill("M300 500l66-106 40 58 26-36 68 84z", mark);
            canvas.ellipse((458.0, 386.0), (27.0, 27.0), accent);
            canvas.fill("M366 394l24 35-18 8-14-12-16 8z", WHITE);
        }
        3 => {
            canvas.fill("M316 440q40-60 84-10 44-50 84 10-42-26-84 16-42-42-84-16z", mark);
            canvas.ellipse((400.0, 394.0), (22.0, 22.0), accent);
        }
        4 => {
            canvas.cloth("M438 388h82v78q-41 26-82 0z", look.colour.shade(0.08), Pattern::Weave);
            canvas.stitches("M444 394h70v68q-35 22-70 0z", mark);
        }
        _ => {
            for (i, tone) in [accent, mark, look.colour.tint(0.4)].into_iter().enumerate() {
                canvas.line(
                    &format!("M{} 496a{r} {r} 0 0 1 {} 0", 330 + i * 24, 140 - i * 48, r = 70 - i * 24),
                    tone,
                    15.0,
                    1.0,
                );
            }
        }
    }
}

/// A sleeveless top with straps.
pub fn tank(canvas: &mut Canvas, look: &Look) {
    hanger(canvas);
    let (hem, dip) = (canvas.seed.range(690.0, 780.0), canvas.seed.range(350.0, 400.0));
    let path = format!(
        "M300 222L338 210Q344 {dip:.0} 400 {dip:.0}Q456 {dip:.0} 462 210L500 222Q500 380 556 420L{:.0} {hem:.0}Q400 {:.0} {:.0} {hem:.0}L244 420Q300 380 300 222z",
        572.0,
        hem + 30.0,
        228.0
    );
    canvas.wall_shadow(&path, (16.0, 22.0));
    canvas.fill(
        &format!("M338 222Q400 {:.0} 462 222Q456 {dip:.0} 400 {dip:.0}Q344 {dip:.0} 338 222z", dip - 60.0),
        look.colour.shade(0.45),
    );
    canvas.cloth(&path, look.colour, look.pattern);
    folds(canvas, &path, 5);
    canvas.line(&format!("M338 210Q344 {dip:.0} 400 {dip:.0}Q456 {dip:.0} 462 210"), look.colour.shade(0.25), 9.0, 1.0);
    canvas.line("M300 224Q300 380 246 420M500 224Q500 380 554 420", look.colour.shade(0.25), 8.0, 1.0);
}

/// A button-up shirt with collar, pocket and long or short sleeves.
pub fn shirt(canvas: &mut Canvas, look: &Look) {
    hanger(canvas);
    let long = canvas.seed.chance(0.55);
    sleeves(canvas, look, if long { Sleeve::Long } else { Sleeve::Short }, 6.0);
    if long {
        canvas.fill("M134 700L206 714L204 752L128 738zM666 700L594 714L596 752L672 738z", look.colour.shade(0.16));
    }
    let hem = canvas.seed.range(780.0, 830.0);
    trunk(canvas, look, hem, 168.0, 300.0);
    canvas.cloth(&format!("M384 268h32v{:.0}q-16 3-32 0z", hem - 256.0), look.colour.tint(0.08), Pattern::Plain);
    canvas.line(&format!("M384 268V{:.0}", hem + 12.0), INK, 2.5, 0.25);
    let buttons = look.colour.contrast().mix(look.accent, 0.3);
    for i in 0..6 {
        let y = 310.0 + (hem - 350.0) * i as f32 / 5.0;
        canvas.ellipse((401.0, y + 2.0), (8.0, 8.0), look.colour.shade(0.4));
        canvas.ellipse((400.0, y), (7.5, 7.5), buttons);
    }
    canvas.cloth("M440 400h86v84l-43 20-43-20z", look.colour.shade(0.05), look.pattern);
    canvas.line("M440 402h86v82l-43 20-43-20z", INK, 2.5, 0.28);
    canvas.fill("M318 208Q400 184 482 208L470 232Q400 206 330 232z", look.colour.shade(0.4));
    canvas.cloth("M318 206L400 272L352 326L296 232z", look.colour.tint(0.12), Pattern::Plain);
    canvas.cloth("M482 206L400 272L448 326L504 232z", look.colour.tint(0.06), Pattern::Plain);
}

/// A knitted jumper with ribbed hem, cuffs and collar.
pub fn jumper(canvas: &mut Canvas, look: &Look) {
    hanger(canvas);
    let knit = Look { pattern: if look.pattern == Pattern::Plain { Pattern::Knit } else { look.pattern }, ..*look };
    sleeves(canvas, &knit, Sleeve::Long, 16.0);
    let hem = canvas.seed.range(740.0, 800.0);
    let path = trunk(canvas, &knit, hem, 176.0, 286.0);
    if canvas.seed.chance(0.5) {
        let clip = canvas.clip(&path);
        canvas.open(format_args!("clip-path=\"{clip}\""));
        canvas.line(
            "M200 380l25-22 25 22 25-22 25 22 25-22 25 22 25-22 25 22 25-22 25 22 25-22 25 22 25-22 25 22 25-22",
            look.accent,
            15.0,
            0.95,
        );
        canvas.line("M200 424h420", look.colour.contrast(), 9.0, 0.9);
        canvas.line("M200 340h420", look.colour.contrast(), 9.0, 0.9);
        canvas.close();
    }
    canvas.cloth(
        &format!(
            "M222 {:.0}Q400 {:.0} 578 {:.0}L574 {:.0}Q400 {:.0} 226 {:.0}z",
            hem - 42.0,
            hem - 16.0,
            hem - 42.0,
            hem + 14.0,
            hem + 42.0,
            hem + 14.0
        ),
        look.colour.shade(0.1),
        Pattern::Ribs,
    );
    canvas.cloth("M122 690L212 702L206 758L112 744z", look.colour.shade(0.1), Pattern::Ribs);
    canvas.cloth("M678 690L588 702L594 758L688 744z", look.colour.shade(0.1), Pattern::Ribs);
    round_collar(canvas, look, 288.0, 26.0);
}

/// A sweatshirt with hood and front pocket.
pub fn hoodie(canvas: &mut Canvas, look: &Look) {
    hanger(canvas);
    sleeves(canvas, look, Sleeve::Long, 14.0);
    trunk(canvas, look, 770.0, 176.0, 300.0);
    canvas.cloth("M224 742Q400 768 576 742L572 790Q400 818 228 790z", look.colour.shade(0.12), Pattern::Ribs);
    canvas.cloth("M126 692L212 704L207 756L116 744z", look.colour.shade(0.12), Pattern::Ribs);
    canvas.cloth("M674 692L588 704L593 756L684 744z", look.colour.shade(0.12), Pattern::Ribs);
    let pocket = "M300 590H500L548 716Q400 734 252 716z";
    canvas.wall_shadow(pocket, (2.0, 5.0));
    canvas.cloth(pocket, look.colour.tint(0.05), look.pattern);
    canvas.stitches("M304 598H496L538 708Q400 726 262 708z", look.colour.contrast());
    canvas.cloth(
        "M306 238Q270 160 400 142Q530 160 494 238Q450 330 400 338Q350 330 306 238z",
        look.colour.shade(0.14),
        look.pattern,
    );
    canvas.fill(
        "M338 232Q318 176 400 172Q482 176 462 232Q440 296 400 306Q360 296 338 232z",
        look.accent.mix(look.colour, 0.4).shade(0.35),
    );
    canvas.line("M374 304q-8 70 2 128M426 304q10 60 0 112", look.colour.contrast(), 7.0, 0.95);
    canvas.line("M376 424v16M426 408v16", look.accent, 9.0, 1.0);
}

/// A short jacket: denim or leather, buttoned or zipped, open at the collar.
pub fn jacket(canvas: &mut Canvas, look: &Look) {
    hanger(canvas);
    sleeves(canvas, look, Sleeve::Long, 8.0);
    canvas.fill("M130 696L210 710L207 752L122 738zM670 696L590 710L593 752L678 738z", look.colour.shade(0.24));
    let path = trunk(canvas, look, 730.0, 172.0, 330.0);
    canvas.cloth("M228 696Q400 722 572 696L569 746Q400 774 231 746z", look.colour.shade(0.14), look.pattern);
    let seam = look.colour.contrast().mix(Rgb::hex(0xd79a4a), 0.5);
    // Denim and other woven cloth is buttoned; the rest may as well be zipped.
    if look.pattern != Pattern::Plain || canvas.seed.chance(0.4) {
        canvas.line("M400 300V764", INK, 4.0, 0.5);
        for i in 0..6 {
            canvas.ellipse((410.0, 350.0 + 70.0 * i as f32), (9.0, 9.0), look.accent);
        }
        for x in [274, 440] {
            canvas.cloth(&format!("M{x} 420h86v92l-43 16-43-16z"), look.colour.tint(0.05), look.pattern);
            canvas.stitches(&format!("M{x} 426h86M{} 426v84l37 14 37-14v-84", x + 6), seam);
            canvas.cloth(&format!("M{} 412h94v26l-47 18-47-18z", x - 4), look.colour.shade(0.1), look.pattern);
        }
        canvas.stitches("M256 372H384M416 372H546M300 540L330 694M500 540L470 694", seam);
    } else {
        canvas.line("M400 310L436 764", Rgb::hex(0xc9c4bc), 9.0, 1.0);
        canvas.line("M400 310L436 764", INK, 2.0, 0.6);
        canvas.line("M276 560l70 36M524 560l-58 34M300 430l60 8", Rgb::hex(0xc9c4bc), 6.0, 0.9);
        folds(canvas, &path, 4);
    }
    canvas.fill("M318 210Q400 190 482 210L474 236Q400 214 326 236z", look.colour.shade(0.45));
    canvas.cloth("M316 206L398 318L330 372L276 250z", look.colour.tint(0.1), look.pattern);
    canvas.cloth("M484 206L402 318L470 372L524 250z", look.colour.tint(0.04), look.pattern);
}

/// A tailored blazer with lapels.
pub fn blazer(canvas: &mut Canvas, look: &Look) {
    hanger(canvas);
    sleeves(canvas, look, Sleeve::Long, 0.0);
    trunk(canvas, look, 800.0, 172.0, 340.0);
    canvas.fill("M330 214Q400 196 470 214L404 500z", WHITE.mix(look.accent, 0.28));
    canvas.line("M400 236V480", INK, 2.0, 0.18);
    canvas.line("M404 500Q410 660 430 818", INK, 4.0, 0.45);
    canvas.cloth("M322 206L404 500L318 420L340 392L286 346L300 236z", look.colour.tint(0.1), look.pattern);
    canvas.cloth("M478 206L404 500L484 420L462 392L516 346L500 236z", look.colour.tint(0.03), look.pattern);
    for y in [530.0, 610.0] {
        canvas.ellipse((422.0, y), (11.0, 11.0), look.accent.shade(0.3));
        canvas.ellipse((420.0, y - 2.0), (8.0, 8.0), look.accent);
    }
    canvas.cloth("M254 624h96v26h-96z", look.colour.shade(0.12), look.pattern);
    canvas.cloth("M462 624h92v26h-92z", look.colour.shade(0.12), look.pattern);
    canvas.line("M470 440h64", INK, 4.0, 0.4);
    canvas.fill("M478 438l14-26 14 12 10-16 12 30z", look.accent);
}

/// A dress; neckline, sleeves, waist and flare vary by the seed. `hem` is where it ends (y).
pub fn dress(canvas: &mut Canvas, look: &Look, hem: f32) {
    hanger(canvas);
    let sleeved = canvas.seed.chance(0.5);
    if sleeved {
        sleeves(canvas, look, Sleeve::Short, -20.0);
    }
    let flare = canvas.seed.range(150.0, 230.0) * (hem / 900.0);
    let waist = canvas.seed.range(440.0, 490.0);
    let skirt = format!(
        "M318 {waist:.0}Q400 {:.0} 482 {waist:.0}Q{:.0} 640 {:.0} {hem:.0}Q{:.0} {:.0} 400 {:.0}Q{:.0} {:.0} {:.0} {hem:.0}Q{:.0} 640 318 {waist:.0}z",
        waist + 12.0,
        400.0 + flare * 0.72,
        400.0 + flare,
        400.0 + flare * 0.5,
        hem + 40.0,
        hem + 18.0,
        400.0 - flare * 0.5,
        hem + 44.0,
        400.0 - flare,
        400.0 - flare * 0.72
    );
    let bodice = if sleeved {
        format!(
            "M326 216Q400 {:.0} 474 216L546 240Q540 360 484 {waist:.0}Q400 {:.0} 316 {waist:.0}Q260 360 254 240z",
            canvas.seed.range(290.0, 380.0),
            waist + 14.0
        )
    } else {
        format!(
            "M318 214L334 210L352 318Q400 {:.0} 448 318L466 210L482 214Q486 300 530 340Q500 400 484 {waist:.0}Q400 {:.0} 316 {waist:.0}Q300 400 270 340Q314 300 318 214z",
            canvas.seed.range(300.0, 372.0),
            waist + 14.0
        )
    };
    canvas.wall_shadow(&skirt, (18.0, 22.0));
    canvas.wall_shadow(&bodice, (18.0, 22.0));
    canvas.cloth(&skirt, look.colour, look.pattern);
    folds(canvas, &skirt, 9);
    canvas.cloth(&bodice, look.colour, look.pattern);
    if canvas.seed.chance(0.5) {
        canvas.line(&format!("M316 {waist:.0}Q400 {:.0} 484 {waist:.0}", waist + 16.0), look.accent, 16.0, 1.0);
        canvas.line(
            &format!("M440 {:.0}q20 60 4 120M446 {:.0}q40 40 44 92", waist + 8.0, waist + 8.0),
            look.accent,
            10.0,
            1.0,
        );
    } else {
        canvas.line(&format!("M316 {waist:.0}Q400 {:.0} 484 {waist:.0}", waist + 15.0), INK, 4.0, 0.3);
    }
    if canvas.seed.chance(0.4) {
        let tier = (waist + hem) / 2.0 + 40.0;
        let half = flare * 0.78;
        canvas.line(&format!("M{:.0} {tier:.0}q{:.0} 30 {:.0} 0", 400.0 - half, half, half * 2.0), INK, 6.0, 0.22);
        canvas.stitches(
            &format!("M{:.0} {:.0}q{:.0} 30 {:.0} 0", 400.0 - half, tier + 10.0, half, half * 2.0),
            look.colour.contrast(),
        );
    }
}

/// A one-piece with trousers: straps, waist tie, wide legs.
pub fn jumpsuit(canvas: &mut Canvas, look: &Look) {
    hanger(canvas);
    let wide = canvas.seed.range(120.0, 170.0);
    let legs = format!(
        "M312 470Q400 486 488 470L{:.0} 915Q{:.0} 930 418 915L402 600L382 915Q{:.0} 930 {:.0} 915z",
        400.0 + wide,
        400.0 + wide * 0.5,
        400.0 - wide * 0.5,
        400.0 - wide
    );
    let bodice = "M316 214L338 210L362 330L400 400L438 330L462 210L484 214Q490 310 528 350Q498 410 488 474Q400 490 312 474Q302 410 272 350Q310 310 316 214z";
    canvas.wall_shadow(&legs, (18.0, 22.0));
    canvas.cloth(&legs, look.colour, look.pattern);
    folds(canvas, &legs, 8);
    canvas.cloth(bodice, look.colour, look.pattern);
    canvas.line("M312 474Q400 490 488 474", look.accent, 20.0, 1.0);
    canvas.line("M410 484q-10 60-34 108M414 484q26 50 22 116", look.accent, 11.0, 1.0);
}
