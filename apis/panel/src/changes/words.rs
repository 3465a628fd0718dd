//! The words for what changes tell of: actors, fields, and values that are words of the API.

use feira_schemas::records::{
    admin::{Domain, DomainFound},
    payments::Why,
};

/// Kinds of actors as the filter offers them.
pub(super) const ACTORS: [(&str, &str); 7] = [
    ("", "Todos, menos o sistema"),
    ("staff", "A equipe"),
    ("token", "Tokens da API"),
    ("credential", "Outros sistemas"),
    ("operator", "A plataforma"),
    ("system", "O sistema"),
    ("all", "Todos"),
];

/// Fields in words. Other names are the merchant's own, such as those of options.
pub(super) const FIELDS: [(&str, &str); 105] = [
    ("accent", "Cor"),
    ("active", "Ativo"),
    ("active_since", "Ativo desde"),
    ("address", "Endereço"),
    ("alt", "Texto da imagem"),
    ("amount", "Valor"),
    ("barcode", "Código de barras"),
    ("callback", "Senha dos avisos do gateway"),
    ("categories", "Categorias"),
    ("category_id", "Categoria"),
    ("cep_from", "CEP inicial"),
    ("cep_to", "CEP final"),
    ("checked_at", "Chave testada em"),
    ("claimed_at", "Pedido em"),
    ("code", "Código"),
    ("compare_at_price", "Preço anterior"),
    ("contact", "Contato"),
    ("cors_origins", "Sites que usam a API"),
    ("cost", "Custo"),
    ("days", "Prazo (dias úteis)"),
    ("default", "Pix e boleto"),
    ("description", "Descrição"),
    ("discount_percent", "Desconto"),
    ("discounted_installments", "Parcelas com desconto"),
    ("document", "CPF ou CNPJ"),
    ("domain", "Domínio"),
    ("email", "E-mail"),
    ("ended_because", "Motivo do fim"),
    ("ends_at", "Vale até"),
    ("featured", "Destaque"),
    ("found", "No DNS"),
    ("free_from", "Grátis a partir de"),
    ("gateway", "Gateway"),
    ("groups", "Grupos"),
    ("height", "Altura"),
    ("images", "Imagens"),
    ("interest_free_installments", "Parcelas sem juros"),
    ("kind", "Tipo"),
    ("label", "Nome do token"),
    ("logo", "Logotipo"),
    ("looked_at", "Última consulta"),
    ("made_by", "Criado por"),
    ("max_days", "Prazo máximo (dias úteis)"),
    ("max_installments", "Número máximo de parcelas"),
    ("method", "Forma"),
    ("min_days", "Prazo mínimo (dias úteis)"),
    ("minimum", "Pedido mínimo"),
    ("name", "Nome"),
    ("note", "Explicação"),
    ("notify_email", "E-mail de avisos"),
    ("on_hand", "Em estoque"),
    ("options", "Opções"),
    ("parent_id", "Fica dentro de"),
    ("password", "Senha"),
    ("percent", "Percentual"),
    ("permissions", "Permissões"),
    ("phone", "Telefone"),
    ("policies", "Políticas"),
    ("position", "Lugar na lista"),
    ("price", "Preço"),
    ("privacy", "Privacidade"),
    ("problem", "Problema"),
    ("product_id", "Produto"),
    ("products", "Produtos"),
    ("proof", "Registro TXT"),
    ("public_key", "Chave pública"),
    ("rates", "Tabela"),
    ("reason", "Motivo"),
    ("reference", "Referência"),
    ("remote_account", "Conta no gateway"),
    ("remote_id", "Cobrança no gateway"),
    ("returns", "Trocas"),
    ("roles", "Papel"),
    ("scopes", "O que pode"),
    ("secret_key", "Chave secreta"),
    ("seller", "Vendedor"),
    ("seo", "Buscadores"),
    ("sessions_not_before", "Sessões encerradas"),
    ("shop_name", "Nome da loja"),
    ("simulated", "Simulada"),
    ("sku", "Código (SKU)"),
    ("slug", "Endereço na loja"),
    ("source_url", "Endereço de origem"),
    ("starts_at", "Começa em"),
    ("status", "Situação"),
    ("stock", "Estoque inicial"),
    ("subdomain", "Endereço da loja"),
    ("subscription_id", "Assinatura"),
    ("tagline", "Frase da loja"),
    ("tags", "Etiquetas"),
    ("terms", "Termos de uso"),
    ("title", "Título"),
    ("tracked", "Com estoque contado"),
    ("until", "Até"),
    ("up_to_grams", "Peso até (g)"),
    ("url", "Arquivo"),
    ("usage_limit", "Número máximo de usos"),
    ("values", "Valores"),
    ("variants", "Variantes"),
    ("vendor", "Marca"),
    ("weight_grams", "Peso (g)"),
    ("whatsapp", "WhatsApp"),
    ("why", "Resultado"),
    ("width", "Largura"),
    ("www", "Com www"),
];

/// States in words.
pub(super) const STATES: [(&str, &str); 24] = [
    ("draft", "Rascunho"),
    ("published", "Publicado"),
    ("invited", "Convidado"),
    ("active", "Ativo"),
    ("disabled", "Desativado"),
    ("revoked", "Encerrado"),
    ("suspended", "Suspensa"),
    ("closed", "Encerrada"),
    ("ready", "Pronta"),
    ("waiting", "Aguardando"),
    ("failed", "Com falha"),
    ("pending", "Pedido"),
    ("lapsing", "Sem comprovação"),
    ("ended", "Encerrado"),
    ("requested", "Pedida"),
    ("refused", "Recusada"),
    ("untested", "Em teste"),
    ("broken", "Com problema"),
    ("retired", "Aposentada"),
    ("wanted", "A enviar"),
    ("sent", "Enviada"),
    ("done", "Feita"),
    ("question", "Em dúvida"),
    ("by_hand", "Feita à mão"),
];

/// Results of looks into DNS, and reasons for which domains end, in words.
pub(super) const REASONS: [(&str, &str); 9] = [
    (DomainFound::NO_SUCH_NAME, "domínio inexistente"),
    (DomainFound::NO_TXT, "sem registro TXT"),
    (DomainFound::OTHER_TXT, "registro TXT com outro texto"),
    (DomainFound::TIMEOUT, "sem resposta a tempo"),
    (DomainFound::REFUSED, "resposta recusada"),
    (Domain::UNPROVED, "falta de comprovação no prazo"),
    (Domain::PROOF_GONE, "perda do registro TXT"),
    (Domain::TAKEN, "comprovação por outra loja"),
    (Domain::WITHDRAWN, "desistência da loja"),
];

/// Kinds of coupons, of ways of delivery and of accounts at gateways in words.
pub(super) const KINDS: [(&str, &str); 8] = [
    ("percent", "Desconto em %"),
    ("amount", "Desconto em R$"),
    ("free_shipping", "Frete grátis"),
    ("flat", "Preço único"),
    ("table", "Tabela por CEP e peso"),
    ("pickup", "Retirada"),
    ("whole_service", "O gateway recebe e repassa"),
    ("own_acquirer", "O gateway só encaminha"),
];

/// Gateways as people know them.
pub(super) const GATEWAYS: [(&str, &str); 2] = [("pagarme", "pagar.me"), ("stripe", "Stripe")];

/// Why a gateway did not do what was asked.
pub(super) fn of_gateway(why: Why) -> &'static str {
    match why {
        Why::NoConnection | Why::Incomplete => "sem conexão com o gateway",
        Why::TooMany => "gateway ocupado",
        Why::TimedOut | Why::Reset | Why::Unreadable => "sem resposta do gateway",
        Why::Status5xx | Why::StatusOther | Why::KeyInUse => "falha do gateway",
        Why::Account => "chave recusada pelo gateway",
        Why::AnotherAccount => "chave de outra conta do gateway",
        Why::CardToken => "cartão não reconhecido",
        Why::Declined => "recusa do banco",
        Why::Request | Why::State => "recusa do gateway",
        Why::NotFound => "não encontrado no gateway",
        Why::Unsupported => "não oferecido pelo gateway",
        Why::Expired => "prazo esgotado",
        Why::ByHandOnly => "só se faz à mão",
        Why::SumDiffers => "valor diferente no gateway",
        Why::NotReported => "sem notícia do envio",
        Why::Plan => "plano não criado",
        Why::ByHand => "resolvido à mão",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_listed_once_and_in_order() {
        assert!(FIELDS.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }
}
