//! Spellings that count as the same word: what the shop has comes first, number, one word or two, codes, options and
//! categories.

use feira_connectors::search::{CategoryDocument, Change, ProductDocument, SearchQuery, Shards, Sort, Status};

use crate::common::{at, category_id, config, filled, found, named, number, product_id, shard, text, upserts};

/// A shop of products with these names, numbered from 1.
async fn shop(folder: &std::path::Path, names: &[&str]) -> Shards {
    let documents: Vec<_> = names.iter().zip(1..).map(|(name, id)| named(id, name)).collect();
    filled(folder, &documents).await
}

async fn sorted(shards: &Shards, words: &str) -> Vec<u128> {
    let mut ids = found(shards, words).await;
    ids.sort_unstable();
    ids
}

async fn change(shards: &Shards, offset: i64, changes: Vec<Change>) {
    shards.apply(shard(1), changes, at(offset)).await.unwrap();
    shards.commit(shard(1)).await.unwrap();
}

fn category(id: u128, name: &str, above: Option<u128>) -> Change {
    Change::UpsertCategory(Box::new(CategoryDocument {
        category_id: category_id(id),
        version: 1,
        name: name.to_owned(),
        above: above.map(category_id),
    }))
}

#[tokio::test]
async fn f35_a_word_that_the_shop_has_is_not_taken_for_its_neighbours() {
    let folder = tempfile::tempdir().unwrap();
    let names =
        ["Bota de couro", "Botão de madeira", "Bola", "Caneca azul", "Caneta azul", "Canecafone", "Mola", "Mala"];
    let shards = shop(folder.path(), &names).await;
    for (words, expected) in [
        ("bota", vec![1]),
        ("botas", vec![1]),
        ("caneca", vec![4]),
        ("canecas azuis", vec![4]),
        ("mala", vec![8]),
        // A beginning, and no typing error beside it.
        ("canec", vec![4, 6]),
        ("bot", vec![1, 2]),
        // Not there in any way but with an error.
        ("caneva", vec![4, 5]),
        ("bolla", vec![3]),
        ("azul caneva", vec![4, 5]),
    ] {
        assert_eq!(sorted(&shards, words).await, expected, "{words}");
    }
    let cheapest = SearchQuery { sort: Sort::PriceAsc, facets: true, ..text("caneca") };
    let page = shards.search(shard(1), &cheapest).await.unwrap();
    let counted: u64 = page.facets.unwrap().prices.iter().map(|band| band.count).sum();
    assert_eq!((page.total, counted), (1, 1));
}

#[tokio::test]
async fn f35_whether_a_word_is_there_does_not_depend_on_filters() {
    let folder = tempfile::tempdir().unwrap();
    let mut documents = [named(1, "Caneca"), named(2, "Caneta"), named(3, "Caneta fina")];
    documents[0].category = Some(category_id(1));
    documents[0].price = 90_000;
    documents[1].category = Some(category_id(2));
    documents[2].status = Status::Draft;
    let shards = filled(folder.path(), &documents).await;
    let ask = async |query: SearchQuery| shards.search(shard(1), &query).await.unwrap();
    for query in [
        SearchQuery { categories: Some(vec![category_id(2)]), ..text("caneca") },
        SearchQuery { categories: Some(vec![category_id(2)]), facets: true, ..text("caneca") },
        SearchQuery { max_price: Some(2_000), ..text("caneca") },
        SearchQuery { status: Some(Status::Draft), ..text("caneca") },
    ] {
        assert_eq!(ask(query.clone()).await.total, 0, "{query:?}");
    }
    let facets =
        ask(SearchQuery { categories: Some(vec![category_id(2)]), facets: true, ..text("caneca") }).await.facets;
    assert_eq!(facets.unwrap().categories, [(category_id(1), 1)], "the other filters' hits alone");
}

#[tokio::test]
async fn f35_a_deleted_product_has_no_words() {
    let folder = tempfile::tempdir().unwrap();
    let shards = shop(folder.path(), &["Caneca azul", "Caneta azul", "Bola", "Copo", "Prato", "Faca"]).await;
    assert_eq!(found(&shards, "caneca").await, [1]);
    // In one segment, and so that its terms stay there.
    change(&shards, 2, vec![Change::Remove(product_id(1))]).await;
    assert_eq!(found(&shards, "caneca").await, [2], "forgiven, now that the word is gone");
    assert_eq!(found(&shards, "canec").await, [0; 0], "nor does anything begin with it");
    change(&shards, 3, upserts(&[named(9, "Caneca verde")])).await;
    assert_eq!(found(&shards, "caneca").await, [9], "in a later segment");
    change(&shards, 4, upserts(&[ProductDocument { version: 2, ..named(9, "Copo verde") }])).await;
    assert_eq!(found(&shards, "caneca").await, [2]);
}

#[tokio::test]
async fn f35_pages_of_one_question_agree() {
    let folder = tempfile::tempdir().unwrap();
    let mut names = vec!["Caneta"; 30];
    names.extend(["Caneca"; 7]);
    let shards = shop(folder.path(), &names).await;
    let (mut after, mut seen) = (None, Vec::new());
    loop {
        let page = shards.search(shard(1), &SearchQuery { after, limit: 3, ..text("caneca") }).await.unwrap();
        assert_eq!(page.total, 7);
        seen.extend(page.hits.iter().map(|hit| number(hit.product_id)));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(seen, (31..=37).collect::<Vec<_>>());
}

#[tokio::test]
async fn f35_one_word_or_two() {
    let names = [
        "Forno micro-ondas 32 L",
        "Roteador Wi-Fi 6",
        "Garrafa 500ml",
        "Pen drive 64GB",
        "Furadeira 12V",
        "Refrigerante 1,5 L",
        "Kitkat branco",
        "Notebook 15,6 polegadas",
        "Mini-saia jeans",
        "Quadro 20 x 30 cm",
        "Porta retratos de madeira",
        "Folhas A4 1.000 unidades",
        "Água sanitária 5 L",
        "Pote com 1 tampa",
        "Guarda-sóis de praia",
        "Perfume Nº 5",
        "Máscara N95",
        "E-book de receitas",
    ];
    let folder = tempfile::tempdir().unwrap();
    let shards = shop(folder.path(), &names).await;
    for (words, expected) in [
        ("microondas", 1),
        ("micro ondas", 1),
        ("micro-ondas", 1),
        ("microndas", 1),
        ("microon", 1),
        ("forno 32l", 1),
        ("wifi", 2),
        ("wi fi", 2),
        ("garrafa 500 ml", 3),
        ("500 ml garrafa", 3),
        ("pendrive", 4),
        ("pendrives", 4),
        ("pen-drive", 4),
        ("pendrive 64 gb", 4),
        ("furadeira 12 v", 5),
        ("refrigerante 1.5l", 6),
        ("1,5l", 6),
        ("kit kat", 7),
        ("notebook 15.6", 8),
        ("notebook 15", 8),
        ("minissaia", 9),
        ("mini saia", 9),
        ("quadro 20x30", 10),
        ("quadro 20x30cm", 10),
        ("porta-retrato", 11),
        ("portaretratos", 11),
        ("folhas a4 1000", 12),
        ("5l", 13),
        ("guardassol", 15),
        ("guarda sol", 15),
        ("perfume n° 5", 16),
        ("perfume no. 5", 16),
        ("perfume n 5", 16),
        ("perfume nº5", 16),
        ("n 95", 17),
        ("ebook", 18),
        ("e book", 18),
    ] {
        assert_eq!(found(&shards, words).await, [expected], "{words}");
    }
    for nothing in ["tampaperfume", "depraia", "garrafa 50 ml", "micro sanitária", "12 l"] {
        assert_eq!(found(&shards, nothing).await, [0; 0], "{nothing}");
    }
}

#[tokio::test]
async fn f35_codes_are_found_as_read_off_a_label() {
    let folder = tempfile::tempdir().unwrap();
    let mut documents = [named(1, "Parafuso"), named(2, "Filtro"), named(3, "Correia"), named(4, "Copo 60 ml")];
    documents[0].skus = vec!["NOR.0707-60".into(), "NOR.0707-80".into()];
    documents[0].barcodes = vec!["7891000315507".into()];
    documents[1].skus = vec!["KT-INS114-DRE".into()];
    documents[1].barcodes = vec!["036000291452".into()];
    documents[2].skus = vec!["AA-100MM".into(), "CORREIA_PRETA".into()];
    let shards = filled(folder.path(), &documents).await;
    for (words, expected) in [
        ("NOR.0707-60", vec![1]),
        ("nor.0707", vec![1]),
        ("nor0707/80", vec![1]),
        ("nor070760", vec![1]),
        ("NOR 0707 60", vec![1]),
        ("0707-60", vec![1]),
        ("0707", vec![1]),
        ("nor 0707 parafuso", vec![1]),
        ("kt-ins114", vec![2]),
        ("KT INS114", vec![2]),
        ("ins114-dre", vec![2]),
        ("ktins114dre", vec![2]),
        ("7891000315507", vec![1]),
        ("78910003155", vec![1]),
        ("parafuso 7891000315507", vec![1]),
        ("0036000291452", vec![2]),
        ("36000291452", vec![2]),
        ("100mm", vec![3]),
        ("aa 100mm", vec![3]),
        ("correia-preta", vec![3]),
        ("60", vec![4]),
        ("nor.0708", vec![]),
        ("7891000315508", vec![]),
        ("kt-ins115", vec![]),
        ("filtro 0707-60", vec![]),
    ] {
        assert_eq!(sorted(&shards, words).await, expected, "{words}");
    }
}

#[tokio::test]
async fn f35_options_and_categories_are_words() {
    let folder = tempfile::tempdir().unwrap();
    let mut documents =
        [named(1, "Jaqueta corta-vento"), named(2, "Jaqueta jeans"), named(3, "Boné"), named(4, "Meia")];
    documents[0].option_values = vec!["Mostarda".into(), "Verde água".into(), "GG".into()];
    documents[0].category = Some(category_id(2));
    documents[1].category = Some(category_id(1));
    documents[2].description = "Não é um agasalho".into();
    let shards = filled(folder.path(), &documents).await;
    let below = vec![category(1, "Roupas", None), category(2, "Agasalhos & Cia", Some(1)), category(3, "Meias", None)];
    change(&shards, 2, below).await;
    for (words, expected) in [
        ("jaqueta mostarda", vec![1]),
        ("mostardas", vec![1]),
        ("verdeagua", vec![1]),
        ("jaqueta gg", vec![1]),
        ("agasalho jaqueta", vec![1]),
        ("agasalho", vec![1, 3]),
        ("agasa", vec![1, 3]),
        ("roupa", vec![1, 2]),
        ("roupaz", vec![1, 2]),
        ("roupa mostarda", vec![1]),
        // Its category is empty, so the word is the product's alone.
        ("meia", vec![4]),
    ] {
        assert_eq!(sorted(&shards, words).await, expected, "{words}");
    }
    assert_eq!(found(&shards, "agasalhos").await, [1, 3], "a category's name before the description");
}

#[tokio::test]
async fn s83_f35_a_category_that_is_renamed_moved_or_gone_takes_its_products_along() {
    let folder = tempfile::tempdir().unwrap();
    let mut documents = [named(1, "Modelo um"), named(2, "Modelo dois")];
    documents[0].category = Some(category_id(2));
    documents[1].category = Some(category_id(3));
    let shards = filled(folder.path(), &documents).await;
    let tree = vec![category(1, "Calçados", None), category(2, "Botas", Some(1)), category(3, "Chuteiras", None)];
    change(&shards, 2, tree).await;
    assert_eq!(found(&shards, "calçado").await, [1]);
    change(&shards, 3, vec![category(3, "Chuteiras", Some(1)), category(1, "Sapatos", None)]).await;
    assert_eq!(found(&shards, "calçado").await, [0; 0]);
    assert_eq!(sorted(&shards, "sapatos").await, [1, 2]);
    change(&shards, 4, vec![Change::RemoveCategory(category_id(1))]).await;
    assert_eq!(found(&shards, "sapatos").await, [0; 0]);
    assert_eq!(found(&shards, "chuteira").await, [2]);
    // Two that are above each other end no walk.
    change(&shards, 5, vec![category(2, "Botas", Some(3)), category(3, "Chuteiras", Some(2))]).await;
    assert_eq!(sorted(&shards, "bota").await, [1, 2]);
}

#[tokio::test]
async fn f35_categories_are_no_products() {
    let folder = tempfile::tempdir().unwrap();
    let shards = Shards::open(config(folder.path())).unwrap();
    let mut changes = vec![category(7, "Bolas", None)];
    changes.extend(upserts(&[named(1, "Bola"), named(2, "Bolsa")]));
    changes.push(category(8, "Bolsas", Some(7)));
    change(&shards, 1, changes).await;
    for sort in [Sort::Relevance, Sort::Newest, Sort::Name, Sort::PriceAsc] {
        let page = shards.search(shard(1), &SearchQuery { sort, limit: 10, ..SearchQuery::default() }).await.unwrap();
        assert_eq!((page.total, page.hits.len()), (2, 2), "{sort:?}");
    }
    let none = shards.search(shard(1), &SearchQuery { facets: true, ..text("???") }).await.unwrap();
    let counted: u64 = none.facets.unwrap().prices.iter().map(|band| band.count).sum();
    assert_eq!((none.total, counted), (2, 2));
    assert_eq!(shards.ids(shard(1)).await.unwrap().len(), 2);
    assert_eq!(shards.suggest(shard(1), "bols", 9).await.unwrap().len(), 1);
}

#[tokio::test]
async fn f35_hidden_marks_part_no_word() {
    let folder = tempfile::tempdir().unwrap();
    let shards = shop(folder.path(), &["Lumi\u{ad}nária pendente", "Cabo\u{200b}flex", "\u{feff}Tapete"]).await;
    for (words, expected) in [("luminária", 1), ("caboflex", 2), ("ta\u{2060}pete", 3), ("lumin\u{ad}", 1)] {
        assert_eq!(found(&shards, words).await, [expected], "{words:?}");
    }
}

#[tokio::test]
async fn f35_suggestions_go_on_by_beginnings_then_errors() {
    let folder = tempfile::tempdir().unwrap();
    let shards = shop(folder.path(), &["Pen drive 64GB", "Caneca", "Canecafone", "Forno micro-ondas"]).await;
    for (typed, expected) in [
        ("caneca", vec!["Caneca", "Canecafone"]),
        ("pendr", vec!["Pen drive 64GB"]),
        ("pen dri", vec!["Pen drive 64GB"]),
        ("microond", vec!["Forno micro-ondas"]),
        ("canexa", vec!["Caneca", "Canecafone"]),
    ] {
        let suggested = shards.suggest(shard(1), typed, 9).await.unwrap();
        let texts: Vec<_> = suggested.iter().map(|suggestion| suggestion.text.as_str()).collect();
        assert_eq!(texts, expected, "{typed}");
    }
}
