//! The words of a description.

/// Elements whose marks part no word, as a page shows them: what stands in them goes on in its line. `wbr` says where a word
/// may be broken, and so that it is one. All others, which ammonia lets through or a later list may, begin a new line or cell.
const INLINE: [&str; 35] = [
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i", "ins",
    "kbd", "mark", "q", "rb", "rp", "rt", "ruby", "s", "samp", "small", "span", "strike", "strong", "sub", "sup",
    "time", "tt", "u", "wbr",
];

/// The words of clean HTML. The input was cleaned when it was written, so every `<` begins a tag.
pub fn plain_text(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some((before, tag)) = rest.split_once('<') {
        text.push_str(before);
        let Some((tag, after)) = tag.split_once('>') else {
            rest = "";
            break;
        };
        if !is_inline(tag) {
            text.push(' ');
        }
        rest = after;
    }
    text.push_str(rest);
    for (entity, character) in
        [("&nbsp;", " "), ("&shy;", ""), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&amp;", "&")]
    {
        if text.contains(entity) {
            text = text.replace(entity, character);
        }
    }
    text
}

/// True if a tag, without its brackets, is an inline element's.
fn is_inline(tag: &str) -> bool {
    let name = tag.trim_start_matches('/').split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
    INLINE.binary_search(&name.to_ascii_lowercase().as_str()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptions_are_searched_without_their_markup() {
        assert_eq!(plain_text("<p>Caf&amp;amp <b>forte</b>&nbsp;moído</p>"), " Caf&amp forte moído ");
        assert_eq!(plain_text("no tags"), "no tags");
        assert_eq!(plain_text("cut <b"), "cut ");
    }

    #[test]
    fn f35_inline_marks_part_no_word_and_blocks_do() {
        let words = |html: &str| plain_text(html).split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        for (html, expected) in [
            ("f<b>ub</b>á H<sub>2</sub>O 2 m<sup>2</sup>", vec!["fubá", "H2O", "2", "m2"]),
            ("<span class=\"x\">pa</span><SPAN>nela</SPAN> anti<wbr>aderente", vec!["panela", "antiaderente"]),
            ("<ul><li>tampa</li><li>cabo</li></ul>", vec!["tampa", "cabo"]),
            ("um<br>dois<br/>três<hr />quatro<p>cinco</p>seis", vec!["um", "dois", "três", "quatro", "cinco", "seis"]),
            ("<tr><td>a</td><td>b</td></tr><h2>c</h2>d<img src=\"x\">e", vec!["a", "b", "c", "d", "e"]),
            ("im&shy;permeável", vec!["impermeável"]),
        ] {
            assert_eq!(words(html), expected, "{html}");
        }
    }

    #[test]
    fn the_list_is_sorted_for_the_look_up() {
        assert!(INLINE.is_sorted());
    }
}
