//! Just enough of an HTML parser to check our own pages: every element is closed in order and every attribute is quoted.

/// An element with its attributes unescaped, and the text directly after its opening tag.
#[derive(Debug)]
pub struct Element {
    pub name: String,
    pub attributes: Vec<(String, String)>,
    pub text: String,
}

impl Element {
    pub fn get(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }
}

const VOID: [&str; 5] = ["meta", "link", "img", "input", "br"];

/// The elements in the order of their opening tags, or what is wrong with the page.
pub fn parse(page: &str) -> Result<Vec<Element>, String> {
    let body = page.strip_prefix("<!DOCTYPE html>").ok_or("no doctype")?;
    let mut elements = Vec::new();
    let mut open: Vec<String> = Vec::new();
    for piece in body.split('<').skip(1) {
        let (tag, text) = piece.split_once('>').ok_or_else(|| format!("a tag does not end: {piece}"))?;
        if let Some(name) = tag.strip_prefix('/') {
            let expected = open.pop().ok_or_else(|| format!("</{name}> closes nothing"))?;
            if expected != name {
                return Err(format!("</{name}> closes <{expected}>"));
            }
            continue;
        }
        let closes_itself = tag.ends_with('/');
        let element = element(tag.trim_end_matches('/'), text)?;
        if !closes_itself && !VOID.contains(&element.name.as_str()) {
            open.push(element.name.clone());
        }
        elements.push(element);
    }
    if open.is_empty() { Ok(elements) } else { Err(format!("never closed: {open:?}")) }
}

fn element(tag: &str, text: &str) -> Result<Element, String> {
    let (name, mut rest) = tag.split_once(char::is_whitespace).unwrap_or((tag, ""));
    let mut attributes = Vec::new();
    while !rest.trim_start().is_empty() {
        rest = rest.trim_start();
        let end = rest.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(rest.len());
        let attribute = rest[..end].to_owned();
        rest = &rest[end..];
        let Some(quoted) = rest.strip_prefix('=') else {
            attributes.push((attribute, String::new()));
            continue;
        };
        let quoted = quoted.strip_prefix('"').ok_or_else(|| format!("{attribute} is not quoted in <{tag}>"))?;
        let (value, after) = quoted.split_once('"').ok_or_else(|| format!("{attribute} does not end in <{tag}>"))?;
        if !(after.is_empty() || after.starts_with(char::is_whitespace)) {
            return Err(format!("{attribute} runs into the next attribute in <{tag}>"));
        }
        attributes.push((attribute, unescape(value)));
        rest = after;
    }
    Ok(Element { name: name.to_owned(), attributes, text: text.to_owned() })
}

fn unescape(value: &str) -> String {
    let named = [("&#60;", "<"), ("&#62;", ">"), ("&#34;", "\""), ("&#39;", "'"), ("&#38;", "&")];
    named.iter().fold(value.to_owned(), |text, (entity, plain)| text.replace(entity, plain))
}
