//! Cleaning what merchants write as HTML: buyers' browsers run none of it.

use std::{collections::HashSet, sync::LazyLock};

use ammonia::Builder;
use feira_schemas::{
    limits,
    problem::{Code, FieldError},
    text::{Lines, composed, forbidden},
};

use crate::problem::Problem;

/// The HTML elements that a description may contain: text, its structure, tables, images and links.
const TAGS: &[&str] = &[
    "a",
    "abbr",
    "b",
    "blockquote",
    "br",
    "caption",
    "cite",
    "code",
    "col",
    "colgroup",
    "dd",
    "del",
    "details",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "ins",
    "kbd",
    "li",
    "mark",
    "ol",
    "p",
    "pre",
    "q",
    "s",
    "small",
    "span",
    "strong",
    "sub",
    "summary",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "u",
    "ul",
];

/// Text up to this long is cleaned where it stands; longer text on a thread that may take its time.
const QUICK: usize = 4 * 1024;

static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::default();
    builder
        .tags(TAGS.iter().copied().collect())
        .url_schemes(HashSet::from(["https", "http", "mailto", "tel"]))
        .link_rel(Some("noopener noreferrer nofollow"));
    builder
});

/// HTML with nothing left in it but what a description may contain.
///
/// Cleans the HTML of a description. A longer text than a description may be comes back as it is: the limit's own
/// rule refuses it.
pub async fn clean(html: String) -> Result<String, Problem> {
    let cleaned = match html.len() {
        0 => return Ok(html),
        length if length > limits::DESCRIPTION_BYTES => return Ok(html),
        length if length <= QUICK => CLEANER.clean(&html).to_string(),
        _ => {
            let cleaned = tokio::task::spawn_blocking(move || CLEANER.clean(&html).to_string()).await;
            cleaned.map_err(Problem::internal)?
        }
    };
    // HTML can name a letter by its number, also such as no text may hold.
    match forbidden(&cleaned, Lines::Several) {
        Some(detail) => Err(Problem::fields(vec![FieldError::new("/description", Code::Invalid, detail)])),
        None => Ok(composed(&cleaned).into_owned()),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn nothing_that_runs_is_left() {
        for (written, kept) in [
            ("<p>Olá <b>você</b></p>", "<p>Olá <b>você</b></p>"),
            ("<script>alert(1)</script>ok", "ok"),
            ("<img src=x onerror=alert(1)>", "<img src=\"x\">"),
            ("<a href=\"javascript:alert(1)\">x</a>", "<a rel=\"noopener noreferrer nofollow\">x</a>"),
            ("<iframe src=\"https://e\"></iframe>", ""),
            ("<p style=\"position:fixed\" class=\"x\">a", "<p>a</p>"),
            ("<svg><script>1</script></svg>", ""),
        ] {
            assert_eq!(clean(written.to_owned()).await.unwrap(), kept, "{written}");
        }
    }

    #[tokio::test]
    async fn letters_named_by_number_are_letters_like_others() {
        assert_eq!(clean("<p>e&#769;\n&eacute;</p>".to_owned()).await.unwrap(), "<p>é\né</p>");
        for named in ["&#11;", "&#x1F;", "a&#127;"] {
            assert_eq!(
                clean(format!("<p>{named}</p>")).await.unwrap_err().errors[0].pointer,
                "/description",
                "{named}"
            );
        }
    }

    #[tokio::test]
    async fn hostile_nesting_is_cleaned_in_bounded_space() {
        let html = "<b><i><u><s>".repeat(limits::DESCRIPTION_BYTES / 12);
        assert!(clean(html).await.unwrap().len() < 16 * limits::DESCRIPTION_BYTES);
    }
}
