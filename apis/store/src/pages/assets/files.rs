//! The stylesheet, the script and the icon: embedded in the binary and served under names that carry their content.
//!
//! A name holds the hash of the content, so a browser may keep the file for ever and still sees a new release at once.
//! The stylesheet and the icon also hold the shop's accent colour (`/assets/feira.<hash>.<rrggbb>.css`): a page needs no
//! inline style to look like its shop, and the answer is still a pure function of the path.

use feira_web::theme::Theme;
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::sync::LazyLock;

const STYLE: &str = include_str!("feira.css");
const SCRIPT: &str = include_str!("feira.js");
const ICON: &str = include_str!("feira.svg");

/// The placeholders in the icon for the accent and the colour readable on it.
const ICON_ACCENT: &str = "#acce47";
const ICON_ON_ACCENT: &str = "#0acce4";

/// A year, the longest time that caches agree on. The name changes with the content, so longer never harms.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// The `Cache-Control` for a name of another release: right for a page just rendered by it, soon asked for again.
const FOR_A_MOMENT: &str = "public, max-age=60";

/// An embedded file, ready to be answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asset {
    /// The `Content-Type` header.
    pub content_type: &'static str,
    /// The body.
    pub bytes: Cow<'static, [u8]>,
    /// The `Cache-Control` header.
    pub cache_control: &'static str,
}

struct Hashes {
    style: String,
    script: String,
    icon: String,
}

/// The style's hash covers a themed rule as well: a change of how shades are derived is a change of content.
static HASHES: LazyLock<Hashes> = LazyLock::new(|| Hashes {
    style: short_hash(&[STYLE, &Theme::default().css_rule()]),
    script: short_hash(&[SCRIPT]),
    icon: short_hash(&[ICON]),
});

static SCRIPT_URL: LazyLock<String> = LazyLock::new(|| format!("/assets/feira.{}.js", HASHES.script));

/// The file behind a request's path (`/assets/…`, without query), or `None` when there is no such file.
///
/// A hash of another release is answered with today's content and a short life: while a deployment rolls, a page of the
/// old release may ask the new one for its stylesheet.
pub fn find(path: &str) -> Option<Asset> {
    let name = path.strip_prefix("/assets/feira.")?;
    let parts: Vec<&str> = name.split('.').collect();
    match parts.as_slice() {
        [hash, accent, "css"] => {
            let body = STYLE.to_owned() + &named_theme(accent)?.css_rule();
            Some(asset("text/css; charset=utf-8", Cow::Owned(body.into_bytes()), hash, &HASHES.style))
        }
        [hash, accent, "svg"] => {
            let theme = named_theme(accent)?;
            let body = ICON.replace(ICON_ACCENT, &theme.accent()).replace(ICON_ON_ACCENT, &theme.on_accent());
            Some(asset("image/svg+xml", Cow::Owned(body.into_bytes()), hash, &HASHES.icon))
        }
        [hash, "js"] => {
            Some(asset("text/javascript; charset=utf-8", Cow::Borrowed(SCRIPT.as_bytes()), hash, &HASHES.script))
        }
        _ => None,
    }
}

/// The stylesheet's address for a theme.
pub fn stylesheet(theme: Theme) -> String {
    format!("/assets/feira.{}.{}.css", HASHES.style, theme.digits())
}

/// The tab icon's address for a theme.
pub fn icon(theme: Theme) -> String {
    format!("/assets/feira.{}.{}.svg", HASHES.icon, theme.digits())
}

/// The script's address.
pub fn script() -> &'static str {
    &SCRIPT_URL
}

fn asset(content_type: &'static str, bytes: Cow<'static, [u8]>, asked: &str, current: &str) -> Asset {
    let cache_control = if asked == current { FOR_EVER } else { FOR_A_MOMENT };
    Asset { content_type, bytes, cache_control }
}

/// Only the spelling that [`stylesheet`] writes is a name; another one would be a second address of the same file.
fn named_theme(digits: &str) -> Option<Theme> {
    Theme::from_hex(digits).filter(|theme| theme.digits() == digits)
}

/// Forty-eight bits: enough to tell releases apart, short enough to stand in every page.
fn short_hash(parts: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part.as_bytes());
    }
    hex::encode(&hasher.finalize()[..6])
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_pages_link_to_is_found_and_kept_for_ever() {
        let theme = Theme::from_hex("#b4441c").unwrap();
        for (path, content_type) in [
            (stylesheet(theme), "text/css; charset=utf-8"),
            (icon(theme), "image/svg+xml"),
            (script().to_owned(), "text/javascript; charset=utf-8"),
        ] {
            let asset = find(&path).unwrap();
            assert_eq!(asset.content_type, content_type);
            assert_eq!(asset.cache_control, FOR_EVER, "{path}");
        }
        let style = String::from_utf8(find(&stylesheet(theme)).unwrap().bytes.into_owned()).unwrap();
        assert!(style.contains("--accent:#b4441c;--on-accent:#ffffff"));
        let drawn = String::from_utf8(find(&icon(theme)).unwrap().bytes.into_owned()).unwrap();
        assert!(drawn.contains("#b4441c") && !drawn.contains(ICON_ACCENT) && !drawn.contains(ICON_ON_ACCENT));
    }

    #[test]
    fn a_name_of_another_release_is_answered_but_not_kept() {
        assert_eq!(find("/assets/feira.000000000000.0f6b57.css").unwrap().cache_control, FOR_A_MOMENT);
    }

    #[test]
    fn other_names_are_not_found() {
        for path in
            ["/assets/", "/assets/feira.css", "/assets/feira.1.2.css", "/assets/feira.1.0F6B57.css", "/feira.1.js"]
        {
            assert_eq!(find(path), None, "{path}");
        }
    }

    #[test]
    fn the_stylesheet_stays_small() {
        assert!(STYLE.len() < 36_000, "{} bytes", STYLE.len());
        assert!(SCRIPT.len() < 12_000, "{} bytes", SCRIPT.len());
    }
}
