//! What differs between an entity as somebody else has kept it and what is typed over an earlier version of it: the rows of
//! `differs.html`.

/// Differences that are shown: who has replaced all of a long list reads no list of all of it.
const MOST: usize = 60;
/// Characters of a text that are shown from where it begins to differ, and of what stands before.
const EXCERPT: usize = 240;
const BEFORE: usize = 30;

/// A field that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Difference {
    pub word: String,
    /// What is kept now.
    pub now: String,
    /// What is typed.
    pub typed: String,
}

/// What differs, and how much of it is not shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Differences {
    pub shown: Vec<Difference>,
    pub more: usize,
}

impl From<Vec<Difference>> for Differences {
    fn from(mut all: Vec<Difference>) -> Self {
        let more = all.len().saturating_sub(MOST);
        all.truncate(MOST);
        Self { shown: all, more }
    }
}

/// The two texts, where they differ, each from where it begins to.
pub(crate) fn difference(word: impl Into<String>, now: &str, typed: &str) -> Option<Difference> {
    let (now, typed) = (now.trim(), typed.trim());
    if now == typed {
        return None;
    }
    let alike = now.chars().zip(typed.chars()).take_while(|(one, other)| one == other).count();
    let is_long = now.chars().count().max(typed.chars().count()) > EXCERPT;
    let from = if is_long { alike.saturating_sub(BEFORE) } else { 0 };
    Some(Difference { word: word.into(), now: excerpt(now, from), typed: excerpt(typed, from) })
}

fn excerpt(text: &str, from: usize) -> String {
    if text.is_empty() {
        return "–".to_owned();
    }
    let shown: String = text.chars().skip(from).take(EXCERPT).collect();
    let before = if from > 0 { "…" } else { "" };
    let after = if text.chars().count() > from + EXCERPT { "…" } else { "" };
    format!("{before}{shown}{after}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_shown_from_where_it_differs() {
        let long = |end: &str| format!("{}{end}", "a".repeat(5_000));
        let shown = difference("Descrição", &long("fim"), &long("outro fim")).unwrap();
        assert_eq!(shown.now, format!("…{}fim", "a".repeat(BEFORE)));
        assert!(shown.typed.ends_with("outro fim"), "{shown:?}");
        assert_eq!(difference("Nome", " Azul ", "Azul"), None);
        assert_eq!(difference("Nome", "", "Azul").unwrap().now, "–");
    }

    #[test]
    fn of_many_differences_some_are_shown_and_the_others_counted() {
        let one = |number: usize| difference(format!("Linha {number}"), "", "nova");
        let all = Differences::from((0..100).filter_map(one).collect::<Vec<_>>());
        assert_eq!((all.shown.len(), all.more), (MOST, 100 - MOST));
    }
}
