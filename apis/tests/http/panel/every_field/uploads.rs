//! Files that people send by pages and that are not what they should be.

use image::ImageFormat;
use reqwest::multipart::{Form, Part};

use crate::{
    bed::{Answered, bed},
    images::image_file,
    panel::{shop_pages::Desk, text},
    payments, run,
};

/// Sends a file of this name in a field of a page's form, which changes what the API shows at `of`.
async fn sent(
    desk: &mut Desk<'_>,
    path: &str,
    of: &str,
    field: &'static str,
    (name, file): (&'static str, &[u8]),
) -> Answered {
    let version = desk.api(of).await["version"].to_string();
    let form = Form::new().text("_token", desk.browser.token.clone()).text("_version", version);
    // A browser sends a slash in a field's name as it is.
    let form = if field.contains('/') { form.percent_encode_noop() } else { form };
    let form = form.part(field, Part::bytes(file.to_vec()).file_name(name));
    let request = desk.browser.request("POST", path).header("sec-fetch-site", "same-origin").multipart(form);
    desk.browser.send(request).await
}

/// A small GIF that says of itself that it has 10,000 by 5,000 pixels.
fn giant() -> Vec<u8> {
    let mut file = image_file(8, 8, ImageFormat::Gif);
    file[6..8].copy_from_slice(&10_000_u16.to_le_bytes());
    file[8..10].copy_from_slice(&5_000_u16.to_le_bytes());
    file
}

#[test]
fn s52_a_drawing_with_a_script_and_a_picture_of_50_megapixels_are_refused_by_pages() {
    run(async {
        let bed = bed().await;
        let mut desk = Desk::at(bed, "envios-recusados").await;
        let id = payments::text(&bed.product(&desk.shop, "Caneca").await["id"]);
        let (page, kept) = (format!("/admin/products/{id}"), desk.api("/settings").await);
        desk.page(&page).await;
        let drawing = b"<svg xmlns='http://www.w3.org/2000/svg' onload='campo(7)'/>";
        let (images, product) = (format!("{page}/images"), format!("/products/{id}"));
        let forms = [(images.as_str(), product.as_str(), "images"), ("/admin/settings/logo", "/settings", "/file")];
        for (path, of, field) in forms {
            let refused = sent(&mut desk, path, of, field, ("foto.png", drawing)).await;
            assert!((400..500).contains(&refused.status), "{path}: {}", refused.status);
            assert!(!text(&refused).contains("<svg xmlns='http"), "{path}");
            let refused = sent(&mut desk, path, of, field, ("foto.gif", &giant())).await;
            assert!((400..500).contains(&refused.status), "{path}: {}", refused.status);
            assert!(text(&refused).contains("40 megapixels"), "{path}: {}", text(&refused));
        }
        assert_eq!(desk.api(&format!("/products/{id}/images")).await["items"].as_array().map(Vec::len), Some(0));
        assert_eq!(desk.api("/settings").await, kept);
    });
}

#[test]
fn s52_what_a_file_is_called_is_of_no_account() {
    run(async {
        let bed = bed().await;
        let mut desk = Desk::at(bed, "nomes-de-arquivos").await;
        let id = payments::text(&bed.product(&desk.shop, "Caneca").await["id"]);
        let page = format!("/admin/products/{id}");
        desk.page(&page).await;
        let file = image_file(30, 20, ImageFormat::Png);
        for name in ["../../../../etc/passwd", "C:\\passwd.svg", "\"><script>passwd</script>.html"] {
            let of = format!("/products/{id}");
            sent(&mut desk, &format!("{page}/images"), &of, "images", (name, &file)).await.expect(303);
        }
        assert!(!desk.page(&page).await.contains("passwd"));
        let images = desk.api(&format!("/products/{id}/images")).await;
        let images = images["items"].as_array().unwrap();
        assert_eq!(images.len(), 3);
        for image in images {
            let url = image["url"].as_str().unwrap();
            assert!(["passwd", "..", "svg", "html"].iter().all(|part| !url.contains(part)), "{url}");
        }
    });
}
