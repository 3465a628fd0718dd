//! Imports by the operator, and the files of pictures that they name.

use image::ImageFormat;
use serde_json::{Value, json};

use crate::{
    bed::{Answered, Bed, Shop, bed, send},
    pictures::picture,
    run,
};

const CSV: &str = "Handle,Title,Published,Variant Price,Image Src\n\
    caneca,Caneca,true,10,https://fotos.test/a.png?v=1\n\
    caneca,,,,https://fotos.test/b.png\n\
    errada,Errada,true,dez,\n";

async fn import(bed: &Bed, shop: &Shop) -> Vec<Value> {
    let request = bed.operator("POST", &format!("/tenants/{}/import", shop.id)).header("content-type", "text/csv");
    let answered = send(request.body(CSV)).await.expect(200);
    String::from_utf8_lossy(&answered.bytes).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
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

        // The merchant brings the other by hand, and can't bring it twice.
        let waiting = format!("/products/{id}/images/{}", images[0]["id"].as_str().unwrap());
        let brought = send(bed.staff(&shop, "PUT", &waiting).body(png(70))).await.expect(200);
        assert_eq!((&brought.json["status"], &brought.json["source_url"]), (&json!("ready"), &json!(a)));
        let ready = format!("/products/{id}/images/{}", brought.json["id"].as_str().unwrap());
        assert_eq!(send(bed.staff(&shop, "PUT", &ready).body(png(71))).await.expect(422).code(), "invalid");

        let lines = import(bed, &shop).await;
        assert_eq!((&lines[0]["result"], &lines[0]["images_waiting"]), (&json!("unchanged"), &json!([])));
    });
}
