//! The files of the page, under names that hold the hash of their content.

use std::sync::LazyLock;

use feira_web::reply::Fixed;
use sha2::{Digest, Sha256};

/// A file.
pub(super) struct File {
    /// The name before the hash.
    stem: &'static str,
    /// The name behind the hash.
    ending: &'static str,
    /// The `Content-Type` header.
    pub content_type: &'static str,
    /// The body.
    pub content: Fixed,
}

const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";
/// The number of files.
const COUNT: usize = 4;

/// All of them, in the order of [`Addresses`].
static ALL: [File; COUNT] = [
    File::new("viewer", "css", CSS, include_str!("assets/swagger-ui/swagger-ui.css")),
    File::new("docs", "css", CSS, include_str!("assets/docs.css")),
    File::new("viewer", "js", JS, include_str!("assets/swagger-ui/swagger-ui-bundle.js")),
    File::new("docs", "js", JS, include_str!("assets/docs.js")),
];

/// The names of [`ALL`], in its order.
static NAMES: LazyLock<[String; COUNT]> = LazyLock::new(|| ALL.each_ref().map(File::name));

/// The addresses that the page links to.
pub(super) struct Addresses {
    pub viewer_style: String,
    pub style: String,
    pub viewer: String,
    pub script: String,
}

impl Addresses {
    /// The addresses below this path.
    pub fn below(path: &str) -> Self {
        let [viewer_style, style, viewer, script] = NAMES.each_ref().map(|name| format!("{path}/{name}"));
        Self { viewer_style, style, viewer, script }
    }
}

impl File {
    const fn new(stem: &'static str, ending: &'static str, content_type: &'static str, content: &'static str) -> Self {
        Self { stem, ending, content_type, content: Fixed::new(content) }
    }

    /// Forty-eight bits of the hash tell releases apart.
    fn name(&self) -> String {
        let hash = hex::encode(&Sha256::digest(self.content.content())[..6]);
        format!("{}.{hash}.{}", self.stem, self.ending)
    }

    fn is_called(&self, name: &str) -> bool {
        let parts: Vec<&str> = name.split('.').collect();
        matches!(parts.as_slice(), [stem, hash, ending] if *stem == self.stem && !hash.is_empty() && *ending == self.ending)
    }
}

/// The file of this name, of whatever release, and whether the name is this release's.
pub(super) fn find(name: &str) -> Option<(&'static File, bool)> {
    let is_current = NAMES.iter().any(|current| current == name);
    ALL.iter().find(|file| file.is_called(name)).map(|file| (file, is_current))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_page_links_to_is_found_and_nothing_else() {
        let Addresses { viewer_style, style, viewer, script } = Addresses::below("/docs/assets");
        for address in [viewer_style, style, viewer, script] {
            let name = address.strip_prefix("/docs/assets/").unwrap_or_default();
            assert!(find(name).is_some_and(|(_, is_current)| is_current), "{address}");
        }
        assert!(find("viewer.000000000000.js").is_some_and(|(_, is_current)| !is_current), "of another release");
        for name in ["", "viewer.js", "viewer..js", "viewer.0.map", "../docs.0.css", "docs.0.css.x"] {
            assert!(find(name).is_none(), "{name}");
        }
    }
}
