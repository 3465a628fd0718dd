#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod given;

use feira_schemas::{
    api::product::{StatusBody, product_content},
    limits,
    money::Money,
    problem::{Code, FieldError},
    records::admin as records,
};
use given::{HEADER, kept, opened, over, read, read_bytes, refusal, said, variants};
use serde_json::json;

use super::*;

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
    let image = records::ImportImage { source_url: "https://x.test/v.jpg".into(), alt: Some("De frente".into()) };
    assert_eq!(product.images, [image]);
    product_content(product.product.clone()).unwrap();
}

#[test]
fn rows_of_one_handle_are_variants_and_images() {
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
    let row = |at| blouse.locate(&FieldError::new(format!("/variants/{at}/sku"), Code::TooLong, "")).row;
    assert_eq!([0, 1, 2].map(row), [2, 3, 5]);
    let sources: Vec<&str> = blouse.images.iter().map(|image| image.source_url.as_str()).collect();
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
            "linha 2, coluna Status: «vendido» não é active, draft, archived nem unlisted.",
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
    let errors: Vec<String> = products.iter().flat_map(|product| said(product)).collect();
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
fn f36_rows_of_a_product_are_found_wherever_they_stand() {
    let header = "Handle,Title,Option1 Name,Option1 Value,Variant Price,Image Src\n";
    let rows = ["a,A,Cor,Azul,1,\n", "a,,,Verde,2,\n", "b,B,Cor,Rosa,3,\n", "a,,,,,a.jpg\n", "B_,,,Gris,4,\n"];
    for order in [[0, 2, 1, 4, 3], [3, 4, 1, 2, 0], [1, 2, 3, 4, 0], [4, 3, 0, 2, 1]] {
        let mut products = read(&format!("{header}{}", order.map(|at| rows[at]).concat()));
        products.sort_by(|one, other| one.product.name.cmp(&other.product.name));
        let [a, b] = products.as_slice() else { panic!("two handles that make one slug are one product: {order:?}") };
        assert!(said(a).is_empty() && said(b).is_empty(), "{order:?}: {:?} {:?}", said(a), said(b));
        assert_eq!((a.product.name.as_str(), b.product.name.as_str()), ("A", "B"), "{order:?}");
        let mut prices: Vec<i64> = variants(a).into_iter().map(|(.., price)| price).collect();
        prices.sort_unstable();
        assert_eq!((prices, a.images.len(), b.product.variants.len()), (vec![100, 200], 1, 2), "{order:?}");
    }
    let twice = read(&format!("{header}a,A,Cor,Azul,1,\nb,B,Cor,Azul,1,\na,A,Cor,azul,2,\n"));
    let errors = product_content(twice[0].product.clone()).unwrap_err();
    assert_eq!(twice[0].locate(&errors[0]).to_string(), "linha 4: Duas variantes têm as mesmas opções.");
}

#[test]
fn f36_a_sorted_file_changes_no_order() {
    let header = "Handle,Title,Option1 Name,Option1 Value,Variant Price\n";
    let before = kept(&format!("{header}a,A,Tamanho,P,3\na,,,M,2\na,,,G,1\n"));
    let laid = over(&before, &format!("{header}a,,,G,1\nb,B,,,1\na,,,GG,1\na,,,M,2\na,A,Tamanho,P,4\n"));
    assert_eq!(said(&laid), [] as [String; 0]);
    let expected = [(Some(1), "P", 400), (Some(2), "M", 200), (Some(3), "G", 100), (None, "GG", 100)];
    assert_eq!(variants(&laid), expected.map(|(id, value, price)| (id, value.to_owned(), price)));
    assert_eq!(laid.product.options[0].values, ["P", "M", "G", "GG"]);
    // Rows that stand together were put so by somebody.
    let laid = over(&before, &format!("{header}a,A,Tamanho,G,1\na,,,M,2\na,,,P,3\n"));
    assert_eq!(laid.product.options[0].values, ["G", "M", "P"]);
}

#[test]
fn f36_a_list_of_changes_leaves_the_variants_that_it_does_not_name() {
    let before = kept("Handle,Title,Option1 Name,Option1 Value,Variant Price\na,A,Cor,Azul,1\na,,,Cru,2\na,,,Rosa,3\n");
    let laid = over(&before, "Handle,Option1 Value,Variant Price\na,ROSA,9\na,Gris,8\na,Azul,7\n");
    assert_eq!(said(&laid), [] as [String; 0]);
    let expected = [(Some(1), "Azul", 700), (Some(2), "Cru", 200), (Some(3), "Rosa", 900), (None, "Gris", 800)];
    assert_eq!(variants(&laid), expected.map(|(id, value, price)| (id, value.to_owned(), price)));
    assert_eq!(laid.product.options[0].values, ["Azul", "Cru", "Rosa", "Gris"]);
    assert!(laid.notes.is_empty(), "{:?}", laid.notes);
    let whole = over(&before, "Handle,Title,Option1 Value,Variant Price\na,A,Rosa,9\n");
    assert_eq!(variants(&whole), [(Some(3), "Rosa".to_owned(), 900)]);
    assert_eq!(whole.notes, ["Variantes retiradas, pois o arquivo não as tem: Azul, Cru."]);
}

#[test]
fn f36_an_added_option_is_laid_over_the_variants_by_their_codes() {
    let before = kept(
        "Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Price,Variant Barcode\na,A,Cor,Azul,AZ,1,789\na,,,Cru,CR,1,790\n",
    );
    let laid = over(
        &before,
        "Handle,Title,Option1 Name,Option1 Value,Option2 Name,Option2 Value,Variant SKU,Variant Price\n\
         a,A,Cor,Cru,Tamanho,P,CR,2\na,,,Azul,,P,AZ,2\na,,,Azul,,M,AZ-M,2\n",
    );
    assert_eq!(said(&laid), [] as [String; 0]);
    let ids: Vec<_> = variants(&laid).into_iter().map(|(id, ..)| id).collect();
    assert_eq!(ids, [Some(2), Some(1), None]);
    assert_eq!(laid.product.variants[1].barcode.as_deref(), Some("789"), "no column for it");
    assert!(laid.notes.is_empty(), "{:?}", laid.notes);
    // A header without the second option's name can't leave its value out.
    let two = kept(
        "Handle,Title,Option1 Name,Option1 Value,Option2 Name,Option2 Value,Variant Price\na,A,Cor,Azul,Tamanho,P,1\n",
    );
    let laid = over(&two, "Handle,Option1 Value,Variant Price\na,Azul,2\n");
    assert_eq!(said(&laid), ["linha 2, coluna Option2 Value: Falta o valor de «Tamanho»."]);
}

#[test]
fn f36_codes_and_counts_of_spreadsheets() {
    for (text, code) in [
        ("'0123", "0123"),
        ("=\"0123\"", "0123"),
        ("7891000315507.0", "7891000315507"),
        ("AB-1.0", "AB-1.0"),
        ("12E4", "12E4"),
    ] {
        assert_eq!(cells::code(cells::unwrapped(text)).as_deref(), Ok(code), "{text}");
    }
    for text in ["7.89E+12", "7,89123E+12", "8e+10", "1,5E-07"] {
        assert!(cells::code(text).is_err_and(|said| said.contains("se perderam")), "{text}");
    }
    assert_eq!(["3,0", "3.00", "-4,0", "0"].map(|text| cells::count(text).ok()), [Some(3), Some(3), Some(0), Some(0)]);
    assert!(cells::count("1.000").is_err_and(|said| said.contains("ambígua")));
    for text in ["3,5", "", "-", "1.2.0", "3E+1"] {
        assert!(cells::count(text).is_err(), "{text}");
    }
    for (tracker, policy, tracked) in [
        ("", "deny", Some(false)),
        ("shopify", "deny", Some(true)),
        ("shopify", "CONTINUE", Some(false)),
        ("shopify", "", Some(true)),
    ] {
        let csv = format!(
            "Handle,Title,Variant Price,Variant Inventory Tracker,Variant Inventory Policy\na,A,1,{tracker},{policy}\n"
        );
        assert_eq!(read(&csv)[0].product.variants[0].tracked, tracked, "{tracker:?} {policy:?}");
    }
    assert_eq!(read("Handle,Title,Variant Price\na,A,1\n")[0].product.variants[0].tracked, None);
    let policy = read("Handle,Title,Variant Price,Continue selling when out of stock\na,A,1,talvez\n");
    assert_eq!(said(&policy[0]), ["linha 2, coluna Variant Inventory Policy: «talvez» não é deny nem continue."]);
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
    assert_eq!(opened(&latin).unwrap().encoding, Encoding::Windows1252);
    let dash = opened(b"Handle,Title,Variant Price\na,Ch\xe1 \x96 50 g,1\n").unwrap();
    assert_eq!(dash.products().unwrap().next().unwrap().unwrap().name, "Chá – 50 g");
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
    assert_eq!(products[0].images[0].source_url, "r.jpg");
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
    let read = |bytes: &[u8]| opened(bytes).is_ok_and(|file| file.products().is_ok_and(|all| all.count() > 0));
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
