//! Writes every page with sample data, the assets and drawn images into a folder, for looking at in a browser:
//! `cargo run -p feira-api-store --example preview -- FOLDER`, then serve the folder with any static web server.

#[path = "../tests/pages/sample.rs"]
mod sample;

use feira_api_store::pages::{Theme, assets, home};
use std::error::Error;
use std::fs;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("usage: preview FOLDER")?;
    let folder = Path::new(&folder);
    fs::create_dir_all(folder.join("assets"))?;
    fs::create_dir_all(folder.join("media"))?;
    for (name, html) in sample::all_pages() {
        fs::write(folder.join(format!("{name}.html")), html)?;
    }
    let mut themes = vec![Theme::default(), sample::suspended().theme];
    for accent in ["#ffd400", "#27408b"] {
        let theme = Theme::from_hex(accent).unwrap_or_default();
        let shop = feira_api_store::pages::Shop { theme, ..sample::shop() };
        fs::write(
            folder.join(format!("home-{}.html", accent.trim_start_matches('#'))),
            home::render(&sample::home(&shop))?,
        )?;
        themes.push(theme);
    }
    for theme in themes {
        write_asset(folder, &assets::stylesheet(theme))?;
        write_asset(folder, &assets::icon(theme))?;
    }
    write_asset(folder, assets::script())?;
    for number in 0..sample::DRAWINGS {
        fs::write(folder.join(format!("media/{number}.svg")), drawing(number))?;
    }
    fs::write(folder.join("media/logo.svg"), LOGO)?;
    Ok(())
}

const LOGO: &str = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 520 120' width='520' height='120'>\
    <circle cx='60' cy='60' r='44' fill='#27408b'/><text x='124' y='80' font-family='Georgia, serif' font-size='62' fill='#27408b'>Alto da Serra</text></svg>";

fn write_asset(folder: &Path, url: &str) -> Result<(), Box<dyn Error>> {
    let asset = assets::find(url).ok_or("an asset that pages link to is missing")?;
    Ok(fs::write(folder.join(url.trim_start_matches('/')), asset.bytes)?)
}

/// A still life in flat colours.
fn drawing(number: usize) -> String {
    let (wall, floor, thing, light) = [
        ("#e9dfd2", "#d9c9b4", "#b5653a", "#d98e63"),
        ("#dfe5e1", "#c5d0c8", "#8a5a2b", "#c98d4e"),
        ("#ece3da", "#d6c3ad", "#5f7161", "#8ba08c"),
        ("#e3e8ea", "#c9d3d6", "#d6a419", "#efc84a"),
        ("#eee6e3", "#dccac4", "#9c4a4a", "#c67f76"),
        ("#e6e4da", "#cfcbb7", "#4f6d7a", "#86a3ae"),
        ("#f0e8dc", "#e0cfb5", "#6b4a2f", "#a07a55"),
        ("#e2e6de", "#c9d1c0", "#3f5e4c", "#7b9a84"),
        ("#ebe1e6", "#d6c3cd", "#74506b", "#a98aa1"),
        ("#e8e8e8", "#d2d0cc", "#2f3a45", "#6c7a88"),
    ][number % sample::DRAWINGS];
    let shape = match number % 5 {
        0 => format!(
            "<path fill='{thing}' d='M330 250h140l-18 70c70 40 98 96 98 160 0 78-62 140-150 140s-150-62-150-140c0-64 28-120 98-160z'/>\
             <path fill='{light}' d='M348 320c-70 40-98 96-98 160 0 50 26 94 66 119-24-90-14-200 60-279z' opacity='.7'/>"
        ),
        1 => format!(
            "<path fill='{thing}' d='M394 120h12v170h-12z'/><path fill='{thing}' d='M400 270c120 0 190 90 190 190H210c0-100 70-190 190-190z'/>\
             <ellipse cx='400' cy='462' rx='190' ry='26' fill='{light}'/>"
        ),
        2 => format!(
            "<rect x='230' y='300' width='340' height='220' rx='60' fill='{thing}'/><rect x='190' y='400' width='420' height='160' rx='50' fill='{light}'/>\
             <path d='M240 560v70M560 560v70' stroke='{thing}' stroke-width='22' stroke-linecap='round'/>"
        ),
        3 => format!(
            "<rect x='300' y='330' width='210' height='270' rx='34' fill='{thing}'/><path d='M510 400l120-90' stroke='{thing}' stroke-width='26' stroke-linecap='round'/>\
             <path d='M300 400c-110 0-110 150 0 150' fill='none' stroke='{light}' stroke-width='24'/>"
        ),
        _ => format!(
            "<rect x='210' y='300' width='380' height='300' rx='28' fill='{thing}'/><path d='M210 380h380M210 460h380M210 540h380' stroke='{light}' stroke-width='16'/>"
        ),
    };
    format!(
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 800 800' width='800' height='800'><rect width='800' height='800' fill='{wall}'/>\
         <rect y='560' width='800' height='240' fill='{floor}'/><ellipse cx='400' cy='628' rx='240' ry='26' fill='#000' opacity='.1'/>{shape}</svg>"
    )
}
