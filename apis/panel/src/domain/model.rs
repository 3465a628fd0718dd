//! What the page of a shop's domain says.

use feira_schemas::records::admin::{Domain, DomainFound, DomainStatus};

use crate::{format::day, shop::Status};

/// The state of a domain in a word.
pub(super) fn status(domain: &Domain) -> Status {
    match domain.status {
        DomainStatus::Pending => Status { word: "Aguardando o DNS", look: "" },
        DomainStatus::Active => Status { word: "Ativo", look: "good" },
        DomainStatus::Lapsing => Status { word: "Sem comprovação", look: "bad" },
        DomainStatus::Ended => Status { word: "Encerrado", look: "bad" },
        DomainStatus::Unknown => Status { word: "Desconhecido", look: "" },
    }
}

/// What the state means, and what to do.
pub(super) fn means(domain: &Domain) -> String {
    let until = domain.until.map_or_else(|| "o fim do prazo".to_owned(), day);
    match domain.status {
        DomainStatus::Pending if domain.found.proof && domain.until.is_none() => {
            "O registro TXT foi encontrado. A plataforma está confirmando o domínio.".to_owned()
        }
        DomainStatus::Pending => format!(
            "Crie no DNS os registros abaixo. O registro TXT é procurado até {until}; se não aparecer, o pedido termina, e você pode fazer outro."
        ),
        DomainStatus::Active if !domain.found.address => {
            "O domínio é da loja, mas ainda não leva até ela: confira o registro de endereço. Até lá a loja fica no endereço da plataforma."
                .to_owned()
        }
        DomainStatus::Active => {
            "As páginas da loja abrem neste domínio, e quem vai ao endereço da plataforma é levado até ele. Não apague os registros: eles são conferidos toda semana."
                .to_owned()
        }
        DomainStatus::Lapsing => format!(
            "O registro TXT não foi mais encontrado. Crie-o de novo até {until}, ou o domínio deixa de ser da loja. Até lá ela abre nele e no endereço da plataforma."
        ),
        DomainStatus::Ended => ended(domain.ended_because.as_deref()).to_owned(),
        DomainStatus::Unknown => "Esta situação é de uma versão mais nova da plataforma. Espere um pouco e recarregue a página.".to_owned(),
    }
}

fn ended(because: Option<&str>) -> &'static str {
    match because {
        Some(Domain::UNPROVED) => {
            "O registro TXT não apareceu em 14 dias, e o pedido terminou. Você pode pedir de novo."
        }
        Some(Domain::PROOF_GONE) => {
            "O registro TXT sumiu e não voltou em 14 dias, e o domínio deixou de ser da loja. Você pode pedir de novo."
        }
        Some(Domain::TAKEN) => {
            "Outra loja comprovou antes que o domínio é dela. Se ele é seu, fale com o suporte da plataforma."
        }
        _ => "O domínio não é mais da loja. Você pode pedir de novo.",
    }
}

/// True where something is to be done.
pub(super) fn is_wrong(domain: &Domain) -> bool {
    match domain.status {
        DomainStatus::Active => !domain.found.address,
        DomainStatus::Lapsing | DomainStatus::Ended => true,
        DomainStatus::Pending | DomainStatus::Unknown => false,
    }
}

/// True where another domain may be claimed in its place, or the same again.
pub(super) fn may_be_replaced(domain: &Domain) -> bool {
    matches!(domain.status, DomainStatus::Pending | DomainStatus::Ended)
}

/// Says that a name leads to somebody else, or to nobody.
const ELSEWHERE: &str = "Ainda não leva à plataforma";

/// A thing that was looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Finding {
    pub what: &'static str,
    pub is_there: bool,
    pub says: &'static str,
}

/// The things that the last look has found and not found; none before the first.
pub(super) fn findings(domain: &Domain) -> Vec<Finding> {
    if domain.looked_at.is_none() {
        return Vec::new();
    }
    let found = &domain.found;
    let finding =
        |what, is_there, missing| Finding { what, is_there, says: if is_there { "Encontrado" } else { missing } };
    if !found.is_answered() {
        return vec![finding("DNS", false, unanswered(found))];
    }
    vec![
        finding("Registro TXT", found.proof, missing(found)),
        finding("Endereço do domínio", found.address, ELSEWHERE),
        finding("Endereço com www", found.www, ELSEWHERE),
    ]
}

/// Why a proof was not found.
fn missing(found: &DomainFound) -> &'static str {
    match found.why.as_deref() {
        Some(DomainFound::NO_SUCH_NAME) => "O domínio não existe no DNS: confira se ele está registrado",
        Some(DomainFound::OTHER_TXT) => "Há outro texto no registro: confira o valor",
        _ => "Ainda não há este registro",
    }
}

/// Why nothing was learnt.
fn unanswered(found: &DomainFound) -> &'static str {
    match found.why.as_deref() {
        Some(DomainFound::TIMEOUT) => "Os servidores do domínio não responderam a tempo",
        _ => "Os servidores do domínio não quiseram responder",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn domain(status: DomainStatus) -> Domain {
        Domain {
            domain: "loja.example".into(),
            proof: "feira-verification=x".into(),
            status,
            claimed_at: 0,
            // 2026-03-02, 01:30 UTC: the evening before in São Paulo.
            until: Some(1_772_415_000_000_000),
            active_since: None,
            looked_at: Some(1),
            found: DomainFound::default(),
            ended_because: None,
        }
    }

    #[test]
    fn s43_each_state_says_what_it_means_and_until_when() {
        for status in [DomainStatus::Pending, DomainStatus::Lapsing] {
            assert!(means(&domain(status)).contains("01/03/2026"), "{status:?}");
        }
        let leads = DomainFound { address: true, ..DomainFound::default() };
        let active = Domain { found: leads, ..domain(DomainStatus::Active) };
        assert!(!is_wrong(&active) && is_wrong(&domain(DomainStatus::Active)), "it is to lead to the shop");
        assert_ne!(means(&active), means(&domain(DomainStatus::Active)));
        assert!(means(&domain(DomainStatus::Active)).contains("a loja fica no endereço da plataforma"));
        let found = DomainFound { proof: true, ..DomainFound::default() };
        let asked_for = Domain { found, until: None, ..domain(DomainStatus::Pending) };
        assert!(means(&asked_for).contains("está confirmando o domínio"), "{}", means(&asked_for));
        let because = |word: &str| {
            let ended_because = Some(word.to_owned());
            means(&Domain { ended_because, ..domain(DomainStatus::Ended) })
        };
        let all = [Domain::UNPROVED, Domain::PROOF_GONE, Domain::TAKEN, "later"].map(because);
        for (place, one) in all.iter().enumerate() {
            assert!(!all[..place].contains(one), "{one} is said of two ends");
        }
    }

    #[test]
    fn s43_what_was_looked_for_is_said_once_it_was() {
        let never = Domain { looked_at: None, ..domain(DomainStatus::Pending) };
        assert_eq!(findings(&never), []);
        let there = |found: DomainFound| {
            let looked = Domain { found, ..domain(DomainStatus::Pending) };
            findings(&looked).into_iter().map(|finding| finding.is_there).collect::<Vec<_>>()
        };
        assert_eq!(there(DomainFound { proof: true, ..DomainFound::default() }), [true, false, false]);
        assert_eq!(there(DomainFound::unanswered(DomainFound::TIMEOUT)), [false]);
        let other = DomainFound { why: Some(DomainFound::OTHER_TXT.into()), ..DomainFound::default() };
        assert_eq!(
            findings(&Domain { found: other, ..domain(DomainStatus::Pending) })[0].says,
            "Há outro texto no registro: confira o valor"
        );
    }
}
