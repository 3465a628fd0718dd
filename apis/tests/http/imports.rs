//! Imports by the operator, and the files of pictures that they name.

use image::ImageFormat;
use serde_json::{Value, json};

use crate::{
    bed::{Answered, Bed, Shop, bed, send, send_at},
    pictures::picture,
    run,
};

const CSV: &str = "Handle,Title,Published,Variant Price,Image Src\n\
    caneca,Caneca,true,10,https://fotos.test/a.png?v=1\n\
    caneca,,,,https://fotos.test/b.png\n\
    errada,Errada,true,dez,\n";

async fn import(bed: &Bed, shop: &Shop) -> Vec<Value> {
    import_of(bed, shop, CSV).await
}

async fn import_of(bed: &Bed, shop: &Shop, csv: &str) -> Vec<Value> {
    let request = bed.operator("POST", &format!("/tenants/{}/import", shop.id)).header("content-type", "text/csv");
    let answered = send(request.body(csv.to_owned())).await.expect(200);
    let lines = String::from_utf8_lossy(&answered.bytes).into_owned();
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    // A line says that a product is kept; from its position on it can be read.
    if let Some(position) = lines.iter().rev().find_map(|line| line["position"].as_str()) {
        send_at(position, bed.staff(shop, "GET", "/products?limit=1")).await.expect(200);
    }
    lines
}

async fn supply(bed: &Bed, shop: &Shop, product: &str, url: &str, file: Vec<u8>) -> Answered {
    let path = format!("/tenants/{}/products/{product}/images", shop.id);
    send(bed.operator("POST", &path).query(&[("source_url", url)]).body(file)).await
}

#[test]
fn f07_a_file_comes_to_the_picture_that_an_import_named() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("importada").await;
        let (a, b) = ("https://fotos.test/a.png?v=1", "https://fotos.test/b.png");
        let lines = import(bed, &shop).await;
        assert_eq!((&lines[0]["result"], &lines[0]["images_waiting"]), (&json!("created"), &json!([a, b])));
        assert_eq!((&lines[1]["result"], lines[1]["errors"].as_array().unwrap().len()), (&json!("refused"), 1));
        assert_eq!(lines[2]["summary"]["images_waiting"], 2);
        let id = lines[0]["product_id"].as_str().unwrap();

        let png = |width| picture(width, 30, ImageFormat::Png);
        let supplied = supply(bed, &shop, id, b, png(60)).await.expect(200);
        assert!(supplied.header("feira-position").starts_with("admin."));
        let images = &supplied.json["images"];
        assert_eq!((&images[0]["status"], &images[0]["problem"]), (&json!("waiting"), &Value::Null));
        assert_eq!((&images[1]["status"], &images[1]["width"]), (&json!("ready"), &json!(60)));
        assert_eq!(images[1]["source_url"], b, "in its place, and still known by its address");

        // The address was answered: another file for it is of no use, and is not kept.
        let again = supply(bed, &shop, id, b, png(61)).await.expect(200);
        assert_eq!(&again.json["images"], images);
        supply(bed, &shop, id, "https://fotos.test/c.png", png(62)).await.expect(404);
        assert_eq!(supply(bed, &shop, id, a, b"no picture".to_vec()).await.expect(415).code(), "unsupported_media");
        let files = bed.api.platform.files.list(shop.id.parse().unwrap()).await.unwrap();
        assert_eq!(files.len(), 2, "two sizes of one picture: {files:?}");

        // The merchant brings the other by hand, and then a better one: the address stays with the place.
        let waiting = format!("/products/{id}/images/{}", images[0]["id"].as_str().unwrap());
        let brought = send(bed.staff(&shop, "PUT", &waiting).body(png(70))).await.expect(200);
        assert_eq!((&brought.json["status"], &brought.json["source_url"]), (&json!("ready"), &json!(a)));
        let ready = format!("/products/{id}/images/{}", brought.json["id"].as_str().unwrap());
        let better = send(bed.staff(&shop, "PUT", &ready).body(png(71))).await.expect(200).json;
        assert_eq!((&better["width"], &better["source_url"]), (&json!(71), &json!(a)));

        let lines = import(bed, &shop).await;
        assert_eq!((&lines[0]["result"], &lines[0]["images_waiting"]), (&json!("unchanged"), &json!([])));
    });
}

#[test]
fn f07_a_second_import_finds_the_category_by_its_name_and_leaves_what_the_file_has_no_word_for() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("reimportada").await;
        let category = send(bed.staff(&shop, "POST", "/categories").json(&json!({"name": "Calças", "slug": "moda"})));
        let category = category.await.expect(201).json;
        let csv = "Handle,Title,Type,Variant Price\ncaneca,Caneca,calcas,10\ncopo,Copo,CALÇAS,10\n";
        let lines = import_of(bed, &shop, csv).await;
        let path = format!("/products/{}", lines[0]["product_id"].as_str().unwrap());
        let read = async |path: &str| send(bed.staff(&shop, "GET", path)).await.expect(200).json;
        assert_eq!(read(&path).await["category_id"], category["id"]);
        assert_eq!(read("/categories").await["total"], 1, "no double");

        send(bed.staff(&shop, "PATCH", &path).json(&json!({"featured": true}))).await.expect(200);
        assert_eq!(import_of(bed, &shop, csv).await[0]["result"], "unchanged");
        assert_eq!(read(&path).await["featured"], true);

        // Renamed, it keeps its address, by which the file still finds it.
        let one = format!("/categories/{}", category["id"].as_str().unwrap());
        send(bed.staff(&shop, "PATCH", &one).json(&json!({"name": "Roupas", "slug": "calcas"}))).await.expect(200);
        assert_eq!(import_of(bed, &shop, csv).await[0]["result"], "unchanged");
        assert_eq!(read("/categories").await["total"], 1);
    });
}

#[test]
fn f07_what_is_too_long_or_too_much_is_an_error_of_its_line() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("desmedida").await;
        let (name, url) = ("t".repeat(256), format!("https://fotos.test/{}", "x".repeat(2_048)));
        let csv = format!("Handle,Title,Type,Variant Price,Image Src\na,A,{name},10,\nb,B,,10,{url}\n");
        let lines = import_of(bed, &shop, &csv).await;
        for (line, column) in lines.iter().zip(["Type", "Image Src"]) {
            assert_eq!((&line["result"], line["errors"].as_array().unwrap().len()), (&json!("refused"), 1), "{line}");
            assert!(line["errors"][0]["detail"].as_str().unwrap().contains(column), "{line}");
        }

        // The merchant's own picture stays, and with the file's 250 there would be one too many.
        let made = import_of(bed, &shop, "Handle,Title,Variant Price\ncaneca,Caneca,10\n").await;
        let images = format!("/products/{}/images", made[0]["product_id"].as_str().unwrap());
        send(bed.staff(&shop, "POST", &images).body(picture(9, 9, ImageFormat::Png))).await.expect(201);
        let rows: String = (0..250).map(|n| format!("caneca,,,https://fotos.test/{n}.png\n")).collect();
        let csv = format!("Handle,Title,Variant Price,Image Src\ncaneca,Caneca,10,\n{rows}");
        let lines = import_of(bed, &shop, &csv).await;
        assert_eq!((&lines[0]["result"], &lines[0]["errors"][0]["pointer"]), (&json!("refused"), &json!("/images")));
        let kept = send(bed.staff(&shop, "GET", &images)).await.expect(200).json;
        assert_eq!(kept["items"].as_array().unwrap().len(), 1);
    });
}
