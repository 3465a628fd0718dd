//! Images and logos, from upload to what a browser gets.

use std::io::Cursor;

use image::{ImageFormat, Rgb, RgbImage};
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use crate::{
    bed::{Bed, Shop, bed, send, send_at},
    run,
};

/// An image as a file.
pub fn image_file(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    RgbImage::from_fn(width, height, |x, y| Rgb([x as u8, y as u8, 9])).write_to(&mut file, format).unwrap();
    file.into_inner()
}

#[test]
fn s52_pictures_are_added_shown_changed_and_removed() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("fotos").await;
        let made = bed.product(&shop, "Caneca").await;
        let images = format!("/products/{}/images", made["id"].as_str().unwrap());
        // The header says PNG; the bytes are a JPEG.
        let raw = bed.staff(&shop, "POST", &format!("{images}?alt=Frente")).header("content-type", "image/png");
        let first = send(raw.body(image_file(2_000, 1_000, ImageFormat::Jpeg))).await.expect(201);
        assert_eq!(
            (&first.json["width"], &first.json["alt"], &first.json["status"]),
            (&json!(1_600), &json!("Frente"), &json!("ready"))
        );
        let part = Part::bytes(image_file(300, 300, ImageFormat::Png)).file_name("a.png");
        let form = Form::new().part("file", part).text("alt", "Verso").text("position", "1");
        let second = send(bed.staff(&shop, "POST", &images).multipart(form)).await.expect(201);

        let one = first.header("location").strip_prefix("/api/admin/v1").unwrap().to_owned();
        assert_eq!(send(bed.staff(&shop, "GET", &one)).await.expect(200).json, first.json);
        let order = |list: Value| -> Vec<Value> {
            list["items"].as_array().unwrap().iter().map(|image| image["alt"].clone()).collect()
        };
        assert_eq!(
            order(send(bed.staff(&shop, "GET", &images)).await.expect(200).json),
            [json!("Verso"), json!("Frente")]
        );
        let moved = send(bed.staff(&shop, "PUT", &one).json(&json!({"position": 1, "alt": "Capa"}))).await.expect(200);
        assert_eq!(moved.json["alt"], "Capa");
        assert_eq!(
            order(send(bed.staff(&shop, "GET", &images)).await.expect(200).json),
            [json!("Capa"), json!("Verso")]
        );

        let url = second.json["url"].as_str().unwrap();
        assert!(!url.contains("/a.") && !url.contains(made["id"].as_str().unwrap()), "{url}");
        let twice = Part::bytes(image_file(300, 300, ImageFormat::Png)).file_name("a.png");
        let twice =
            send(bed.staff(&shop, "POST", &images).multipart(Form::new().part("file", twice))).await.expect(201);
        assert_ne!(twice.json["url"], second.json["url"], "neither its name nor what is in it names the file");
        let third = format!("{images}/{}", twice.json["id"].as_str().unwrap());
        send(bed.staff(&shop, "DELETE", &third)).await.expect(204);
        let small = url.replace(".png", "-480.png");
        for url in [url, &small] {
            let shown = send(bed.request(&shop.host, "GET", url)).await.expect(200);
            assert_eq!(
                (shown.header("content-type"), shown.header("x-content-type-options")),
                ("image/png", "nosniff")
            );
            assert!(shown.header("cache-control").contains("immutable"));
            assert!(image::load_from_memory(&shown.bytes).is_ok());
            let known = bed.request(&shop.host, "GET", url).header("if-none-match", shown.header("etag"));
            send(known).await.expect(304);
        }
        let other = bed.shop("fotos-alheias").await;
        send(bed.request(&other.host, "GET", url)).await.expect(404);

        send(bed.staff(&shop, "DELETE", &one)).await.expect(204);
        send(bed.staff(&shop, "DELETE", &one)).await.expect(404);
        send(bed.request(&shop.host, "GET", first.json["url"].as_str().unwrap())).await.expect(404);
    });
}

#[test]
fn s52_f14_another_file_comes_in_a_pictures_place() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("fotos-trocadas").await;
        let made = bed.product(&shop, "Caneca").await;
        let images = format!("/products/{}/images", made["id"].as_str().unwrap());
        let mut all = Vec::new();
        for alt in ["Frente", "Verso"] {
            let add = bed.staff(&shop, "POST", &format!("{images}?alt={alt}"));
            all.push(send(add.body(image_file(20, 20, ImageFormat::Png))).await.expect(201).json);
        }
        let at = |image: &Value| format!("{images}/{}", image["id"].as_str().unwrap());
        let put = |query: &str, width| {
            let put = bed.staff(&shop, "PUT", &format!("{}{query}", at(&all[0]))).header("idempotency-key", "troca");
            send(put.body(image_file(width, 20, ImageFormat::Png)))
        };
        let stale = bed.staff(&shop, "PUT", &at(&all[0])).header("if-match", "\"2\"");
        send(stale.body(image_file(20, 20, ImageFormat::Png))).await.expect(412);
        let new = put("", 30).await.expect(200);
        assert_ne!((&new.json["id"], &new.json["url"]), (&all[0]["id"], &all[0]["url"]), "a file never changes");
        assert_eq!((&new.json["width"], &new.json["alt"]), (&json!(30), &json!("Frente")));
        for header in ["location", "content-location"] {
            assert_eq!(new.header(header), format!("/api/admin/v1{}", at(&new.json)), "{header}");
        }
        assert_eq!((new.header("etag"), new.header("feira-position").is_empty()), ("\"4\"", false));
        let listed = || async { send(bed.staff(&shop, "GET", &images)).await.expect(200).json["items"].clone() };
        assert_eq!(listed().await, json!([new.json, all[1]]), "in its place");
        send(bed.request(&shop.host, "GET", all[0]["url"].as_str().unwrap())).await.expect(404);
        send(bed.request(&shop.host, "GET", new.json["url"].as_str().unwrap())).await.expect(200);

        // The image that was named is gone; the same request is answered the same all the same.
        let again = put("", 30).await.expect(200);
        assert_eq!((again.json, again.headers["etag"].clone()), (new.json.clone(), new.headers["etag"].clone()));
        assert_eq!(put("", 31).await.expect(422).code(), "idempotency_mismatch");
        let gone = bed.staff(&shop, "PUT", &at(&all[0])).body(image_file(20, 20, ImageFormat::Png));
        send(gone).await.expect(404);

        // What is given stands, in a form as well.
        let file = Part::bytes(image_file(40, 40, ImageFormat::Png)).file_name("a.png");
        let form = Form::new().part("file", file).text("alt", "Capa").text("position", "2");
        let moved = send(bed.staff(&shop, "PUT", &at(&new.json)).multipart(form)).await.expect(200).json;
        assert_eq!((&moved["alt"], &moved["width"]), (&json!("Capa"), &json!(40)));
        assert_eq!(listed().await, json!([all[1], moved]));
        let files = bed.api.platform.files.list(shop.id.parse().unwrap()).await.unwrap();
        assert_eq!(files.len(), 8, "two sizes of two images, and of the two before that stay for a while: {files:?}");
    });
}

#[test]
fn s52_a_patch_of_a_picture_removes_what_is_null_and_leaves_what_it_does_not_name() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("fotos-mudas").await;
        let made = bed.product(&shop, "Caneca").await;
        let images = format!("/products/{}/images?alt=Frente", made["id"].as_str().unwrap());
        let image = send(bed.staff(&shop, "POST", &images).body(image_file(9, 9, ImageFormat::Png))).await.expect(201);
        let one = image.header("location").strip_prefix("/api/admin/v1").unwrap().to_owned();
        for (method, body, alt) in [
            ("PATCH", json!({"position": 1}), json!("Frente")),
            ("PATCH", json!({"alt": null}), Value::Null),
            ("PATCH", json!({"alt": "Verso"}), json!("Verso")),
            ("PUT", json!({"alt": " "}), Value::Null),
        ] {
            let changed = send(bed.staff(&shop, method, &one).json(&body)).await.expect(200);
            assert_eq!((&changed.json["alt"], changed.header("content-location")), (&alt, image.header("location")));
        }
        for wrong in [json!({"alt": "x".repeat(501)}), json!({"alt": 7}), json!({"position": 0}), json!({"url": "x"})] {
            send(bed.staff(&shop, "PATCH", &one).json(&wrong)).await.expect(422);
        }
    });
}

#[test]
fn f14_the_same_upload_under_the_same_key_is_one_picture() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("fotos-iguais").await;
        let made = bed.product(&shop, "Caneca").await;
        let images = format!("/products/{}/images", made["id"].as_str().unwrap());
        // Each form has a boundary of its own.
        let upload = |width| {
            let form =
                Form::new().part("file", Part::bytes(image_file(width, 20, ImageFormat::Png)).file_name("a.png"));
            send(bed.staff(&shop, "POST", &images).header("idempotency-key", "foto").multipart(form))
        };
        let first = upload(20).await.expect(201);
        assert_eq!(upload(20).await.expect(201).json, first.json);
        assert_eq!(upload(21).await.expect(422).code(), "idempotency_mismatch");
        send(bed.request(&shop.host, "GET", first.json["url"].as_str().unwrap())).await.expect(200);
        assert_eq!(send(bed.staff(&shop, "GET", &images)).await.expect(200).json["items"].as_array().unwrap().len(), 1);
    });
}

#[test]
fn s52_what_is_no_picture_is_refused() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("fotos-ruins").await;
        let made = bed.product(&shop, "Caneca").await;
        let images = format!("/products/{}/images", made["id"].as_str().unwrap());
        for (body, status, code) in [
            (Vec::new(), 422, "required"),
            (b"<svg onload='x()'/>".to_vec(), 415, "unsupported_media"),
            (image_file(50, 50, ImageFormat::Png)[..60].to_vec(), 422, "invalid"),
            (vec![0xFF; 20 * 1024 * 1024 + 1], 413, "too_large"),
            (vec![0xFF; 21 * 1024 * 1024], 413, "too_large"),
        ] {
            let refused = send(bed.staff(&shop, "POST", &images).body(body)).await.expect(status);
            assert_eq!(refused.code(), code);
            let detail = refused.json["detail"].as_str().unwrap();
            assert!(detail.ends_with('.') && !detail.contains("error") && !detail.contains(" the "), "{detail}");
        }
        let nowhere = "/products/018f4d7e-3c1b-7a52-9d0e-5b7f1c2a3d4e/images";
        send(bed.staff(&shop, "POST", nowhere).body(image_file(5, 5, ImageFormat::Png))).await.expect(404);
        for name in ["x.png", "..%2f..%2fetc", "018f4d7e-3c1b-7a52-9d0e-5b7f1c2a3d4e.exe"] {
            send(bed.request(&shop.host, "GET", &format!("/media/{name}"))).await.expect(404);
        }
    });
}

#[test]
fn a_shop_has_one_logo() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("marcas").await;
        send(bed.staff(&shop, "GET", "/logo")).await.expect(404);
        let set =
            send(bed.staff(&shop, "PUT", "/logo").body(image_file(64, 32, ImageFormat::Gif))).await.expect(200).json;
        assert_eq!((&set["logo"]["width"], &set["logo"]["height"]), (&json!(64), &json!(32)));
        let logo = send(bed.staff(&shop, "GET", "/logo")).await.expect(200).json;
        assert_eq!(logo, set["logo"]);
        send(bed.request(&shop.host, "GET", logo["url"].as_str().unwrap())).await.expect(200);
        send(bed.staff(&shop, "DELETE", "/logo")).await.expect(204);
        send(bed.staff(&shop, "GET", "/logo")).await.expect(404);
        send(bed.request(&shop.host, "GET", logo["url"].as_str().unwrap())).await.expect(404);
    });
}

#[test]
fn s93_each_shop_shows_a_logo_of_its_own() {
    run(async {
        let bed = bed().await;
        let mut shown = Vec::new();
        for (name, width) in [("marca-de-uma", 64), ("marca-de-outra", 96)] {
            let shop = bed.shop(name).await;
            let file = image_file(width, 32, ImageFormat::Png);
            let set = send(bed.staff(&shop, "PUT", "/logo").body(file)).await.expect(200);
            let url = set.json["logo"]["url"].as_str().unwrap().to_owned();
            let page = send_at(set.header("feira-position"), bed.request(&shop.host, "GET", "/")).await.expect(200);
            let page = String::from_utf8(page.bytes).unwrap();
            let logo = format!("<img class=\"logo\" src=\"{url}\" alt=\"{name}\" width=\"{width}\" height=\"32\">");
            assert!(page.contains(&logo), "{logo} is not on {page}");
            let file = send(bed.request(&shop.host, "GET", &url)).await.expect(200).bytes;
            shown.push((shop, url, page, file));
        }
        let [(one, of_one, page_of_one, file_of_one), (other, of_other, page_of_other, file_of_other)] = &shown[..]
        else {
            panic!("two shops")
        };
        assert_ne!(file_of_one, file_of_other);
        assert!(!page_of_one.contains(of_other) && !page_of_other.contains(of_one));
        // Nor does a shop serve the other's file.
        send(bed.request(&one.host, "GET", of_other)).await.expect(404);
        send(bed.request(&other.host, "GET", of_one)).await.expect(404);
    });
}

/// A shop with a product and an image of it: both addresses of the image, and what staff call it.
async fn shop_with_an_image(bed: &Bed, name: &str) -> (Shop, String, Value) {
    let shop = bed.shop(name).await;
    let made = bed.product(&shop, "Caneca").await;
    let product = format!("/products/{}", made["id"].as_str().unwrap());
    let add = bed.staff(&shop, "POST", &format!("{product}/images")).body(image_file(20, 20, ImageFormat::Png));
    let image = send(add).await.expect(201).json;
    (shop, product, image)
}

fn both(image: &Value) -> [String; 2] {
    let url = image["url"].as_str().unwrap();
    [url.to_owned(), url.replace(".png", "-480.png")]
}

#[test]
fn what_was_taken_away_is_served_to_nobody_and_its_files_stay_for_a_while() {
    run(async {
        let bed = bed().await;
        for (number, way) in ["produto", "imagem", "lista"].into_iter().enumerate() {
            let (shop, product, image) = shop_with_an_image(bed, &format!("fotos-fora-{number}")).await;
            let before = bed.request(&shop.host, "GET", image["url"].as_str().unwrap());
            let etag = send(before).await.expect(200).header("etag").to_owned();
            match way {
                "produto" => send(bed.staff(&shop, "DELETE", &product)).await.expect(204),
                "imagem" => {
                    let one = format!("{product}/images/{}", image["id"].as_str().unwrap());
                    send(bed.staff(&shop, "DELETE", &one)).await.expect(204)
                }
                _ => {
                    let put = bed.staff(&shop, "PUT", &format!("{product}/images/{}", image["id"].as_str().unwrap()));
                    send(put.body(image_file(30, 20, ImageFormat::Png))).await.expect(200)
                }
            };
            for url in both(&image) {
                send(bed.request(&shop.host, "GET", &url)).await.expect(404);
                // Nor does who has it hear that it is still so.
                send(bed.request(&shop.host, "GET", &url).header("if-none-match", &etag)).await.expect(404);
            }
            let files = bed.api.platform.files.list(shop.id.parse().unwrap()).await.unwrap();
            let own = files.iter().filter(|name| name.starts_with(image["id"].as_str().unwrap()));
            assert_eq!(own.count(), 2, "{way}: a deletion can be taken back: {files:?}");
        }
    });
}

#[test]
fn a_logo_that_was_replaced_or_removed_is_served_to_nobody() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("marcas-fora").await;
        let put = |width| send(bed.staff(&shop, "PUT", "/logo").body(image_file(width, 32, ImageFormat::Png)));
        let first = put(64).await.expect(200).json["logo"].clone();
        let second = put(65).await.expect(200).json["logo"].clone();
        let get = |logo: &Value| send(bed.request(&shop.host, "GET", logo["url"].as_str().unwrap()));
        get(&first).await.expect(404);
        get(&second).await.expect(200);
        send(bed.staff(&shop, "DELETE", "/logo")).await.expect(204);
        get(&second).await.expect(404);
    });
}

#[test]
fn the_images_of_a_closed_shop_are_closed() {
    run(async {
        let bed = bed().await;
        let (shop, _, image) = shop_with_an_image(bed, "fotos-fechadas").await;
        let of = |action: &str| bed.operator("POST", &format!("/tenants/{}/{action}", shop.id));
        let position = send(of("suspend")).await.expect(200).header("feira-position").to_owned();
        for url in both(&image) {
            let closed = send_at(&position, bed.request(&shop.host, "GET", &url)).await.expect(403);
            assert_eq!(closed.code(), "shop_suspended", "{url}");
        }
        let position = send(of("resume")).await.expect(200).header("feira-position").to_owned();
        send_at(&position, bed.request(&shop.host, "GET", &both(&image)[0])).await.expect(200);
        let future = format!("admin.{}.{}", position.split('.').nth(1).unwrap(), i64::MAX);
        let stale = bed.request(&shop.host, "GET", &both(&image)[0]).header("feira-at-least", &future);
        assert_eq!(send(stale).await.expect(409).code(), "stale");
    });
}

#[test]
fn the_operator_takes_an_image_down_at_once() {
    run(async {
        let bed = bed().await;
        for (number, deleted) in [false, true].into_iter().enumerate() {
            let (shop, product, image) = shop_with_an_image(bed, &format!("fotos-proibidas-{number}")).await;
            if deleted {
                send(bed.staff(&shop, "DELETE", &product)).await.expect(204);
            }
            let at = format!("/tenants/{}/media/{}", shop.id, image["id"].as_str().unwrap());
            send(bed.staff(&shop, "DELETE", &at)).await.expect(404);
            send(bed.operator("DELETE", &at)).await.expect(204);
            for url in both(&image) {
                send(bed.request(&shop.host, "GET", &url)).await.expect(404);
            }
            let files = bed.api.platform.files.list(shop.id.parse().unwrap()).await.unwrap();
            assert!(files.is_empty(), "{files:?}");
            send(bed.operator("DELETE", &at)).await.expect(404);
            send(bed.operator("DELETE", &format!("/tenants/{}/media/x", shop.id))).await.expect(404);
        }
    });
}
