//! Every page of a shop with rich and with poor data: valid, safe, small, readable without JavaScript (F10), and with no
//! link to what does not exist.

#![allow(clippy::unwrap_used, clippy::panic)]

mod html;
mod sample;

use feira_api_store::pages::{Card, Policy, Sort, assets, category, feeds, home, product, search};
use html::Element;

const LARGEST_PAGE: usize = 30_000;

#[test]
fn f10_every_page_is_a_whole_document_in_portuguese() {
    for (name, text) in sample::all_pages() {
        let page = html::parse(&text).unwrap_or_else(|fault| panic!("{name}: {fault}"));
        assert!(text.starts_with("<!DOCTYPE html>"), "{name}");
        assert!(text.len() < LARGEST_PAGE, "{name}: {} bytes", text.len());
        assert_eq!(one(&page, "html", name).get("lang"), Some("pt-BR"), "{name}");
        assert!(!one(&page, "title", name).text.trim().is_empty(), "{name}");
        one(&page, "h1", name);
        let main = one(&page, "main", name).get("id").unwrap();
        assert!(page.iter().any(|e| e.name == "a" && e.get("href") == Some(&format!("#{main}"))), "{name}: skip link");
        assert!(page.iter().any(|e| e.get("name") == Some("viewport")), "{name}");
    }
}

#[test]
fn f37_every_page_of_a_shop_says_that_its_payments_are_simulated_where_they_are() {
    let (with, without): (Vec<_>, Vec<_>) =
        sample::all_pages().into_iter().partition(|(_, text)| text.contains(sample::NOTICE));
    let says: Vec<&str> = with.iter().map(|(name, _)| *name).collect();
    for name in ["home", "category", "product", "search", "search-empty", "not-found"] {
        assert!(says.contains(&name), "{name} of {says:?}");
    }
    assert!(without.iter().any(|(name, _)| *name == "home-new"), "a shop of real payments says nothing of it");
}

#[test]
fn a_strict_content_security_policy_holds() {
    for (name, text) in sample::all_pages() {
        for element in html::parse(&text).unwrap() {
            assert_ne!(element.name, "style", "{name}");
            for (attribute, value) in &element.attributes {
                assert!(attribute != "style" && !attribute.starts_with("on"), "{name}: {attribute}");
                assert!(!value.trim_start().starts_with("javascript:"), "{name}: {value}");
            }
            if element.name == "script" {
                let is_data = element.get("type") == Some("application/ld+json");
                assert!(is_data || (element.get("src").is_some() && element.text.is_empty()), "{name}");
            }
        }
    }
}

#[test]
fn names_and_queries_never_become_markup() {
    let mut escaped = 0;
    for (name, text) in sample::all_pages() {
        for raw in ["<script>alert", "<flor>", "<b>sera"] {
            assert!(!text.contains(raw), "{name} contains {raw}");
        }
        escaped += text.matches("&#60;script&#62;alert").count() + text.matches("&#60;flor&#62;").count();
    }
    assert!(escaped > 5, "the sample holds hostile texts");
}

#[test]
fn images_have_words_and_a_place_kept_for_them() {
    for (name, text) in sample::all_pages() {
        for image in html::parse(&text).unwrap().iter().filter(|element| element.name == "img") {
            assert!(image.get("alt").is_some(), "{name}: {image:?}");
            assert!(image.get("width").is_some_and(is_number) && image.get("height").is_some_and(is_number), "{name}");
        }
    }
}

#[test]
fn fields_have_labels_and_references_have_targets() {
    for (name, text) in sample::all_pages() {
        let page = html::parse(&text).unwrap();
        let ids: Vec<&str> = page.iter().filter_map(|element| element.get("id")).collect();
        let mut distinct = ids.clone();
        distinct.sort_unstable();
        distinct.dedup();
        assert_eq!(ids.len(), distinct.len(), "{name}: an id stands twice");
        for element in &page {
            let is_field = matches!(element.name.as_str(), "input" | "select") && element.get("type") != Some("hidden");
            if is_field {
                let id = element.get("id").unwrap();
                assert!(page.iter().any(|e| e.name == "label" && e.get("for") == Some(id)), "{name}: {id}");
            }
            let in_page = element.get("href").and_then(|href| href.strip_prefix('#'));
            for target in [in_page, element.get("aria-labelledby"), element.get("for"), element.get("popovertarget")] {
                assert!(target.is_none_or(|target| ids.contains(&target)), "{name}: {target:?}");
            }
        }
    }
}

#[test]
fn every_link_leads_somewhere() {
    let known = ["/category/", "/product/", "/policies/", "/search?", "#", "mailto:", "tel:+", "https://wa.me/55"];
    for (name, text) in sample::all_pages() {
        for element in html::parse(&text).unwrap() {
            if element.name == "a" {
                let href = element.get("href").unwrap();
                let whole = ["/", "/search", "/cart", "/denunciar", ""];
                let is_own = whole.contains(&href) || known.iter().any(|start| href.starts_with(start));
                let is_shop = name == "unknown-shop";
                assert!(is_own || is_shop && href.starts_with("http"), "{name}: {href}");
            }
            let asset = element.get("href").or_else(|| element.get("src")).filter(|url| url.starts_with("/assets/"));
            assert!(asset.is_none_or(|url| assets::find(url).is_some()), "{name}: {asset:?}");
        }
    }
}

#[test]
fn s87_s92_search_menu_and_first_six_categories_stand_on_every_page_of_a_shop() {
    for name in ["home", "category", "product", "search", "search-empty", "not-found"] {
        let page = html::parse(&rendered(name)).unwrap();
        let form = page.iter().find(|element| element.get("role") == Some("search")).unwrap();
        assert_eq!((form.get("action"), form.get("method")), (Some("/search"), Some("get")), "{name}");
        let categories = sample::shop().menu.categories.clone();
        let href = |index: usize| format!("/category/{}", categories[index].slug);
        let links_to = |index: usize| page.iter().filter(|e| e.get("href") == Some(&href(index))).count();
        assert!(links_to(5) >= 2, "{name}: the sixth stands in the bar and in the menu");
        assert!(links_to(7) >= 1, "{name}: the eighth stands in the menu");
    }
}

#[test]
fn a_shop_says_at_the_foot_of_its_pages_who_sells_and_leaves_out_what_it_does_not_know() {
    for name in ["home-new", "policy"] {
        let text = rendered(name);
        for said in ["CNPJ 11.222.333/0001-81", "Rua das Flores, 10", "(11) 3333-4444", "Trocas e devoluções"] {
            assert!(text.contains(said), "{name}: {said}");
        }
        let page = html::parse(&text).unwrap();
        let leads = |href: &str| page.iter().any(|element| element.get("href") == Some(href));
        let hrefs = ["mailto:oi%26ola@nova.example", "tel:+551133334444", "https://wa.me/5511999990000"];
        assert!(hrefs.into_iter().all(leads), "{name}: {text}");
        assert!(["returns", "privacy", "terms"].iter().all(|word| leads(&format!("/policies/{word}"))), "{name}");
    }
    let silent = rendered("home");
    assert!(!silent.contains("<address") && !silent.contains("/policies/"), "{silent}");
}

#[test]
fn s92_s95_a_cart_says_what_changed_what_is_wrong_and_how_the_shop_is_asked() {
    let text = rendered("cart");
    for said in [
        "O preço mudou de R$ 79,90 para R$ 89,90.",
        "Produto que saiu da loja",
        "Este produto não está mais à venda.",
        "Total sem frete",
        "1 a 3 dias úteis",
        "Grátis",
        "Esta loja ainda não recebe pedidos por aqui.",
        "Carrinho: 1.250 itens, R$ 1.299,90",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
    assert!(!text.contains("fale com a loja"), "a shop that says nothing of itself is not asked");
    assert!(rendered("cart-contact").contains("href=\"https://wa.me/5511999990000\""));
    let (empty, full) = (rendered("cart-empty"), html::parse(&text).unwrap());
    assert!(empty.contains("Seu carrinho está vazio.") && !empty.contains("_token"), "{empty}");
    let forms = full.iter().filter(|element| element.get("method") == Some("post")).count();
    let named = |name: &str| full.iter().filter(|element| element.get("name") == Some(name)).count();
    assert_eq!((forms, named("_token"), named("_key")), (6, 6, 6), "each form has the page's token and its key");
    assert!(text.contains("<p class=\"cart-done\" role=\"status\">Feito.</p>"), "{text}");
    let wrong = full.iter().filter(|element| element.get("aria-invalid") == Some("true"));
    let described: Vec<_> = wrong.filter_map(|element| element.get("aria-describedby")).collect();
    assert_eq!(described, ["quantidade-1-erro", "cupom-erro", "cep-erro"]);
}

#[test]
fn a_policy_is_paragraphs_of_plain_text_with_an_address_of_its_own() {
    let text = rendered("policy");
    assert!(text.contains("<p>Você tem sete dias.<br>&#60;script&#62;alert"), "{text}");
    assert!(text.contains("<p>Fale &#60;b&#62;com a gente&#60;/b&#62;.</p>"), "{text}");
    let page = html::parse(&text).unwrap();
    assert_eq!(link(&page, "canonical"), "https://nova.feira.app/policies/returns");
}

#[test]
fn s84_home_shows_its_three_shelves_and_leaves_empty_ones_out() {
    let full = rendered("home");
    for title in ["Destaques", "Mais vendidos", "Novidades", "Compre por categoria"] {
        assert!(full.contains(title), "{title}");
    }
    let new = rendered("home-new");
    assert!(!new.contains("Destaques") && !new.contains("Mais vendidos") && !new.contains("Compre por categoria"));
    assert!(new.contains("<img class=\"logo\" src=\"/media/logo.svg\""), "S93: the shop's own logo");
    assert!(full.contains("class=\"monogram\""), "without a logo a monogram is drawn");
}

#[test]
fn home_opens_with_a_products_own_image_before_one_that_the_shop_draws() {
    let shop = sample::shop();
    let cover = |page: &home::Home<'_>| {
        let page = html::parse(&home::render(page).unwrap()).unwrap();
        let cover = page.iter().find(|e| e.get("class") == Some("hero-cover")).unwrap();
        cover.get("href").unwrap().to_owned()
    };
    let mut page = sample::home(&shop);
    let [first, second] = [0, 1].map(|at| format!("/product/{}", page.featured[at].slug));
    assert_eq!(cover(&page), first);
    let draw = |card: &mut Card| card.image.as_mut().unwrap().url = "/media/made/p.svg".into();
    draw(&mut page.featured[0]);
    assert_eq!(cover(&page), second);
    page.featured.truncate(1);
    (page.newest, page.best_sellers) = (Vec::new(), Vec::new());
    assert_eq!(cover(&page), first, "drawn is better than none");
}

#[test]
fn s86_category_offers_orders_total_and_pages() {
    let page = html::parse(&rendered("category")).unwrap();
    let values: Vec<_> = page.iter().filter(|e| e.name == "option").filter_map(|e| e.get("value")).collect();
    assert_eq!(values, Sort::OF_CATEGORY.map(|sort| sort.param()));
    let selected: Vec<_> = page.iter().filter(|e| e.get("selected").is_some()).filter_map(|e| e.get("value")).collect();
    assert_eq!(selected, ["price_asc"]);
    assert_eq!(link(&page, "next"), "/category/sala?sort=price_asc&page=3");
    assert_eq!(link(&page, "prev"), "/category/sala?sort=price_asc");
    let text = rendered("category");
    assert!(
        text.contains("93 produtos") && text.contains("aria-current=\"page\"><span class=\"hidden\">Página </span>2<")
    );
    assert!(text.contains("noindex, follow") && !text.contains("canonical"), "another order is a variation");
}

#[test]
fn an_ordinary_first_page_is_indexed_and_has_no_way_back() {
    let shop = sample::shop();
    let mut page = sample::category(&shop);
    page.sort = Sort::Newest;
    page.paging.page = 1;
    let text = category::render(&page).unwrap();
    assert!(!text.contains("noindex") && !text.contains("rel=\"prev\""));
    assert!(text.contains("<link rel=\"canonical\" href=\"https://casadaserra.com.br/category/sala\">"));
    assert_eq!(link(&html::parse(&text).unwrap(), "next"), "/category/sala?page=2");
}

#[test]
fn a_later_page_is_its_own() {
    let shop = sample::shop();
    let mut page = sample::category(&shop);
    page.sort = Sort::Newest;
    page.paging.page = 2;
    let text = category::render(&page).unwrap();
    let own = "https://casadaserra.com.br/category/sala?page=2";
    assert!(text.contains(&format!("<link rel=\"canonical\" href=\"{own}\">")), "{text}");
    assert!(text.contains(&format!("<meta property=\"og:url\" content=\"{own}\">")) && !text.contains("noindex"));
}

#[test]
fn s88_search_links_keep_term_filters_and_order() {
    let page = html::parse(&rendered("search")).unwrap();
    let term = "/search?q=vaso%20%26%20%3Cflor%3E";
    let filters = "&category=sala&category=jardim-e-varanda&min_price=5000&max_price=9999";
    assert_eq!(link(&page, "next"), format!("{term}{filters}&sort=price_desc&page=3"));
    let links: Vec<&str> = page.iter().filter_map(|element| element.get("href")).collect();
    for expected in [
        // Another category joins; a chosen one is given up; another band takes the place of the chosen one.
        format!(
            "{term}&category=sala&category=jardim-e-varanda&category=quarto&min_price=5000&max_price=9999&sort=price_desc"
        ),
        format!("{term}&category=jardim-e-varanda&min_price=5000&max_price=9999&sort=price_desc"),
        format!("{term}&category=sala&category=jardim-e-varanda&max_price=4999&sort=price_desc"),
        format!("{term}&category=sala&category=jardim-e-varanda&sort=price_desc"),
        format!("{term}&sort=price_desc"),
    ] {
        assert!(links.contains(&expected.as_str()), "{expected}");
    }
    let hidden: Vec<_> = page.iter().filter(|e| e.get("type") == Some("hidden")).collect();
    let carried: Vec<_> = hidden.iter().map(|e| (e.get("name").unwrap(), e.get("value").unwrap())).collect();
    let expected = [
        ("q", "vaso & <flor>"),
        ("category", "sala"),
        ("category", "jardim-e-varanda"),
        ("min_price", "5000"),
        ("max_price", "9999"),
    ];
    assert_eq!(carried, expected);
    assert_eq!(page.iter().find(|e| e.get("id") == Some("q")).unwrap().get("value"), Some("vaso & <flor>"));
}

#[test]
fn facets_show_exact_counts_and_hide_what_leads_nowhere() {
    let text = rendered("search");
    assert!(text.contains("1.248 produtos") && text.contains(">640<") && text.contains("R$ 500 a R$ 1.000"));
    assert!(!text.contains("Acima de R$ 1.000"), "an empty band is left out");
    let shop = sample::shop();
    let mut page = sample::search(&shop);
    page.query.categories = vec!["cozinha".into()];
    let text = search::render(&page).unwrap();
    let cozinha = "/search?q=vaso%20%26%20%3Cflor%3E&min_price=5000&max_price=9999&sort=price_desc";
    let chosen = html::parse(&text).unwrap();
    let chosen = chosen.iter().find(|e| e.get("rel") == Some("nofollow") && e.get("href") == Some(cozinha)).unwrap();
    assert_eq!(chosen.get("aria-current"), Some("true"), "a chosen category stays, even with a count of 0");
}

#[test]
fn nothing_found_helps_on() {
    let text = rendered("search-empty");
    for help in ["Nada encontrado com estes filtros", "Você quis dizer", "vasos de flor", "Talvez você goste"] {
        assert!(text.contains(help), "{help}");
    }
    assert!(text.contains("Remover filtro: </span>R$ 50 a R$ 99,99"));
}

#[test]
fn s89_product_shows_price_code_details_and_breadcrumb() {
    let text = rendered("product");
    for part in
        ["R$ 119,90", "R$ 149,90", "−20%", "VASO-M-00", "1,25 kg", "em até 3x de", "<strong>argila da região</strong>"]
    {
        assert!(text.contains(part), "{part}");
    }
    let page = html::parse(&text).unwrap();
    let links: Vec<&str> = page.iter().filter_map(|element| element.get("href")).collect();
    for path in [
        "/category/decoracao",
        "/product/vaso-de-ceramica?variant=v11",
        "https://casadaserra.com.br/product/vaso-de-ceramica",
    ] {
        assert!(links.contains(&path), "{path}");
    }
    let sold_out = page.iter().find(|e| e.get("href") == Some("/product/vaso-de-ceramica?variant=v11")).unwrap();
    assert_eq!(sold_out.get("class"), Some("is-out"));
    assert!(text.contains("(esgotado)") && text.contains("Disponível"));
    assert!(text.contains("Você também pode gostar"), "S90: related products");
}

#[test]
fn a_product_without_anything_is_still_a_page() {
    let text = rendered("product-bare");
    assert!(text.contains("Esgotado no momento") && text.contains("R$ 1.299,90"));
    let page = html::parse(&text).unwrap();
    let select = page.iter().find(|element| element.get("name") == Some("option")).unwrap();
    assert_eq!(
        (select.name.as_str(), select.get("form")),
        ("select", Some("comprar")),
        "many values are a list to open"
    );
    assert!(!text.contains("Adicionar ao carrinho") && text.contains("Ver esta opção"), "another may be there: {text}");
    let shop = sample::shop();
    let mut product = sample::bare_product();
    product.variants.clear();
    let adding = product::Adding::default();
    let page = product::ProductPage { shop: &shop, product: &product, variant: None, related: vec![], adding };
    assert!(product::render(&page).unwrap().contains("Indisponível no momento"));
}

#[test]
fn s94_the_form_of_a_product_with_a_list_sends_the_values_of_all_its_options() {
    let (shop, mut product) = (sample::shop(), sample::product());
    let few = product::render(&sample::product_page(&shop, &product)).unwrap();
    assert!(few.contains("<p class=\"cart-chosen\">Tamanho: M · Cor: Areia</p>"), "{few}");
    assert!(!few.contains("name=\"option\"") && few.contains("name=\"_key\" value=\"key\""), "{few}");
    product.options[1].values.extend((0..30).map(|number| format!("Cor {number}")));
    let adding = product::Adding { wrong_options: Some(product::NO_SUCH_MIX), ..product::Adding::default() };
    let page = product::ProductPage { adding, ..sample::product_page(&shop, &product) };
    let text = product::render(&page).unwrap();
    for part in [
        "<p class=\"cart-chosen\">Tamanho: M</p>",
        "formaction=\"/product/vaso-de-ceramica\" formmethod=\"get\"",
        product::NO_SUCH_MIX,
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!text.contains("_key"), "a page that is everybody's has no key");
    let page = html::parse(&text).unwrap();
    let sent = page.iter().filter(|element| element.get("name") == Some("option"));
    let sent: Vec<_> = sent.map(|element| (element.name.as_str(), element.get("value"), element.get("form"))).collect();
    assert_eq!(sent, [("input", Some("M"), Some("comprar")), ("select", None, Some("comprar"))]);
    let chosen = page.iter().find(|element| element.name == "option" && element.get("selected").is_some()).unwrap();
    assert_eq!(chosen.get("value"), Some("Areia"));
}

#[test]
fn f10_search_engines_read_the_product_as_data() {
    let (shop, mut product) = (sample::shop(), sample::product());
    // Drawings are no images for machines, which take the first of pixels.
    product.images[1].url = "/media/1.jpg?v=.svg".into();
    let page = product::render(&sample::product_page(&shop, &product)).unwrap();
    let page = html::parse(&page).unwrap();
    let data: Vec<serde_json::Value> = page
        .iter()
        .filter(|element| element.get("type") == Some("application/ld+json"))
        .map(|element| serde_json::from_str(&element.text).unwrap())
        .collect();
    let [product, crumbs] = data.as_slice() else { panic!("two blocks of data") };
    assert_eq!(product["@type"], "Product");
    assert_eq!(product["sku"], "VASO-M-00");
    assert_eq!(product["offers"]["price"], "119.90");
    assert_eq!(product["offers"]["priceCurrency"], "BRL");
    assert_eq!(product["offers"]["availability"], "https://schema.org/InStock");
    assert_eq!(product["gtin13"], "7891000315507");
    assert_eq!(product["image"], serde_json::json!(["https://casadaserra.com.br/media/1.jpg?v=.svg"]));
    assert_eq!(crumbs["itemListElement"].as_array().unwrap().len(), 4);
    assert_eq!(crumbs["itemListElement"][2]["item"], "https://casadaserra.com.br/category/decoracao");
    let meta =
        |property: &str| page.iter().find(|e| e.get("property") == Some(property)).unwrap().get("content").unwrap();
    assert_eq!(meta("og:image"), "https://casadaserra.com.br/media/1.jpg?v=.svg");
    assert_eq!(meta("product:price:amount"), "119.90");
    assert!(meta("og:description").starts_with("Torneado um a um em argila"));
}

#[test]
fn f10_sitemap_and_robots() {
    let entries = [
        feeds::SitemapEntry { page: feeds::SitemapPage::Home, last_modified: None },
        feeds::SitemapEntry {
            page: feeds::SitemapPage::Product("vaso&flor".into()),
            last_modified: Some("2026-01-31T12:00:00Z".into()),
        },
        feeds::SitemapEntry { page: feeds::SitemapPage::Policy(Policy::Terms), last_modified: None },
    ];
    let origin = "https://casadaserra.com.br";
    let xml = feeds::render_sitemap(&feeds::Sitemap { origin, entries: &entries }).unwrap();
    assert!(xml.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<urlset"));
    assert!(xml.contains("<url><loc>https://casadaserra.com.br/</loc></url>"), "{xml}");
    let second = "<loc>https://casadaserra.com.br/product/vaso%26flor</loc><lastmod>2026-01-31T12:00:00Z</lastmod>";
    assert!(xml.contains(second), "{xml}");
    assert!(xml.contains("<url><loc>https://casadaserra.com.br/policies/terms</loc></url>"), "{xml}");
    let paths = ["/sitemap-1.xml".to_owned()];
    let index = feeds::render_sitemap_index(&feeds::SitemapIndex { origin, paths: &paths }).unwrap();
    assert!(index.contains("<sitemap><loc>https://casadaserra.com.br/sitemap-1.xml</loc></sitemap>"));
    let open = feeds::render_robots(&feeds::Robots { origin, standing: feeds::Standing::Open }).unwrap();
    assert!(open.contains("Disallow: /search\n") && open.contains("Sitemap: https://casadaserra.com.br/sitemap.xml"));
    let suspended = feeds::render_robots(&feeds::Robots { origin, standing: feeds::Standing::Suspended }).unwrap();
    assert_eq!(suspended.trim_end(), "User-agent: *\nDisallow: /");
    // Crawlers forget the pages of a shop that is closed for good, once they may see that those are gone.
    let closed = feeds::render_robots(&feeds::Robots { origin, standing: feeds::Standing::Closed }).unwrap();
    assert_eq!(closed.trim_end(), "User-agent: *\nDisallow: /admin/\nDisallow: /api/\nAllow: /");
}

fn rendered(wanted: &str) -> String {
    sample::all_pages().into_iter().find(|(name, _)| *name == wanted).unwrap().1
}

fn one<'a>(page: &'a [Element], tag: &str, name: &str) -> &'a Element {
    let found: Vec<&Element> = page.iter().filter(|element| element.name == tag).collect();
    assert_eq!(found.len(), 1, "{name}: <{tag}>");
    found[0]
}

fn link<'a>(page: &'a [Element], rel: &str) -> &'a str {
    page.iter().find(|element| element.get("rel") == Some(rel)).unwrap().get("href").unwrap()
}

fn is_number(text: &str) -> bool {
    text.parse::<u32>().is_ok_and(|number| number > 0)
}
