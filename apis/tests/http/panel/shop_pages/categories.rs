//! The pages of categories.

use super::Desk;
use crate::{bed::bed, run};

const ALL: &str = "/admin/categories";

async fn id_of(desk: &Desk<'_>, q: &str) -> String {
    desk.api(&format!("/categories?q={q}")).await["items"][0]["id"].as_str().unwrap().to_owned()
}

#[test]
fn s50_categories_are_made_found_moved_and_deleted_by_pages() {
    run(async {
        let mut desk = Desk::at(bed().await, "categorias-por-pagina").await;
        assert!(desk.page(ALL).await.contains("Ainda não há categorias"));
        desk.page("/admin/categories/new").await;
        let wrong = [("/name", " "), ("/slug", "Com <Espaço>"), ("/parent_id", "")];
        let wrong = desk.sends(ALL, &wrong, 422).await;
        assert!(wrong.contains("id=\"name-error\"") && wrong.contains("id=\"slug-error\""), "{wrong}");
        assert!(wrong.contains("value=\"Com &#60;Espaço&#62;\""), "what was typed is kept: {wrong}");
        for name in ["Roupas", "<b>Água</b>"] {
            let made = desk.does(ALL, &[("/name", name), ("/slug", ""), ("/parent_id", "")]).await;
            assert!(made.contains("A categoria foi criada"), "{made}");
        }
        let top = id_of(&desk, "roupas").await;
        let made = desk.does(ALL, &[("/name", "Saias"), ("/slug", "saias-longas"), ("/parent_id", &top)]).await;
        assert!(made.contains("class=\"level-1\"") && !made.contains("<b>"), "{made}");
        let found = desk.page("/admin/categories?q=AGUA").await;
        assert!(found.contains("&#60;b&#62;Água") && !found.contains("Saias"), "{found}");

        let child = id_of(&desk, "saias").await;
        let (top_page, page) = (format!("{ALL}/{top}"), format!("{ALL}/{child}"));
        // Nothing that others lie in is deleted.
        let asked = desk.page(&format!("{top_page}/delete")).await;
        assert!(
            asked.contains("1 subcategoria") && !asked.contains(&format!("action=\"{top_page}/delete\"")),
            "{asked}"
        );
        desk.sends(&format!("{top_page}/delete"), &[], 409).await;
        // Nor does a category lie in itself.
        let within = [("_version", "1"), ("/name", "Roupas"), ("/slug", ""), ("/parent_id", child.as_str())];
        let within = desk.sends(&top_page, &within, 422).await;
        assert!(within.contains("id=\"parent-error\""), "{within}");

        // Two tabs: what the second one overwrites it is told first.
        let moved = desk.does(&page, &[("_version", "1"), ("/name", "Saias"), ("/slug", ""), ("/parent_id", "")]).await;
        assert!(moved.contains("A categoria foi salva"), "{moved}");
        let second = [("_version", "1"), ("/name", "Saias midi"), ("/slug", ""), ("/parent_id", top.as_str())];
        let stale = desk.sends(&page, &second, 412).await;
        assert!(stale.contains("Fica dentro de: nenhuma") && stale.contains("value=\"Saias midi\""), "{stale}");
        assert!(stale.contains("name=\"_version\" value=\"2\""), "{stale}");
        let kept = desk.api(&format!("/categories/{child}")).await;
        assert_eq!((kept["name"].as_str(), kept["slug"].as_str()), (Some("Saias"), Some("saias-longas")));

        let asked = desk.page(&format!("{top_page}/delete")).await;
        assert!(asked.contains("name=\"_version\" value=\""), "{asked}");
        desk.sends(&format!("{top_page}/delete"), &[("_version", "99")], 412).await;
        let gone = desk.does(&format!("{top_page}/delete"), &[]).await;
        assert!(gone.contains("A categoria foi apagada") && !gone.contains("Roupas"), "{gone}");
        desk.browser.get(&top_page).await.expect(404);
    });
}
