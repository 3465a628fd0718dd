//! The page of settings.

use image::ImageFormat;

use super::{Desk, text};
use crate::{
    bed::{Answered, bed, send},
    images::image_file,
    run,
};

const ONE: &str = "/admin/settings";

fn fields<'a>(version: &'a str, name: &'a str, accent: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("_version", version),
        ("/shop_name", name),
        ("/tagline", "Feito à mão"),
        ("/accent", accent),
        ("/interest_free_installments", "6"),
        ("/cors_origins", "https://www.ateli.example/\r\n\r\nhttps://b.example"),
    ]
}

/// Sends a file as the form of the logo does.
async fn upload(desk: &mut Desk<'_>, version: &str, file: &[u8]) -> Answered {
    let part =
        |name: &str, value: &str| format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    let mut body = (part("_token", &desk.browser.token) + &part("_version", version)).into_bytes();
    let head = "--b\r\nContent-Disposition: form-data; name=\"/file\"; filename=\"a.png\"\r\n\r\n";
    for bytes in [head.as_bytes(), file, &b"\r\n--b--\r\n"[..]] {
        body.extend_from_slice(bytes);
    }
    let request = desk.browser.request("POST", "/admin/settings/logo").header("sec-fetch-site", "same-origin");
    let request = request.header("content-type", "multipart/form-data; boundary=b").body(body);
    desk.browser.send(request).await
}

#[test]
fn s50_settings_are_changed_by_pages_and_a_colour_that_can_not_be_read_is_said() {
    run(async {
        let mut desk = Desk::at(bed().await, "ajustes-por-pagina").await;
        let page = desk.page(ONE).await;
        assert!(page.contains("value=\"ajustes-por-pagina\"") && page.contains("fill=\"#0f6b57\""), "{page}");
        let version = desk.api("/settings").await["version"].to_string();

        // Looked at, and kept nowhere.
        let looked = [fields(&version, "Ateliê", "#ffe600"), vec![("_act", "preview")]].concat();
        let looked = desk.sends(ONE, &looked, 200).await;
        assert!(looked.contains("não seriam legíveis") && looked.contains("letras pretas"), "{looked}");
        assert!(looked.contains("fill=\"#ffe600\"") && looked.contains("value=\"Ateliê\""), "{looked}");
        assert_eq!(desk.api("/settings").await["version"].to_string(), version);

        let wrong = desk.sends(ONE, &fields(&version, "Ateliê <b>", "amarelo"), 422).await;
        assert!(wrong.contains("id=\"accent-error\"") && wrong.contains("value=\"amarelo\""), "{wrong}");
        assert!(wrong.contains("value=\"Ateliê &#60;b&#62;\"") && wrong.contains("https://b.example"), "{wrong}");

        let saved = desk.does(ONE, &fields(&version, "Ateliê", "#ffe600")).await;
        assert!(saved.contains("As configurações foram salvas") && saved.contains("não seriam legíveis"), "{saved}");
        let kept = desk.api("/settings").await;
        assert_eq!((kept["accent"].as_str(), kept["interest_free_installments"].as_i64()), (Some("#ffe600"), Some(6)));
        assert_eq!(kept["cors_origins"][0], "https://www.ateli.example");

        let stale = desk.sends(ONE, &fields(&version, "Outra aba", "#0f6b57"), 412).await;
        assert!(stale.contains("Cor: #ffe600") && stale.contains("value=\"Outra aba\""), "{stale}");
        assert_eq!(desk.api("/settings").await["shop_name"], "Ateliê", "nothing is overwritten");
    });
}

#[test]
fn s50_a_logo_is_sent_shown_and_removed_by_pages() {
    run(async {
        let bed = bed().await;
        let mut desk = Desk::at(bed, "logo-por-pagina").await;
        assert!(desk.page(ONE).await.contains("ainda não tem logotipo"));
        let version = desk.api("/settings").await["version"].to_string();
        for file in [&b"isto nao e uma imagem"[..], &b""[..]] {
            let refused = upload(&mut desk, &version, file).await;
            assert!((400..500).contains(&refused.status), "{}", refused.status);
            assert!(text(&refused).contains("id=\"file-error\""), "{}", text(&refused));
        }
        let sent = upload(&mut desk, &version, &image_file(40, 20, ImageFormat::Png)).await.expect(303);
        let page = desk.page(sent.header("location")).await;
        assert!(page.contains("O logotipo foi trocado") && page.contains("width=\"40\" height=\"20\""), "{page}");
        let url = page.split_once("<img class=\"logo\" src=\"").unwrap().1.split('"').next().unwrap().to_owned();
        send(bed.request(&desk.shop.host, "GET", &url)).await.expect(200);
        // Of another tab, which shows what was there before.
        let stale = text(&upload(&mut desk, &version, &image_file(9, 9, ImageFormat::Png)).await.expect(412));
        assert!(stale.contains("id=\"file-error\""), "{stale}");
        assert!(desk.page("/admin/settings/logo/remove").await.contains("Remover o logotipo?"));
        let gone = desk.does("/admin/settings/logo/remove", &[]).await;
        assert!(gone.contains("O logotipo foi removido") && !gone.contains("<img"), "{gone}");
        desk.browser.get("/admin/settings/logo/remove").await.expect(404);
    });
}
