//! Books: a composed cover with title and author set in type, standing or lying in a scene.

use super::art::{self, H, Palette, W};
use super::backdrop;
use super::canvas::{Canvas, escape};
use super::colour::{INK, Rgb, WHITE};
use super::spec::{ImageSpec, View};

/// The width of a letter of the fallback fonts, in shares of the type size; a little more than the usual serif, so
/// that a title fits whichever font the reader has.
const LETTER: f32 = 0.62;
/// The distance from line to line of a title, in shares of the type size.
const LEADING: f32 = 1.08;

/// Draws the whole image of a book: backdrop, book, and its front or back.
pub fn book(canvas: &mut Canvas, spec: &ImageSpec<'_>) {
    let palette = art::any_palette(canvas);
    let kind = canvas.seed.below(art::SCENES);
    let room = backdrop::room_for(canvas, palette.ground);
    match spec.view {
        View::Front => {
            backdrop::plinth(canvas, room, 880.0);
            canvas.floor_shadow((414.0, 884.0), (276.0, 20.0));
        }
        View::Other => backdrop::wall(canvas, room),
    }
    let scale = 1.3;
    let (left, top) = (400.0 - W * scale / 2.0, 888.0 - H * scale);
    let lift = if spec.view == View::Other { 20.0 } else { 0.0 };
    let turn = if spec.view == View::Other { canvas.seed.range(-7.0, 7.0) } else { 0.0 };
    canvas.open(format_args!(
        "transform=\"translate({left:.0} {:.0}) scale({scale}) rotate({turn:.1} 210 315)\"",
        top + lift
    ));
    canvas.wall_shadow("M6 4h420v626H6z", (10.0, 12.0));
    pages(canvas);
    let clip = canvas.clip("M0 0h414q6 0 6 6v618q0 6-6 6H0z");
    canvas.open(format_args!("clip-path=\"{clip}\""));
    match spec.view {
        View::Front => front(canvas, spec, kind, &palette),
        View::Other => back(canvas, spec, &palette),
    }
    spine_light(canvas);
    canvas.close();
    canvas.close();
}

fn pages(canvas: &mut Canvas) {
    canvas.fill("M410 8h16v614h-16z", Rgb::hex(0xf3ead7));
    canvas.line("M421 10V620M424 12V618", INK, 1.0, 0.3);
}

fn spine_light(canvas: &mut Canvas) {
    let light = canvas.linear(
        (0.0, 0.0),
        (1.0, 0.0),
        &[(0, INK, 0.42), (3, WHITE, 0.3), (6, INK, 0.26), (9, INK, 0.0), (70, WHITE, 0.08), (100, INK, 0.14)],
    );
    canvas.fill("M0 0h420v630H0z", light);
}

fn front(canvas: &mut Canvas, spec: &ImageSpec<'_>, kind: usize, palette: &Palette) {
    art::scene(canvas, kind, palette);
    let layout = canvas.seed.below(3);
    let lines = wrap(spec.title, 13);
    let longest = lines.iter().map(|line| line.chars().count()).max().unwrap_or(1) as f32;
    let size = (340.0 / (longest * LETTER)).min(60.0).min(136.0 / (lines.len() as f32 * LEADING));
    let dark = art_ground(kind, palette);
    let (ink, panel) = match layout {
        0 => (if dark.luma() > 0.5 { palette.small.shade(0.2) } else { palette.bright.tint(0.4) }, None),
        1 => (palette.small.shade(0.3), Some(palette.bright.tint(0.55))),
        _ => (palette.ground.tint(0.7), Some(palette.small)),
    };
    let ink = match panel {
        Some(panel) if !readable(ink, panel) => panel.contrast(),
        None if !readable(ink, dark) => dark.contrast(),
        _ => ink,
    };
    if let Some(panel) = panel {
        if layout == 1 {
            canvas.fill("M30 34H396V236H30z", panel);
            canvas.line("M40 44H386V226H40z", ink, 2.0, 0.8);
        } else {
            canvas.fill("M0 0h420v236H0z", panel);
            canvas.fill("M0 236h420v7H0z", palette.bright);
        }
    }
    let family = FAMILIES[canvas.seed.below(FAMILIES.len())];
    // Without a panel the art may begin right below y = 200, so the type moves up.
    let (middle, foot) = if layout == 0 { (102.0, 190.0) } else { (122.0, 218.0) };
    let start = middle - size * LEADING * lines.len() as f32 / 2.0 + size * 0.84;
    for (i, line) in lines.iter().enumerate() {
        text(canvas, line, (213.0, start + size * LEADING * i as f32), size, ink, family);
    }
    let author = (300.0 / (spec.byline.chars().count().max(1) as f32 * LETTER)).min(22.0);
    text(
        canvas,
        spec.byline,
        (213.0, foot),
        author,
        ink,
        "font-family=\"Helvetica,Arial,sans-serif\" letter-spacing=\"1\"",
    );
}

/// True if type in `ink` is easily read on `ground`.
fn readable(ink: Rgb, ground: Rgb) -> bool {
    (ink.luma() - ground.luma()).abs() > 0.42
}

/// The colour behind a title that has no panel.
fn art_ground(kind: usize, palette: &Palette) -> Rgb {
    if kind == 10 { palette.small } else { palette.ground }
}

const FAMILIES: [&str; 4] = [
    "font-family=\"Georgia,'Times New Roman',serif\" font-weight=\"700\"",
    "font-family=\"Helvetica,Arial,sans-serif\" font-weight=\"700\"",
    "font-family=\"Georgia,'Times New Roman',serif\" font-style=\"italic\"",
    "font-family=\"Georgia,'Times New Roman',serif\"",
];

fn text(canvas: &mut Canvas, words: &str, at: (f32, f32), size: f32, ink: Rgb, family: &str) {
    canvas.put(format_args!(
        "<text x=\"{:.0}\" y=\"{:.0}\" font-size=\"{size:.1}\" text-anchor=\"middle\" fill=\"{ink}\" {family}>{}</text>",
        at.0,
        at.1,
        escape(words)
    ));
}

fn back(canvas: &mut Canvas, spec: &ImageSpec<'_>, palette: &Palette) {
    canvas.fill("M0 0h420v630H0z", palette.middle);
    canvas.fill("M0 0h420v150H0z", palette.small);
    canvas.fill("M0 150h420v6H0z", palette.bright);
    let lines = wrap(spec.title, 22);
    for (i, line) in lines.iter().enumerate() {
        text(
            canvas,
            line,
            (213.0, 84.0 + 30.0 * i as f32 - 12.0 * lines.len() as f32),
            25.0,
            palette.small.contrast(),
            FAMILIES[0],
        );
    }
    let ink = palette.middle.contrast();
    for row in 0..11 {
        let reach =
            if row == 5 || row == 10 { canvas.seed.range(90.0, 220.0) } else { canvas.seed.range(296.0, 320.0) };
        let y = 200.0 + 20.0 * row as f32 + if row > 5 { 16.0 } else { 0.0 };
        canvas.line(&format!("M54 {y:.0}h{reach:.0}"), ink, 5.0, 0.7);
    }
    canvas.ellipse((102.0, 534.0), (46.0, 46.0), palette.large);
    canvas.ellipse((102.0, 524.0), (17.0, 19.0), palette.bright.tint(0.4));
    canvas.fill("M66 570q4-34 36-34t36 34q-34 22-72 0z", palette.small);
    canvas.fill("M236 490H384V584H236z", WHITE);
    let mut x = 246.0;
    let mut bars = String::new();
    while x < 372.0 {
        let w = [2.0, 3.0, 5.0][canvas.seed.below(3)];
        bars.push_str(&format!("M{x:.0} 500h{w}v62h-{w}z"));
        x += w + [2.0, 3.0, 4.0][canvas.seed.below(3)];
    }
    canvas.fill(&bars, INK);
}

/// Breaks a title into lines of at most about `width` letters, at spaces; a longer word has a line of its own.
fn wrap(title: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in title.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::wrap;

    #[test]
    fn titles_break_at_spaces_and_lose_no_word() {
        assert_eq!(wrap("O mar que a gente inventa", 13), ["O mar que a", "gente inventa"]);
        assert_eq!(wrap("Desentranhamentos", 5), ["Desentranhamentos"]);
        assert!(wrap("", 5).is_empty());
    }
}
