//! The page of a shop's own domain.

use super::Desk;
use crate::{
    bed::bed,
    domains::{all_there, becomes, claim, nothing, report},
    run,
};

const PAGE: &str = "/admin/domain";

#[test]
fn s43_f05_a_domain_is_claimed_proved_and_given_back_by_a_page_that_says_what_to_do() {
    run(async {
        let mut desk = Desk::at(bed().await, "dominio-por-pagina").await;
        let bare = desk.page(PAGE).await;
        assert!(bare.contains("A loja está em dominio-por-pagina.localhost"), "{bare}");
        let wrong = desk.sends(PAGE, &[("/domain", "<b>loja")], 422).await;
        assert!(wrong.contains("id=\"domain-error\"") && wrong.contains("value=\"&#60;b&#62;loja\""), "{wrong}");
        assert!(!wrong.contains("<b>"), "{wrong}");
        let own = desk.sends(PAGE, &[("/domain", "loja.localhost")], 422).await;
        assert!(own.contains("Este endereço é da plataforma"), "{own}");

        let claimed = desk.does(PAGE, &[("/domain", "https://www.Por-Pagina.example/")]).await;
        for part in ["_feira.por-pagina.example", "feira-verification=", "www.por-pagina.example", "Aguardando o DNS"] {
            assert!(claimed.contains(part), "{part}: {claimed}");
        }
        let asked = desk.page("/admin/domain/withdraw").await;
        assert!(asked.contains("O pedido termina, e a loja continua em dominio-por-pagina.localhost."), "{asked}");
        assert!(claimed.contains("ainda não foi consultado") && claimed.contains("Pedir o domínio"), "{claimed}");
        report(desk.bed, &desk.shop, nothing()).await;
        let looked = desk.page(PAGE).await;
        assert!(looked.contains("Ainda não há este registro") && looked.contains("Falta"), "{looked}");

        report(desk.bed, &desk.shop, all_there()).await;
        becomes(desk.bed, &desk.shop, "active").await;
        let active = desk.page(PAGE).await;
        assert!(active.contains(">Ativo<") && active.contains("Certo") && !active.contains("Falta"), "{active}");
        assert!(!active.contains("Pedir o domínio"), "it is given back before another is claimed: {active}");
        let refused = desk.sends(PAGE, &[("/domain", "outro.example")], 409).await;
        assert!(refused.contains("Retire-o antes de pedir outro"), "{refused}");

        report(desk.bed, &desk.shop, nothing()).await;
        let lapsing = desk.page(PAGE).await;
        assert!(lapsing.contains("Sem comprovação") && lapsing.contains("Crie-o de novo até"), "{lapsing}");
        let asked = desk.page("/admin/domain/withdraw").await;
        assert!(asked.contains("Retirar o domínio por-pagina.example?"), "{asked}");
        let done = desk.does("/admin/domain/withdraw", &[]).await;
        assert!(done.contains("foi retirado") && done.contains("Usar um domínio seu"), "{done}");
        desk.browser.get("/admin/domain/withdraw").await.expect(404);
    });
}

#[test]
fn s43_who_asks_for_a_look_sees_the_page_again_and_without_a_domain_there_is_none() {
    run(async {
        let mut desk = Desk::at(bed().await, "olha-agora").await;
        desk.page(PAGE).await;
        desk.browser.post("/admin/domain/check", &[]).await.expect(404);
        desk.does(PAGE, &[("/domain", "olha-agora.example")]).await;
        let checked = desk.does("/admin/domain/check", &[]).await;
        assert!(
            checked.contains("O DNS foi consultado de novo") && checked.contains("olha-agora.example"),
            "{checked}"
        );
        // Another shop has proved it before: there is nothing to be given back.
        let other = desk.bed.shop("olhou-antes").await;
        claim(desk.bed, &other, "olha-agora.example").await;
        for (shop, status) in [(&other, "active"), (&desk.shop, "ended")] {
            report(desk.bed, shop, all_there()).await;
            becomes(desk.bed, shop, status).await;
        }
        desk.browser.get("/admin/domain/withdraw").await.expect(404);
    });
}
