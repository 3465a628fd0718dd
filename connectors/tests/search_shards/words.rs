//! Words that find products, and the order in which products come.

use rand::{Rng, SeedableRng, rngs::StdRng};

use crate::common::{filled, found, named, shard, text};

#[tokio::test]
async fn f09_words_are_found_in_any_spelling_number_and_accent() {
    let pairs = [
        ("Calça jeans", "calca"),
        ("Calca jeans", "CALÇAS"),
        ("Camisetas de algodão", "camiseta algodao"),
        ("Tênis de corrida", "tenis"),
        ("Avião de brinquedo", "avioes"),
        ("Aviões de brinquedo", "avião"),
        ("Jogo de lençóis", "lençol"),
        ("Papel de parede", "papéis"),
        ("Vestido preto", "vestidos pretos"),
        ("Edredom casal", "edredons"),
        ("Cafe\u{301} em grãos", "café grão"),
        ("Copo d'Água", "copo d'agua"),
    ];
    for (name, query) in pairs {
        let folder = tempfile::tempdir().unwrap();
        let shards = filled(folder.path(), &[named(1, name), named(2, "Xilofone zebrado")]).await;
        assert_eq!(found(&shards, query).await, [1], "{name} / {query}");
        assert_eq!(found(&shards, &format!("{query} inexistente")).await, [0; 0], "all words must match");
    }
}

#[tokio::test]
async fn s87_f09_typos_are_forgiven_by_the_length_of_the_word() {
    let folder = tempfile::tempdir().unwrap();
    let mut described = named(3, "Item simples");
    described.description = "Acabamento em porcelana esmaltada".into();
    let documents = [named(1, "Caneca Galaxy s23"), named(2, "Liquidificador"), described, named(4, "Sol Mar")];
    let shards = filled(folder.path(), &documents).await;
    for (query, expected) in [
        ("kaneca", vec![1]),        // the first letter
        ("acneca", vec![1]),        // two letters swapped
        ("canneca", vec![1]),       // one too many
        ("canca", vec![1]),         // one missing
        ("kanexa", vec![]),         // two edits in six letters
        ("liqidificadro", vec![2]), // two edits in thirteen letters
        ("likidifikadro", vec![]),  // three
        ("porselana esmautada", vec![3]),
        ("sal", vec![]), // three letters must be right
        ("galaxi s23", vec![1]),
        ("galaxy s24", vec![]), // digits are never mistyped
    ] {
        assert_eq!(found(&shards, query).await, expected, "{query}");
    }
}

#[tokio::test]
async fn f09_only_the_last_word_may_be_a_beginning() {
    let folder = tempfile::tempdir().unwrap();
    let shards = filled(folder.path(), &[named(1, "Camiseta azul"), named(2, "Camiseta verde")]).await;
    assert_eq!(found(&shards, "cami").await, [1, 2]);
    assert_eq!(found(&shards, "camiseta ve").await, [2]);
    assert_eq!(found(&shards, "ve camiseta").await, [0; 0]);
}

#[tokio::test]
async fn s87_f09_name_comes_before_tags_before_description() {
    let folder = tempfile::tempdir().unwrap();
    let mut documents = [
        named(1, "Kaneca"),
        named(2, "Xícara dois"),
        named(3, "Xícara três"),
        named(4, "Canecas grandes"),
        named(5, "Caneca grande"),
        named(6, "Canecafone"),
        named(7, "Xícara sete"),
    ];
    documents[1].description = "parece uma caneca".into();
    documents[2].tags = vec!["caneca".into()];
    documents[6].vendor = Some("Caneca".into());
    let shards = filled(folder.path(), &documents).await;
    // Name, name inflected, tag and vendor, description; no beginning and no typo beside those.
    assert_eq!(found(&shards, "caneca").await, [5, 4, 3, 7, 2]);
}

#[tokio::test]
async fn of_equal_matches_the_available_the_short_and_the_sold_come_first() {
    let folder = tempfile::tempdir().unwrap();
    let mut documents =
        [named(1, "Bola"), named(2, "Bola azul"), named(3, "Bola rosa"), named(4, "Bola preta de couro")];
    documents[0].available = false;
    documents[2].sales = 9;
    let shards = filled(folder.path(), &documents).await;
    assert_eq!(found(&shards, "bola couro").await, [4]);
    assert_eq!(found(&shards, "bol").await, [3, 2, 4, 1]);
}

#[tokio::test]
async fn a_whole_name_finds_its_product_first() {
    let folder = tempfile::tempdir().unwrap();
    let mut random = StdRng::seed_from_u64(7);
    let mut documents: Vec<_> =
        (0..400).map(|id| named(id + 1, &format!("Produto {:08x}", random.random::<u32>()))).collect();
    documents.extend([
        named(901, "Maca"),
        named(902, "Maçã"),
        named(903, "Caneca azul com a alça torta"),
        named(904, "Caneca azul"),
        named(905, "???"),
    ]);
    documents[3].name = format!("{} plus", documents[2].name);
    let shards = filled(folder.path(), &documents).await;
    for document in &documents {
        let page = shards.search(shard(1), &text(&document.name)).await.unwrap();
        assert_eq!(page.hits[0].product_id, document.product_id, "{}", document.name);
    }
    assert_eq!(found(&shards, "caneca azul com alça torta").await, [903], "words without meaning may be left out");
}

#[tokio::test]
async fn a_sku_is_found_in_any_case_and_never_by_a_neighbour() {
    let folder = tempfile::tempdir().unwrap();
    let mut documents = [named(1, "Um"), named(2, "Dois"), named(3, "Três"), named(4, "Quatro")];
    documents[0].skus = vec!["AB-1001/P".into(), "AB-1001/M".into()];
    documents[1].skus = vec!["AB-1002/P".into()];
    documents[2].skus = vec!["ÁGUA 77".into()];
    let shards = filled(folder.path(), &documents).await;
    for (query, expected) in [
        ("ab-1001/p", vec![1]),
        ("AB-1001/M", vec![1]),
        ("ab-1002/P", vec![2]),
        ("ab-1003/P", vec![]),
        ("ab-10", vec![1, 2]),
        ("água  77", vec![3]),
        ("um AB-1001/M", vec![1]),
        ("dois AB-1001/M", vec![]),
    ] {
        assert_eq!(found(&shards, query).await, expected, "{query}");
    }
}

#[tokio::test]
async fn any_text_is_answered() {
    let folder = tempfile::tempdir().unwrap();
    let shards = filled(folder.path(), &[named(1, "Camiseta"), named(2, "Caneca")]).await;
    for nothing in ["", " ", "\0", "!?*", "\"\"", "()[]{}^~:\\/", "\u{301}\u{302}", "🦀🦀"] {
        assert_eq!(found(&shards, nothing).await.len(), 2, "{nothing:?}");
    }
    for words in
        ["name:camiseta OR *", "camiseta\" AND (", "\\camiseta\\ NOT", "caneca~2 camiseta^9", "1e999 -camiseta"]
    {
        assert_eq!(found(&shards, words).await, [0; 0], "{words:?}");
    }
    assert_eq!(found(&shards, "+(camiseta)").await, [1]);
    let mut random = StdRng::seed_from_u64(11);
    for _ in 0..200 {
        let garbage: String = (0..random.random_range(1..2_000)).map(|_| random.random::<char>()).collect();
        shards.search(shard(1), &text(&garbage)).await.unwrap();
        shards.suggest(shard(1), &garbage, 5).await.unwrap();
    }
    let word = "camiseta ".repeat(10_000);
    assert_eq!(found(&shards, &word).await, [1]);
}

#[tokio::test]
async fn f09_suggestions_complete_names_once_each() {
    let folder = tempfile::tempdir().unwrap();
    let mut documents = [
        named(1, "Calça jeans"),
        named(2, "Calça Jeans"),
        named(3, "Calção de banho"),
        named(4, "Tênis jeans"),
        named(5, "Ofertas de calça"),
    ];
    documents[4].sales = 100;
    let shards = filled(folder.path(), &documents).await;
    let names = async |typed: &str, limit| -> Vec<String> {
        shards.suggest(shard(1), typed, limit).await.unwrap().into_iter().map(|found| found.text).collect()
    };
    assert_eq!(names("CALC", 10).await, ["Calça jeans", "Ofertas de calça", "Calção de banho"]);
    assert_eq!(names("calc", 1).await, ["Calça jeans"]);
    assert_eq!(names("jeans te", 10).await, ["Tênis jeans"]);
    assert_eq!(names("tenni", 10).await, ["Tênis jeans"], "a mistyped beginning, if no other completes");
    assert_eq!(names("calcas jea", 10).await, ["Calça jeans"]);
    assert_eq!(names("", 10).await, [""; 0]);
    assert_eq!(names("xyz", 10).await, [""; 0]);
    assert_eq!(shards.suggest(shard(1), "banho", 1).await.unwrap()[0].slug.as_deref(), Some("produto-3"));
}
