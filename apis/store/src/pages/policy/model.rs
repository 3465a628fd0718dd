//! The page of one of a shop's policies.

use askama::Template;

use crate::pages::{
    filters,
    pieces::{Shop, shorten},
    seller::Policy,
};

/// Characters of a policy that search engines are told.
const SUMMARY: usize = 155;

/// The page of a policy: plain text, in paragraphs.
#[derive(Debug, Template)]
#[template(path = "policy/policy.html")]
pub struct PolicyPage<'a> {
    /// The shop around it.
    pub shop: &'a Shop,
    /// The policy that the page shows.
    pub policy: Policy,
    /// The lines of each paragraph.
    pub paragraphs: Vec<Vec<&'a str>>,
}

/// [`PolicyPage`] as HTML.
pub fn render(page: &PolicyPage<'_>) -> askama::Result<String> {
    page.render()
}

/// The lines of each paragraph of a text: blank lines stand between paragraphs.
pub fn paragraphs(text: &str) -> Vec<Vec<&str>> {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let paragraphs = lines.split(|line| line.is_empty()).filter(|paragraph| !paragraph.is_empty());
    paragraphs.map(<[&str]>::to_vec).collect()
}

impl PolicyPage<'_> {
    fn here(&self) -> &str {
        ""
    }

    fn canonical(&self) -> String {
        format!("{}{}", self.shop.origin, self.policy.href())
    }

    fn summary(&self) -> String {
        let first = self.paragraphs.first().map(|lines| lines.join(" ")).unwrap_or_default();
        shorten(&first, SUMMARY)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_lines_part_paragraphs() {
        let text = "\nUm\ndois \n \n\nTrês\r\n";
        assert_eq!(paragraphs(text), [vec!["Um", "dois"], vec!["Três"]]);
        assert!(paragraphs(" \n").is_empty());
    }
}
