#!/usr/bin/env bash
# Behaviour: a JPEG that ends at 30 % of its bytes decodes without an error. The rest of the image is grey.
#   PNG, GIF and WebP that end there are errors.
# Versions: crate image 0.25.10, with zune-jpeg 0.5.15.
# Source: image's src/codecs/jpeg/decoder.rs turns zune-jpeg's strict mode off. The docs of `load_from_memory`
#   name no format that differs. So an upload that broke off passes as an image.
# Guess before running: all four are errors.
# Seen: Ok of the full size for JPEG, its last row all (128, 128, 128); an error for the other three.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
mkdir src
cat >Cargo.toml <<'TOML'
[package]
name = "cut"
version = "0.0.0"
edition = "2021"

[dependencies]
image = { version = "=0.25.10", default-features = false, features = ["gif", "jpeg", "png", "webp"] }

[workspace]
TOML
cat >src/main.rs <<'RUST'
use std::io::Cursor;

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};

const SIDE: u32 = 256;

fn main() {
    let image = DynamicImage::from(RgbImage::from_fn(SIDE, SIDE, |x, y| {
        Rgb([x as u8, y as u8, (x * 7 + y * 13 + x * y) as u8])
    }));
    for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::Gif, ImageFormat::WebP] {
        let mut whole = Vec::new();
        match format {
            ImageFormat::Gif => image.to_rgba8().write_to(&mut Cursor::new(&mut whole), format).unwrap(),
            _ => image.write_to(&mut Cursor::new(&mut whole), format).unwrap(),
        }
        assert!(image::load_from_memory(&whole).is_ok());
        match image::load_from_memory(&whole[..whole.len() * 3 / 10]) {
            Ok(cut) => {
                let cut = cut.to_rgb8();
                let grey = (0..SIDE).all(|x| cut.get_pixel(x, SIDE - 1).0 == [128; 3]);
                println!("{format:?}: Ok, {}x{}, last row grey: {grey}", cut.width(), cut.height());
            }
            Err(_) => println!("{format:?}: error"),
        }
    }
}
RUST
cargo update --quiet --package zune-jpeg --precise 0.5.15
seen=$(CARGO_TARGET_DIR=$folder/target cargo run --quiet)
echo "$seen"
[[ $seen == "Jpeg: Ok, 256x256, last row grey: true
Png: error
Gif: error
WebP: error" ]]
