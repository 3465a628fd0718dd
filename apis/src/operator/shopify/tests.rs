#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use feira_schemas::{catalogue::product_content, money::Money};
use serde_json::json;

use super::*;

/// The columns that most fixtures need.
const HEADER: &str = "Handle,Title,Type,Tags,Published,Option1 Name,Option1 Value,Variant Price,Image Src\n";

fn read(csv: &str) -> Vec<ImportProduct> {
    read_bytes(csv.as_bytes())
}

fn read_bytes(upload: &[u8]) -> Vec<ImportProduct> {
    ShopifyFile::open(upload).unwrap().products().unwrap().map(Result::unwrap).collect()
}

fn refusal(upload: &[u8]) -> String {
    let error = match ShopifyFile::open(upload) {
        Ok(file) => file.products().err().expect("the file was read"),
        Err(error) => error,
    };
    error.to_string()
}

fn said(product: &ImportProduct) -> Vec<String> {
    product.errors.iter().map(RowError::to_string).collect()
}

#[test]
fn a_product_without_options_is_one_row() {
    let csv = "Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,Option1 Value,Variant SKU,Variant Grams,\
               Variant Inventory Qty,Variant Price,Variant Compare At Price,Variant Barcode,Image Src,Image Position,\
               Image Alt Text,SEO Title,SEO Description,Cost per item,Gift Card\n\
               vaso-azul,Vaso azul,\"<p>Feito à mão,\nno torno.</p>\",Barro,Casa,\"barro, azul ,\",TRUE,Title,Default Title,VA-1,\
               850,7,129.9,150,789,https://x.test/v.jpg,1,De frente,Vaso,Um vaso,40.05,false\n";
    let products = read(csv);
    let [product] = products.as_slice() else { panic!("{products:?}") };
    assert!(product.errors.is_empty(), "{:?}", said(product));
    assert_eq!((product.handle.as_str(), product.row), ("vaso-azul", 2));
    assert_eq!(product.category_name.as_deref(), Some("Casa"));
    assert_eq!(
        serde_json::to_value(&product.product).unwrap(),
        json!({
            "name": "Vaso azul",
            "slug": "vaso-azul",
            "description": "<p>Feito à mão,\nno torno.</p>",
            "vendor": "Barro",
            "tags": ["barro", "azul"],
            "status": "published",
            "featured": false,
            "options": [],
            "variants": [{
                "sku": "VA-1", "options": {}, "price": Money::brl(12_990), "compare_at_price": Money::brl(15_000),
                "cost": Money::brl(4_005), "barcode": "789", "weight_grams": 850, "stock": 7,
            }],
            "seo": {"title": "Vaso", "description": "Um vaso"},
        })
    );
    let image = ImportImage { src: "https://x.test/v.jpg".into(), position: Some(1), alt: Some("De frente".into()) };
    assert_eq!(product.images, [image]);
    product_content(product.product.clone()).unwrap();
}

#[test]
fn rows_of_one_handle_are_variants_and_pictures() {
    let csv = "Handle,Title,Option1 Name,Option1 Value,Option2 Name,Option2 Value,Variant Price,Image Src,Image Position,Variant Image\n\
               blusa,Blusa,Cor,Azul,Tamanho,P,50,b.jpg,2,azul.jpg\n\
               blusa,,,azul,,M,55,a.jpg,1,azul.jpg\n\
               blusa,,,,,,,c.jpg,3,\n\
               blusa,,,Verde,,P,50,,,\n\
               meia,Meia,Title,Default Title,,,9,,,\n";
    let products = read(csv);
    let [blouse, sock] = products.as_slice() else { panic!("{products:?}") };
    assert!(blouse.errors.is_empty(), "{:?}", said(blouse));
    let options: Vec<_> =
        blouse.product.options.iter().map(|option| (option.name.as_str(), option.values.join("/"))).collect();
    assert_eq!(options, [("Cor", "Azul/Verde".to_owned()), ("Tamanho", "P/M".to_owned())]);
    assert_eq!(blouse.product.variants[1].options, *json!({"Cor": "Azul", "Tamanho": "M"}).as_object().unwrap());
    assert_eq!(blouse.variant_rows, [2, 3, 5]);
    let sources: Vec<&str> = blouse.images.iter().map(|image| image.src.as_str()).collect();
    assert_eq!(sources, ["a.jpg", "b.jpg", "c.jpg", "azul.jpg"]);
    assert_eq!(product_content(blouse.product.clone()).unwrap().variants.len(), 3);
    assert_eq!((sock.row, sock.product.options.len()), (6, 0));
}

#[test]
fn prices_are_read_exactly_or_refused_in_words() {
    for (text, centavos) in [
        ("50", 5_000),
        ("50.0", 5_000),
        ("50.00", 5_000),
        ("1234.5", 123_450),
        ("0.07", 7),
        ("0", 0),
        ("49,90", 4_990),
        ("1.234,5", 123_450),
        ("12,345,678.90", 1_234_567_890),
        ("R$ 1.299,90", 129_990),
        ("00012.30", 1_230),
        ("100000000.00", Money::MAX_AMOUNT),
    ] {
        assert_eq!(cells::price(text), Ok(Money::brl(centavos)), "{text}");
    }
    for (text, why) in [
        ("-1", "negativo"),
        ("R$ -1", "negativo"),
        ("grátis", "não é um número"),
        ("", "não é um número"),
        ("5.", "não é um número"),
        (".5", "não é um número"),
        ("1e3", "não é um número"),
        ("1.2.3", "não é um número"),
        ("1,23.50", "não é um número"),
        ("1234,567.00", "não é um número"),
        ("１２", "não é um número"),
        ("1.234", "ambíguo"),
        ("1,234", "ambíguo"),
        ("1.2345", "duas casas"),
        ("100000000.01", "R$ 100 milhões"),
        ("99999999999999999999", "R$ 100 milhões"),
    ] {
        let error = cells::price(text).expect_err(text);
        assert!(error.contains(why), "{text}: {error}");
    }
}

#[test]
fn counts_weights_positions_and_truths() {
    assert_eq!(["3", "-2", "12.0"].map(|text| cells::count(text).ok()), [Some(3), Some(0), Some(12)]);
    assert_eq!(["0", "226.796185", "99,4"].map(|text| cells::grams(text).ok()), [Some(0), Some(227), Some(99)]);
    assert_eq!(["1", "2.0"].map(|text| cells::position(text).ok()), [Some(1), Some(2)]);
    assert_eq!(
        ["TRUE", "false", "Verdadeiro", "NÃO"].map(|text| cells::truth(text).ok()),
        [true, false, true, false].map(Some)
    );
    assert!(["", "x", "1.5"].iter().all(|text| cells::count(text).is_err()));
    assert!(["", "x", "-1", "1.", "1.x"].iter().all(|text| cells::grams(text).is_err()));
    assert!(["0", "-1", "x"].iter().all(|text| cells::position(text).is_err()));
    assert!(cells::truth("talvez").is_err());
}

#[test]
fn status_needs_both_columns_to_agree() {
    let header = "Handle,Title,Published,Status,Variant Price\n";
    for (published, status, expected) in [
        ("TRUE", "active", StatusBody::Published),
        ("", "", StatusBody::Published),
        ("", "active", StatusBody::Published),
        ("true", "draft", StatusBody::Draft),
        ("FALSE", "active", StatusBody::Draft),
        ("", "Archived", StatusBody::Draft),
    ] {
        let products = read(&format!("{header}a,A,{published},{status},1\n"));
        assert_eq!(products[0].product.status, expected, "{published:?} {status:?}");
        assert!(products[0].errors.is_empty());
    }
    assert_eq!(
        said(&read(&format!("{header}a,A,talvez,vendido,1\n"))[0]),
        [
            "linha 2, coluna Published: «talvez» não é TRUE nem FALSE.",
            "linha 2, coluna Status: «vendido» não é active, draft nem archived.",
        ]
    );
}

#[test]
fn errors_name_the_row_a_spreadsheet_shows() {
    let rows = "\r\na,\"duas\r\nlinhas\",,,,Cor,Azul,1,\r\n\r\na,,,,,,Verde,caro,\r\n,,,,,,,,\r\nb,B,,,,,,x,\r\n";
    let products = read(&format!("{}{rows}", HEADER.trim_end()));
    assert_eq!(products.iter().map(|product| product.row).collect::<Vec<_>>(), [2, 6]);
    assert_eq!(
        said(&products[0]),
        ["linha 4, coluna Variant Price: O preço «caro» não é um número. Escreva como 49.90."]
    );
    assert_eq!(products[1].errors[0].row, 6);
    let after_separator = read(&format!("sep=,\r\n{HEADER}a,A,,,,,,x,\n"));
    assert_eq!(after_separator[0].errors[0].row, 3);
}

#[test]
fn what_is_missing_is_said_and_stops_only_its_product() {
    let products = read(&format!(
        "{HEADER}a,,,,,,,,\n,Sem handle,,,,,,1,\n???,C,,,,,,1,\nd,D,,,,Cor,,1,\nd,,,,,,Azul,1,\ne,E,,,,,Azul,1,\nf,F,,,,,,1,f.jpg,,sobra\ng,G,,,,,,1,\n"
    ));
    let errors: Vec<String> = products.iter().flat_map(said).collect();
    assert_eq!(
        errors,
        [
            "linha 2, coluna Title: A primeira linha do produto precisa do nome.",
            "linha 2, coluna Variant Price: Informe o preço da variante.",
            "linha 3, coluna Handle: A linha não tem Handle.",
            "linha 4, coluna Handle: O Handle precisa de letras ou números.",
            "linha 5, coluna Option1 Value: Falta o valor de «Cor».",
            "linha 7, coluna Option1 Name: O valor «Azul» não tem o nome da opção.",
            "linha 8: A linha tem mais colunas que o cabeçalho; um texto com vírgula precisa de aspas.",
        ]
    );
    assert!(products.last().unwrap().errors.is_empty());
}

#[test]
fn a_handle_that_comes_again_is_refused_with_both_rows() {
    let products = read(&format!("{HEADER}a,A,,,,,,1,\nb,B,,,,,,1,\na,A,,,,,,2,\nB_,B,,,,,,2,\n"));
    assert!(said(&products[0]).is_empty() && said(&products[1]).is_empty());
    assert_eq!(
        said(&products[2]),
        ["linha 4, coluna Handle: O produto «a» já apareceu na linha 2. Deixe juntas todas as linhas de um produto."]
    );
    assert_eq!(products[3].errors[0].row, 5, "two handles that make one slug are one product");
}

#[test]
fn semicolons_tabs_marks_and_line_ends_make_no_difference() {
    let expected = read(&format!("{HEADER}cafe,Café,Chá,\"a, b\",TRUE,,,\"49,90\",\n"));
    assert_eq!(expected[0].product.variants[0].price, Some(Money::brl(4_990)));
    let with = |delimiter: &str| {
        let header = HEADER.replace(',', delimiter);
        let row = ["cafe", "Café", "Chá", "\"a, b\"", "TRUE", "", "", "\"49,90\"", ""].join(delimiter);
        format!("{header}{row}\n")
    };
    assert_eq!(read(&with(";")), expected);
    assert_eq!(read(&with("\t")), expected);
    assert_eq!(read(&format!("\u{feff}{}", with(","))), expected);
    assert_eq!(read(&with(",").replace('\n', "\r\n")), expected);
    assert_eq!(read(&with(",").replace('\n', "\r")), expected);
    assert_eq!(read(with(",").trim_end()), expected);
    let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain(with("\t").encode_utf16().flat_map(u16::to_le_bytes)).collect();
    assert_eq!(read_bytes(&utf16), expected);
    let latin: Vec<u8> = with(";").chars().map(|letter| u8::try_from(letter as u32).unwrap()).collect();
    assert_eq!(read_bytes(&latin), expected);
    assert_eq!(ShopifyFile::open(&latin).unwrap().encoding, Encoding::Windows1252);
    let dash = ShopifyFile::open(b"Handle,Title,Variant Price\na,Ch\xe1 \x96 50 g,1\n").unwrap();
    assert_eq!(dash.products().unwrap().next().unwrap().unwrap().product.name, "Chá – 50 g");
}

#[test]
fn files_that_are_none_are_refused_in_words() {
    for (upload, why) in [
        (&b"PK\x03\x04rest"[..], "planilha do Excel"),
        (b"", "vazio"),
        (b"\xef\xbb\xbf \r\n", "vazio"),
        (b"Handle,Title\0", "não é um texto"),
        (b"\xff\xfea", "não é um texto"),
        (b"Handle,Title,Variant Price\nch\xc3\xa1,caf\xc3\xa9,1\nlim\xc3,a\xc3\xa7\xc3\xa3o,1\n", "perto da linha 3"),
        (b"Handle,Nome\na,b\n", "falta: Title, Variant Price."),
        (b"Handle,Title,Variant Price\na,A,1\nb,\"B,1\nc,C,1\n", "aspas abertas na linha 3"),
    ] {
        let error = refusal(upload);
        assert!(error.contains(why), "{upload:?}: {error}");
    }
}

#[test]
fn the_newer_template_is_read_too_and_unknown_columns_are_ignored() {
    let products = read(
        "Title,URL handle,Description,Product image URL,Price,Inventory quantity,Weight value (grams),Published on online store,Cor do gato\n\
         Rede,rede,<p>Boa.</p>,r.jpg,199.9,4,1200.5,FALSE,preto\n",
    );
    let product = &products[0].product;
    assert_eq!((product.slug.as_deref(), product.status), (Some("rede"), StatusBody::Draft));
    let variant = &product.variants[0];
    assert_eq!((variant.price, variant.stock, variant.weight_grams), (Some(Money::brl(19_990)), Some(4), Some(1_201)));
    assert_eq!(products[0].images[0].src, "r.jpg");
}

#[test]
fn limits_end_what_a_product_may_hold() {
    let rows: String = (0..=limits::VARIANTS).map(|size| format!("a,A,,,,Medida,{size},1,i{size}.jpg\n")).collect();
    let product = &read(&format!("{HEADER}{rows}"))[0];
    assert_eq!(product.product.variants.len(), limits::VARIANTS);
    assert_eq!(product.images.len(), limits::IMAGES);
    assert_eq!(product.errors.len(), 50);
    assert_eq!(product.errors[0].to_string(), "linha 252, coluna Image Src: Um produto pode ter até 250 imagens.");
}

#[test]
fn errors_of_the_products_rules_get_their_row() {
    let long = "x".repeat(65);
    let csv = format!(
        "Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Price\na,A,Cor,Azul,1,1\na,,,Verde,{long},1\n"
    );
    let product = &read(&csv)[0];
    let errors = product_content(product.product.clone()).unwrap_err();
    assert_eq!(
        product.locate(&errors[0]).to_string(),
        "linha 3, coluna Variant SKU: O SKU pode ter até 64 caracteres."
    );
}

#[test]
fn a_file_cut_or_damaged_anywhere_is_refused_or_read_but_never_panics() {
    let whole =
        format!("{HEADER}chá,\"Ch\"\"á\",T,x,TRUE,Cor,Azul,\"1.234,5\",i.jpg\r\nchá,,,,,,Verde,5,\r\n").into_bytes();
    let read =
        |bytes: &[u8]| ShopifyFile::open(bytes).is_ok_and(|file| file.products().is_ok_and(|all| all.count() > 0));
    assert!(read(&whole));
    let cut = (0..whole.len()).filter(|end| read(&whole[..*end])).count();
    assert!(cut > 0 && cut < whole.len());
    for at in 0..whole.len() {
        for byte in [b'"', b',', b';', b'\n', b'\r', b'-', 0xc3, 0xff, 0] {
            let mut damaged = whole.clone();
            damaged[at] = byte;
            read(&damaged);
        }
    }
}
