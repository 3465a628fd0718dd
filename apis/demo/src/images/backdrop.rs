//! Backdrops of products: walls, arches, window light, floors, shelves and plinths.

use super::canvas::{Canvas, Finish};
use super::colour::{INK, Rgb, WHITE};

/// A wall and the floor or ledge before it, chosen to sit well together.
#[derive(Clone, Copy, Debug)]
pub struct Room {
    /// The wall.
    pub wall: Rgb,
    /// The floor, the shelf, the second tone.
    pub floor: Rgb,
}

const ROOMS: [Room; 17] = [
    Room { wall: Rgb::hex(0xeee6da), floor: Rgb::hex(0xd8c4a8) },
    Room { wall: Rgb::hex(0xdfe6dc), floor: Rgb::hex(0xb9c6b1) },
    Room { wall: Rgb::hex(0xf2dfd7), floor: Rgb::hex(0xdcb5a4) },
    Room { wall: Rgb::hex(0xdbe5ec), floor: Rgb::hex(0xb3c6d3) },
    Room { wall: Rgb::hex(0xe6dfec), floor: Rgb::hex(0xc5b7d3) },
    Room { wall: Rgb::hex(0xf5ead0), floor: Rgb::hex(0xe0c78f) },
    Room { wall: Rgb::hex(0xe4e2df), floor: Rgb::hex(0xc2bdb6) },
    Room { wall: Rgb::hex(0xd6e8e4), floor: Rgb::hex(0xa4c8c0) },
    Room { wall: Rgb::hex(0xd2a58c), floor: Rgb::hex(0xb27f64) },
    Room { wall: Rgb::hex(0x9fb0a0), floor: Rgb::hex(0x7f927f) },
    Room { wall: Rgb::hex(0xc9b6a4), floor: Rgb::hex(0x9b8571) },
    Room { wall: Rgb::hex(0x93adbf), floor: Rgb::hex(0x728fa4) },
    Room { wall: Rgb::hex(0xbda0ae), floor: Rgb::hex(0x9c7f90) },
    Room { wall: Rgb::hex(0xdcb976), floor: Rgb::hex(0xbd964f) },
    Room { wall: Rgb::hex(0x86aaa6), floor: Rgb::hex(0x648b87) },
    Room { wall: Rgb::hex(0xd79f95), floor: Rgb::hex(0xb57d74) },
    Room { wall: Rgb::hex(0x3f5357), floor: Rgb::hex(0x2f3f43) },
];

/// A room whose wall sets off a product of `colour`.
pub fn room_for(canvas: &mut Canvas, colour: Rgb) -> Room {
    let fitting: Vec<Room> = ROOMS.iter().copied().filter(|room| room.wall.distance(colour) > 0.34).collect();
    fitting.get(canvas.seed.below(fitting.len())).copied().unwrap_or(ROOMS[0])
}

/// A wall for things that hang or lie: plain light plus one of several quiet decorations.
pub fn wall(canvas: &mut Canvas, room: Room) {
    let light = canvas.radial(
        (0.36, 0.3),
        0.95,
        &[(0, room.wall.tint(0.3), 1.0), (60, room.wall, 1.0), (100, room.wall.shade(0.14), 1.0)],
    );
    canvas.fill("M0 0h800v1000H0z", light);
    match canvas.seed.below(6) {
        0 => arch(canvas, room),
        1 => {
            let (x, y) = (canvas.seed.range(330.0, 470.0), canvas.seed.range(380.0, 470.0));
            let r = canvas.seed.range(290.0, 345.0);
            canvas.ellipse((x, y), (r, r), room.floor.tint(0.28));
        }
        2 => window_light(canvas),
        3 => {
            let top = canvas.seed.range(560.0, 680.0);
            canvas.fill(&format!("M0 {top:.0}h800v{:.0}H0z", 1000.0 - top), room.floor.tint(0.12));
            canvas.fill(&format!("M0 {top:.0}h800v9H0z"), room.wall.tint(0.5));
        }
        4 => leaf_shadow(canvas),
        _ => {
            let bend = canvas.seed.range(-60.0, 60.0);
            canvas.veil(
                &format!("M0 {:.0}Q400 {:.0} 800 {:.0}V1000H0z", 720.0 + bend, 640.0 - bend, 760.0 - bend),
                room.floor,
                0.55,
            );
            canvas.veil(
                &format!("M0 {:.0}Q420 {:.0} 800 {:.0}V1000H0z", 850.0 + bend, 770.0, 830.0 + bend),
                room.floor,
                0.7,
            );
        }
    }
}

/// A wall and a floor that meet at `line`, for things that stand.
pub fn standing(canvas: &mut Canvas, room: Room, line: f32) {
    let light = canvas.radial(
        (0.34, 0.28),
        0.95,
        &[(0, room.wall.tint(0.32), 1.0), (60, room.wall, 1.0), (100, room.wall.shade(0.12), 1.0)],
    );
    canvas.fill("M0 0h800v1000H0z", light);
    match canvas.seed.below(5) {
        0 => arch(canvas, room),
        1 => window_light(canvas),
        2 => leaf_shadow(canvas),
        3 => {
            let (x, r) = (canvas.seed.range(280.0, 520.0), canvas.seed.range(200.0, 280.0));
            canvas.ellipse((x, line - r * 0.9), (r, r), room.floor.tint(0.34));
        }
        _ => panels(canvas, room, line),
    }
    let ground =
        canvas.linear((0.0, 0.0), (0.2, 1.0), &[(0, room.floor.shade(0.06), 1.0), (100, room.floor.tint(0.26), 1.0)]);
    canvas.fill(&format!("M0 {line}h800V1000H0z"), ground);
    if canvas.seed.chance(0.5) {
        canvas.fill(&format!("M0 {:.0}h800v26H0z", line - 26.0), room.wall.tint(0.55));
        canvas.veil(&format!("M0 {line}h800v7H0z"), INK, 0.14);
    } else {
        boards(canvas, room, line);
    }
}

/// A table top or shelf at `line`, for small things; wood or stone by the seed.
pub fn ledge(canvas: &mut Canvas, room: Room, line: f32) {
    standing_wall(canvas, room, line);
    let height = 1000.0 - line;
    if canvas.seed.chance(0.5) {
        let wood = [Rgb::hex(0xc79d6f), Rgb::hex(0xa97a50), Rgb::hex(0xddbb90)][canvas.seed.below(3)];
        canvas.wood(&format!("M0 {line}h800v{height}H0z"), wood, true);
        canvas.veil(&format!("M0 {line}h800v8H0z"), WHITE, 0.3);
    } else {
        let paint = canvas.linear(
            (0.0, 0.0),
            (0.1, 1.0),
            &[(0, room.floor.tint(0.3), 1.0), (100, room.floor.shade(0.08), 1.0)],
        );
        canvas.fill(&format!("M0 {line}h800v{height}H0z"), paint);
        canvas.veil(&format!("M0 {line}h800v5H0z"), WHITE, 0.45);
    }
}

/// A round plinth whose top lies at `line`, as in a photographer's studio.
pub fn plinth(canvas: &mut Canvas, room: Room, line: f32) {
    standing_wall(canvas, room, 860.0);
    let ground =
        canvas.linear((0.0, 0.0), (0.0, 1.0), &[(0, room.floor.shade(0.1), 1.0), (100, room.floor.tint(0.2), 1.0)]);
    canvas.fill("M0 860h800v140H0z", ground);
    canvas.floor_shadow((410.0, 950.0), (330.0, 26.0));
    let body = format!("M110 {line}V930a290 40 0 0 0 580 0V{line}z");
    canvas.solid(&body, room.floor.tint(0.4), Finish::Matte);
    canvas.ellipse((400.0, line), (290.0, 40.0), room.floor.tint(0.62));
}

fn standing_wall(canvas: &mut Canvas, room: Room, line: f32) {
    let light = canvas.radial(
        (0.34, 0.3),
        0.95,
        &[(0, room.wall.tint(0.34), 1.0), (60, room.wall, 1.0), (100, room.wall.shade(0.13), 1.0)],
    );
    canvas.fill("M0 0h800v1000H0z", light);
    match canvas.seed.below(5) {
        0 => window_light(canvas),
        1 => leaf_shadow(canvas),
        2 => arch(canvas, room),
        3 => tiles(canvas, room, line),
        _ => {
            let (x, r) = (canvas.seed.range(300.0, 500.0), canvas.seed.range(220.0, 290.0));
            canvas.ellipse((x, line - r * 0.85), (r, r), room.floor.tint(0.4));
        }
    }
}

fn arch(canvas: &mut Canvas, room: Room) {
    let half = canvas.seed.range(230.0, 310.0);
    let top = canvas.seed.range(110.0, 190.0);
    let path =
        format!("M{:.0} 1000V{:.0}a{half:.0} {half:.0} 0 0 1 {:.0} 0V1000z", 400.0 - half, top + half, half * 2.0);
    let paint = canvas.linear(
        (0.0, 0.0),
        (1.0, 0.3),
        &[(0, room.floor.shade(0.12), 1.0), (45, room.floor.tint(0.16), 1.0), (100, room.floor.tint(0.34), 1.0)],
    );
    canvas.fill(&path, paint);
}

fn window_light(canvas: &mut Canvas) {
    let (x, y) = (canvas.seed.range(90.0, 330.0), canvas.seed.range(60.0, 200.0));
    let blur = canvas.blur(5.0);
    canvas.open(format_args!(
        "transform=\"translate({x:.0} {y:.0}) skewY(14)\" fill=\"#fff\" opacity=\".42\" filter=\"{blur}\""
    ));
    canvas.put(format_args!("<path d=\"M0 0h150v200H0zM172 0h150v200H172zM0 222h150v230H0zM172 222h150v230H172z\"/>"));
    canvas.close();
}

fn leaf_shadow(canvas: &mut Canvas) {
    let (x, y) = if canvas.seed.chance(0.5) { (800.0, 60.0) } else { (0.0, 30.0) };
    let turn = if x > 0.0 { 128.0 } else { 18.0 } + canvas.seed.range(-16.0, 16.0);
    let blur = canvas.blur(4.0);
    canvas.open(format_args!(
        "transform=\"translate({x} {y}) rotate({turn:.0})\" fill=\"{INK}\" opacity=\".11\" filter=\"{blur}\""
    ));
    let leaves: String = (0..9)
        .map(|i| {
            let (at, reach) = (60 + i * 52, 190 - i * 15);
            format!(
                "M{at} 0q{} -{} {} -{reach}q-10 {} -{} {reach}zM{at} 0q{} {} {} {reach}q-10 -{} -{} -{reach}z",
                reach / 3,
                reach / 2,
                reach / 2,
                reach / 2,
                reach / 2,
                reach / 3,
                reach / 2,
                reach / 2,
                reach / 2,
                reach / 2
            )
        })
        .collect();
    canvas.put(format_args!("<path d=\"M0 -4L560 -1V1L0 4z{leaves}\"/>"));
    canvas.close();
}

fn panels(canvas: &mut Canvas, room: Room, line: f32) {
    let tone = room.wall.shade(0.1);
    let top = line - 330.0;
    canvas.line(&format!("M0 {top}h800"), tone, 8.0, 0.8);
    for i in 0..4 {
        canvas.line(&format!("M{} {}h150v{}h-150z", 30 + i * 197, top + 45.0, 240), tone, 4.0, 0.7);
    }
}

fn tiles(canvas: &mut Canvas, room: Room, line: f32) {
    let tone = room.wall.tint(0.5);
    let side = 84;
    let rows: String = (0..=(line as i32 / side)).map(|i| format!("M0 {}h800", line as i32 - i * side)).collect();
    let columns: String = (0..=9).map(|i| format!("M{} 0v{line}", 22 + i * side)).collect();
    canvas.line(&format!("{rows}{columns}"), tone, 4.0, 0.8);
}

fn boards(canvas: &mut Canvas, room: Room, line: f32) {
    let tone = room.floor.shade(0.22);
    let lines: String = (0..8).map(|i| format!("M{} {line}L{} 1000", i * 114, i * 160 - 160)).collect();
    canvas.line(&lines, tone, 2.0, 0.5);
}
