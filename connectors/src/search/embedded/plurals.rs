//! Singular and plural of one word share a key; words for different things do not.
//!
//! Stemmers are made for reading texts and join what a shop keeps apart: bolsa and bolso, calça and calção. Here number alone is
//! taken off. The rules are the plural step of the RSLP stemmer (Orengo and Huyck, "A Stemming Algorithm for the Portuguese
//! Language", 2001), for folded words, since buyers leave accents out. Folding makes endings ambiguous ("-is" may be -i, -il or
//! an invariant like lápis), so a key is no singular: where one plural ending stands for several singular ones, all of them
//! become the same. What is left wrong stands in `plurals.txt`.

use std::{collections::HashMap, sync::LazyLock};

const DATA: &str = include_str!("plurals.txt");

static EXCEPTIONS: LazyLock<Exceptions> = LazyLock::new(|| Exceptions::parse(DATA));

struct Exceptions {
    words: HashMap<&'static str, &'static str>,
    endings: Vec<(&'static str, &'static str)>,
}

impl Exceptions {
    fn parse(data: &'static str) -> Self {
        let mut exceptions = Self { words: HashMap::new(), endings: Vec::new() };
        for line in data.lines().filter(|line| !line.starts_with('#')) {
            if let Some((from, key)) = line.split_once(' ') {
                match from.strip_prefix('-') {
                    Some(ending) => exceptions.endings.push((ending, key)),
                    None => _ = exceptions.words.insert(from, key),
                }
            }
        }
        exceptions
    }
}

/// The letter that must stand before an ending for its rule to apply.
#[derive(Clone, Copy, PartialEq)]
enum Before {
    Any,
    Vowel,
    Consonant,
}

struct Rule {
    before: Before,
    ending: &'static str,
    /// The shortest word that it applies to, in bytes: shorter ones have other endings.
    shortest: usize,
    becomes: &'static str,
}

const fn rule(before: Before, ending: &'static str, shortest: usize, becomes: &'static str) -> Rule {
    Rule { before, ending, shortest, becomes }
}

/// The first that fits is taken.
const RULES: [Rule; 38] = [
    rule(Before::Any, "oes", 4, "ao"), // aviões, coleções
    rule(Before::Any, "aes", 4, "ao"), // pães, capitães
    rule(Before::Any, "aos", 4, "ao"), // mãos, irmãos
    // -l makes -is: canal, canais; and so does -i: samurai, samurais. In loans it makes -ls: pixels.
    rule(Before::Any, "ais", 4, "ai"),
    rule(Before::Any, "als", 4, "ai"),
    rule(Before::Any, "al", 3, "ai"),
    rule(Before::Any, "eis", 4, "ei"),
    rule(Before::Any, "els", 4, "ei"),
    rule(Before::Any, "el", 3, "ei"),
    rule(Before::Any, "ois", 4, "oi"),
    rule(Before::Any, "ols", 4, "oi"),
    rule(Before::Any, "ol", 3, "oi"),
    rule(Before::Any, "uis", 4, "ui"),
    rule(Before::Any, "uls", 4, "ui"),
    rule(Before::Any, "ul", 3, "ui"),
    // barril, barris; gibi, gibis; lápis, which is both.
    rule(Before::Any, "is", 4, "i"),
    rule(Before::Any, "ils", 5, "i"),
    rule(Before::Any, "il", 4, "i"),
    // bombom, bombons; edredom or edredon, edredons; jean, jeans.
    rule(Before::Any, "ns", 4, "m"),
    rule(Before::Any, "n", 3, "m"),
    // flor, flores; and árvore, árvores, which folded looks alike; but vinagre, vinagres.
    rule(Before::Vowel, "res", 5, "r"),
    rule(Before::Vowel, "re", 4, "r"),
    // luz, luzes; gaze, gazes; but bronze, bronzes.
    rule(Before::Vowel, "zes", 5, "z"),
    rule(Before::Vowel, "ze", 4, "z"),
    // gás, gases; base, bases.
    rule(Before::Vowel, "ses", 5, "s"),
    rule(Before::Vowel, "se", 4, "s"),
    // Loans: glass, glasses; box, boxes; patch, patches; brush, brushes; and with the same endings classe, peixe, broche.
    rule(Before::Any, "sses", 5, "ss"),
    rule(Before::Any, "sse", 5, "ss"),
    rule(Before::Any, "xes", 4, "x"),
    rule(Before::Any, "xe", 4, "x"),
    rule(Before::Any, "ches", 5, "ch"),
    rule(Before::Any, "che", 5, "ch"),
    rule(Before::Any, "shes", 5, "sh"),
    rule(Before::Any, "she", 5, "sh"),
    // hobby, hobbies, hobbys; série, séries.
    rule(Before::Consonant, "ys", 4, "ie"),
    rule(Before::Consonant, "y", 3, "ie"),
    rule(Before::Any, "ss", 3, "ss"), // fitness
    rule(Before::Any, "s", 3, ""),
];

/// The key of a folded word. A word with a digit is a model or a size and stays as it is.
pub fn key(word: &str) -> String {
    if word.bytes().any(|b| b.is_ascii_digit()) {
        return word.to_owned();
    }
    if let Some(key) = EXCEPTIONS.words.get(word) {
        return (*key).to_owned();
    }
    let listed = EXCEPTIONS.endings.iter().map(|(ending, key)| (Before::Any, *ending, 0, *key));
    let rules = RULES.iter().map(|rule| (rule.before, rule.ending, rule.shortest, rule.becomes));
    for (before, ending, shortest, becomes) in listed.chain(rules) {
        if let Some(root) = word.strip_suffix(ending)
            && word.len() >= shortest
            && fits(root, before)
        {
            return format!("{root}{becomes}");
        }
    }
    word.to_owned()
}

fn fits(root: &str, before: Before) -> bool {
    let last = root.bytes().last();
    let vowel = last.is_some_and(|b| b"aeiou".contains(&b));
    match before {
        Before::Any => true,
        Before::Vowel => vowel,
        Before::Consonant => !vowel && last.is_some_and(|b| b.is_ascii_alphabetic()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::embedded::analysis::fold;

    fn keys(pair: (&str, &str)) -> (String, String) {
        (key(&fold(pair.0)), key(&fold(pair.1)))
    }

    #[test]
    fn f35_singular_and_plural_share_a_key() {
        for pair in [
            ("calça", "Calças"),
            ("avião", "aviões"),
            ("pão", "pães"),
            ("mão", "mãos"),
            ("mãe", "mães"),
            ("papel", "papéis"),
            ("móvel", "móveis"),
            ("lençol", "lençóis"),
            ("guarda-sol", "guarda-sóis"),
            ("azul", "azuis"),
            ("real", "reais"),
            ("funil", "funis"),
            ("gibi", "gibis"),
            ("lápis", "lapis"),
            ("fácil", "fáceis"),
            ("retrátil", "retráteis"),
            ("sutil", "sutis"),
            ("rei", "reis"),
            ("pônei", "pôneis"),
            ("samurai", "samurais"),
            ("bombom", "bombons"),
            ("edredom", "edredons"),
            ("edredon", "edredom"),
            ("flor", "flores"),
            ("torre", "torres"),
            ("árvore", "árvores"),
            ("vinagre", "vinagres"),
            ("purê", "purês"),
            ("luz", "luzes"),
            ("bronze", "bronzes"),
            ("gás", "gases"),
            ("mês", "meses"),
            ("francês", "franceses"),
            ("base", "bases"),
            ("mousse", "mousses"),
            ("bebê", "bebês"),
            ("peixe", "peixes"),
            ("broche", "broches"),
            ("box", "boxes"),
            ("short", "shorts"),
            ("jean", "jeans"),
            ("van", "vans"),
            ("body", "bodies"),
            ("body", "bodys"),
            ("hobbie", "hobby"),
            ("pixel", "pixels"),
            ("pixel", "pixéis"),
            ("shoe", "shoes"),
            ("série", "séries"),
            ("álcool", "álcoois"),
        ] {
            let (one, other) = keys(pair);
            assert_eq!(one, other, "{pair:?}");
        }
    }

    #[test]
    fn f35_words_for_different_things_keep_different_keys() {
        for pair in [
            ("bolsa", "bolso"),
            ("calça", "calção"),
            ("câmera", "cama"),
            ("camisa", "camiseta"),
            ("menina", "menino"),
            ("mês", "mesa"),
            ("mel", "meia"),
            ("mar", "maré"),
            ("mãe", "mão"),
            ("anil", "anis"),
            ("cor", "couro"),
            ("sal", "sala"),
            ("sol", "sola"),
            ("base", "basa"),
            ("peixe", "peixaria"),
            ("caos", "cão"),
            ("s23", "s24"),
            ("38", "3"),
        ] {
            let (one, other) = keys(pair);
            assert_ne!(one, other, "{pair:?}");
        }
    }

    #[test]
    fn the_data_is_read_whole() {
        let lines = DATA.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).count();
        assert_eq!(lines, EXCEPTIONS.words.len() + EXCEPTIONS.endings.len(), "a line is wrong, or stands there twice");
        for (word, key_of) in &EXCEPTIONS.words {
            assert_eq!((word.to_ascii_lowercase(), key_of.to_ascii_lowercase()), ((*word).into(), (*key_of).into()));
        }
    }
}
