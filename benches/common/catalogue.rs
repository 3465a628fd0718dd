//! Products as a Brazilian shop has them: names of a few words that many products share, a description, a price.

use serde_json::{Value, json};

const KINDS: [&str; 24] = [
    "Camiseta",
    "Calça",
    "Vestido",
    "Jaqueta",
    "Tênis",
    "Bolsa",
    "Relógio",
    "Óculos",
    "Caneca",
    "Lençol",
    "Travesseiro",
    "Luminária",
    "Cadeira",
    "Mesa",
    "Panela",
    "Frigideira",
    "Caderno",
    "Mochila",
    "Fone",
    "Teclado",
    "Boné",
    "Chinelo",
    "Toalha",
    "Vaso",
];
const MATERIALS: [&str; 16] = [
    "algodão",
    "linho",
    "couro",
    "lã",
    "seda",
    "madeira",
    "cerâmica",
    "vidro",
    "aço",
    "alumínio",
    "bambu",
    "borracha",
    "veludo",
    "jeans",
    "porcelana",
    "cortiça",
];
const MANNERS: [&str; 20] = [
    "clássica",
    "moderna",
    "leve",
    "infantil",
    "feminina",
    "masculina",
    "esportiva",
    "artesanal",
    "dobrável",
    "compacta",
    "reforçada",
    "térmica",
    "impermeável",
    "listrada",
    "estampada",
    "bordada",
    "lisa",
    "vintage",
    "slim",
    "premium",
];
const COLOURS: [&str; 12] =
    ["azul", "vermelha", "preta", "branca", "verde", "amarela", "cinza", "rosa", "lilás", "marrom", "bege", "laranja"];
/// The number of categories of a catalogue.
pub const CATEGORIES: usize = 24;

/// The name of category `number`.
pub fn category(number: usize) -> String {
    format!("{}s", KINDS[number % CATEGORIES])
}

/// Product `number` as its merchant writes it; equal numbers are equal products, and names repeat as they do in shops.
pub fn product(number: usize) -> Value {
    let pick = |words: &[&'static str], salt: usize| words[scatter(number, salt) % words.len()];
    let kind = KINDS[number % CATEGORIES];
    let (material, manner, colour) = (pick(&MATERIALS, 1), pick(&MANNERS, 2), pick(&COLOURS, 3));
    let amount = 990 + (scatter(number, 4) % 150_000) as i64;
    json!({
        "name": format!("{kind} {manner} de {material} {colour}"),
        "slug": format!("produto-{number}"),
        "description": format!(
            "<p>{kind} {manner}, feita de {material} na cor {colour}. Acabamento {}, ideal para o dia a dia e para \
             presentear. Combina com {} de {}. Modelo {number}.</p>",
            pick(&MANNERS, 5), pick(&KINDS, 6).to_lowercase(), pick(&MATERIALS, 7),
        ),
        "vendor": format!("Marca {}", scatter(number, 8) % 40),
        "tags": [pick(&COLOURS, 9), pick(&MATERIALS, 10)],
        "status": "published",
        "variants": [{"sku": format!("SKU-{number}"), "price": {"amount": amount, "currency": "BRL"}, "stock": 5}],
    })
}

/// Searches that buyers type and choose, by kind of question.
pub fn questions() -> Vec<(&'static str, Vec<Question>)> {
    let words = |texts: &[&str]| texts.iter().map(|text| Question { text: (*text).into(), by_price: false }).collect();
    vec![
        ("one word", words(&["camiseta", "lençol", "vestidos", "azul", "couro", "oculos"])),
        (
            "three words",
            words(&["camiseta azul algodao", "vaso de ceramica branca", "tenis leve preta", "bolsa couro vintage"]),
        ),
        ("typing errors", words(&["camizeta azul", "lumniaria bambu", "travesseiro algodaõ"])),
        ("words being typed", words(&["cami", "lumi", "bolsa co", "mochila imper"])),
        (
            "by price",
            vec![
                Question { text: "camiseta".into(), by_price: true },
                Question { text: "mesa madeira".into(), by_price: true },
            ],
        ),
    ]
}

/// One question.
#[derive(Clone, Debug)]
pub struct Question {
    /// As typed.
    pub text: String,
    /// Cheapest first, and only from R$ 50 to R$ 500; else by relevance.
    pub by_price: bool,
}

/// Lowest and highest price of a question by price, in centavos, inclusive.
pub const PRICES: (i64, i64) = (5_000, 50_000);

/// A number that looks drawn, the same each time.
fn scatter(number: usize, salt: usize) -> usize {
    let mixed = (number as u64).wrapping_add((salt as u64) << 40).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    ((mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 33) as usize
}
