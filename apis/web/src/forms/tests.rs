use feira_schemas::{
    api::{
        category,
        product::{self, ProductBody},
        settings,
        signup::{self, PlanBody},
        stock::{self, StockBody},
    },
    money::Money,
};
use serde_json::json;

use super::*;

fn products() -> Schemas {
    Schemas::new([product::schemas(), category::schemas(), stock::schemas()].concat())
}

async fn urlencoded(fields: &[(&str, &str)]) -> Form {
    let body = encoded_pairs(fields);
    Form::read("application/x-www-form-urlencoded", &body.into()).await.unwrap()
}

/// As browsers write it: a space is `+`, and what is no letter or digit is percent-encoded.
fn encoded_pairs(fields: &[(&str, &str)]) -> String {
    let encoded = |text| {
        percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string().replace("%20", "+")
    };
    fields.iter().map(|(name, text)| format!("{}={}", encoded(name), encoded(text))).collect::<Vec<_>>().join("&")
}

fn multipart_of(fields: &[(&str, &str)]) -> Bytes {
    let part = |(name, text): &(&str, &str)| {
        format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n")
    };
    (fields.iter().map(part).collect::<String>() + "--b--\r\n").into()
}

const PRODUCT: &[(&str, &str)] = &[
    ("_version", "7"),
    ("/name", "Camisa de algodão & linho"),
    ("/slug", ""),
    ("/description", "<p>Um</p>\r\n<p>Dois</p>"),
    ("/category_id", ""),
    ("/vendor", "Ac\u{327}ai\u{301}"),
    ("/tags", "verão"),
    ("/tags", ""),
    ("/tags", "linho"),
    ("/status", "published"),
    ("/featured", "false"),
    ("/featured", "on"),
    ("/options/0/name", "Tamanho/Cor"),
    ("/options/0/values/0", "P"),
    ("/options/0/values/1", "M"),
    ("/variants/0/sku", "A-1"),
    ("/variants/0/options/Tamanho~1Cor", "P"),
    ("/variants/0/price", "R$ 1.234,50"),
    ("/variants/0/compare_at_price", ""),
    ("/variants/0/stock", " 12 "),
    ("/variants/0/tracked", "false"),
    ("/variants/1/options/Tamanho~1Cor", "M"),
    ("/variants/1/price", "49,90"),
    ("/variants/1/weight_grams", ""),
    ("/seo/title", ""),
    ("/seo/description", "Leve"),
];

#[tokio::test]
async fn both_kinds_of_forms_fill_the_body_that_json_has() {
    let expected: ProductBody = json::read(
        &products(),
        json!({
            "name": "Camisa de algodão & linho", "slug": null, "description": "<p>Um</p>\n<p>Dois</p>", "category_id": null,
            "vendor": "Açaí", "tags": ["verão", "linho"], "status": "published", "featured": true,
            "options": [{"name": "Tamanho/Cor", "values": ["P", "M"]}],
            "variants": [
                {"sku": "A-1", "options": {"Tamanho/Cor": "P"}, "price": {"amount": 123_450, "currency": "BRL"},
                 "compare_at_price": null, "stock": 12, "tracked": false},
                {"options": {"Tamanho/Cor": "M"}, "price": {"amount": 4_990, "currency": "BRL"}, "weight_grams": null},
            ],
            "seo": {"title": null, "description": "Leve"},
        })
        .to_string()
        .as_bytes(),
        "ProductBody",
    )
    .unwrap();
    let multipart = Form::read("multipart/form-data; boundary=b", &multipart_of(PRODUCT)).await.unwrap();
    for form in [urlencoded(PRODUCT).await, multipart] {
        assert_eq!(form.body::<ProductBody>(&products(), "ProductBody").unwrap(), expected);
        assert_eq!((form.said("version"), form.said("name")), (Some("7"), None));
    }
}

#[tokio::test]
async fn the_pointer_of_an_error_is_the_name_of_its_input() {
    let price = ("/variants/0/price", "1,00");
    for (wrong, code) in [
        (("/name", "a\u{7}"), Code::Invalid),
        (("/variants/0/price", "doze"), Code::Invalid),
        (("/variants/0/price", "1.234"), Code::Invalid),
        (("/variants/0/stock", "1.5"), Code::Malformed),
        (("/featured", "talvez"), Code::Malformed),
        (("/status", "gone"), Code::Invalid),
        (("/variants/0/colour", "x"), Code::Malformed),
        (("/a~1b", "x"), Code::Malformed),
        (("/tags/1", "x"), Code::Malformed),
    ] {
        let mut fields: BTreeMap<&str, &str> = [("/name", "a"), price].into();
        fields.insert(wrong.0, wrong.1);
        let fields: Vec<(&str, &str)> = fields.into_iter().collect();
        let refused = urlencoded(&fields).await.body::<ProductBody>(&products(), "ProductBody").unwrap_err();
        let at = if wrong.0 == "/tags/1" { "/tags/0" } else { wrong.0 };
        let found: Vec<_> = refused.errors.iter().map(|error| (error.pointer.as_str(), error.code)).collect();
        assert_eq!(found, [(at, code)], "{wrong:?}");
    }
    let twice = urlencoded(&[("/name", "a"), ("/name", "b"), price]).await;
    assert_eq!(twice.body::<ProductBody>(&products(), "ProductBody").unwrap_err().errors[0].pointer, "/name");
}

#[tokio::test]
async fn what_is_left_out_is_missing_and_blank_numbers_are_left_out() {
    let refused =
        urlencoded(&[("/description", "x")]).await.body::<ProductBody>(&products(), "ProductBody").unwrap_err();
    let missing: Vec<_> = refused.errors.iter().map(|error| (error.pointer.as_str(), error.code)).collect();
    assert_eq!(missing, [("/name", Code::Required), ("/variants", Code::Required)]);
    let form = urlencoded(&[("/on_hand", ""), ("/adjust", "-3")]).await;
    let body: StockBody = form.body(&products(), "StockBody").unwrap();
    assert_eq!((body.on_hand, body.adjust), (None, Some(-3)));
    let empty: Value = urlencoded(&[]).await.body(&products(), "StockBody").unwrap();
    assert_eq!(empty, json!({}));
}

#[tokio::test]
async fn money_of_any_bounds_is_one_input_and_a_text_area_gives_an_item_a_line() {
    let plans = Schemas::new(signup::operator_schemas());
    let fields = [
        ("/name", "Básico"),
        ("/price", "R$ 1.234,56"),
        ("/months", "1"),
        ("/features", "Loja própria\r\n\r\nSem comissão"),
        ("/methods", "pix"),
        ("/methods", "card"),
    ];
    let body: PlanBody = urlencoded(&fields).await.body(&plans, "PlatformPlanBody").unwrap();
    assert_eq!((body.price, body.features), (Money::brl(123_456), vec!["Loja própria".into(), "Sem comissão".into()]));
    assert_eq!(body.methods, ["pix", "card"]);
}

#[tokio::test]
async fn a_form_may_fill_a_merge_patch_alone() {
    let schemas = Schemas::new(settings::schemas());
    let form = urlencoded(&[("/tagline", ""), ("/interest_free_installments", "3"), ("/cors_origins", "")]).await;
    let patch = form.patch(&schemas, "SettingsPatch").unwrap();
    assert_eq!(Value::from(patch), json!({"tagline": null, "interest_free_installments": 3, "cors_origins": []}));
    let refused = urlencoded(&[("/shop_name", ""), ("/name", "x")]).await.patch(&schemas, "SettingsPatch").unwrap_err();
    assert_eq!(refused.errors.iter().map(|error| error.pointer.as_str()).collect::<Vec<_>>(), ["/name"]);
}

#[tokio::test]
async fn files_come_beside_the_body_empty_or_not_and_an_input_without_one_gives_none() {
    let part = |name: &str, file: &str, text: &str| {
        format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{file}\"\r\n\r\n{text}\r\n")
    };
    let body = part("images", "a.png", "bytes") + &part("images", "", "") + &part("images", "b.png", "") + "--b--\r\n";
    let form = Form::read("multipart/form-data; boundary=b", &body.into()).await.unwrap();
    let file = |bytes: &'static str| File { name: "images".into(), bytes: bytes.into() };
    assert_eq!(form.files, [file("bytes"), file("")]);
}

#[tokio::test]
async fn what_is_no_form_is_refused_in_words() {
    for (kind, body) in [
        ("multipart/form-data; boundary=b", &b"--b\r\nContent-Disposition: form-data; name=\"/a\"\r\n\r\nx"[..]),
        ("application/x-www-form-urlencoded", b"%ff=x"),
    ] {
        assert_eq!(Form::read(kind, &Bytes::from_static(body)).await.unwrap_err().code, Code::Malformed);
    }
    let latin = Form::read("application/x-www-form-urlencoded", &Bytes::from_static(b"/name=%E7")).await.unwrap_err();
    assert_eq!(latin.errors[0].pointer, "/name");
    for name in ["name", &"/a".repeat(20)] {
        let refused = urlencoded(&[(name, "x")]).await.body::<Value>(&products(), "ProductBody").unwrap_err();
        assert_eq!(refused.code, Code::Malformed, "{name}");
    }
    let many = "/tags=a&".repeat(FIELDS + 1);
    let refused = Form::read("application/x-www-form-urlencoded", &many.into()).await.unwrap_err();
    assert_eq!(refused.code, Code::TooLarge);
}
