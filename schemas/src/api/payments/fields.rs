//! The rules of fields of payments' bodies, from which come their checks and their JSON Schemas.

use crate::{
    api::rules::{List, Price, Text, Whole},
    limits, refusals,
};

/// The caller's own id of a charge or refund: what orders are called elsewhere.
pub(super) const REFERENCE: Text = Text::or_null("A referência", 64);
/// The words on a card's statement: acquirers print 13 signs.
pub(super) const STATEMENT_DESCRIPTOR: Text = Text::or_null("O texto da fatura", 13);
/// The sum of a charge.
pub(super) const AMOUNT: Price = Price("O valor");
/// Lines of a charge: what gateways take, and what an order has.
pub(super) const ITEMS: List = List::new("A cobrança", "itens", 50);
/// The merchant's code of a line.
pub(super) const ITEM_CODE: Text = Text::or_null("O código do item", limits::CODE_CHARS);
/// The words for a line.
pub(super) const ITEM_DESCRIPTION: Text = Text::words("A descrição do item", limits::NAME_CHARS);
/// Pieces of a line.
pub(super) const QUANTITY: Whole = Whole::new("A quantidade", 1, 1_000_000);
/// The sum of a line.
pub(super) const ITEM_TOTAL: Price = Price("O total do item");
/// The price of the freight.
pub(super) const FREIGHT: Price = Price("O frete");
/// The name of the way in which goods are sent.
pub(super) const FREIGHT_DESCRIPTION: Text = Text::words("A forma de envio", limits::NAME_CHARS);
/// Seconds for which a card's token is still good: none lives longer than a minute, and it is sent 5 s before its end at the latest.
pub(super) const TOKEN_LIFETIME: Whole = Whole::new("O tempo de vida do token", 10, 60);
/// Parcels of a card payment: the most that card networks take.
pub(super) const INSTALLMENTS: Whole = Whole::new(refusals::PARCELS, 1, 24);
/// The lines for who takes a boleto's money, as gateways print them.
pub(super) const INSTRUCTIONS: Text = Text::words("As instruções do boleto", 256);
/// The merchant's number of a boleto: registries have 16 places.
pub(super) const DOCUMENT_NUMBER: Text = Text::words("O número do documento", 16);
/// Days from today to a boleto's due day: beyond a year nobody keeps the paper.
pub(super) const DUE_DAYS: i64 = 365;
/// Seconds that a Pix code can be paid: a minute is what a person needs to pay it, beyond 30 days gateways keep none.
pub(super) const PIX_LIFETIME: Whole = Whole::new("A validade do Pix", 60, 30 * 24 * 60 * 60);
/// Names and values that the buyer's bank shows with a Pix.
pub(super) const PIX_INFORMATION: List = List::new("O Pix", "informações", 10);
/// A name, or a value, of those.
pub(super) const PIX_NAME: Text = Text::words("O nome da informação", 50);
/// See [`PIX_NAME`].
pub(super) const PIX_VALUE: Text = Text::words("O valor da informação", 200);
/// The words of who settles something by hand.
pub(super) const NOTE: Text = Text::words("A explicação", 2_000).of_lines();
/// The sum of a refund.
pub(super) const REFUND_AMOUNT: Price = Price("O valor da devolução");
/// The name of an account at a gateway, or of a credential, in a list of some.
pub(super) const NAME: Text = Text::words("O nome", 100);
/// Characters of a key at a gateway, and of the secret of its callbacks: theirs have some dozens.
pub(super) const KEY_CHARS: usize = 512;
/// Characters of a gateway's name: it is looked up among those that there are.
pub(super) const GATEWAY: Text = Text::words("O gateway", 40);
/// The name of a plan, which a gateway shows a subscriber: pagar.me takes so many characters.
pub(super) const PLAN_NAME: Text = Text::words("O nome do plano", 64);
/// The words for a plan, as gateways take them.
pub(super) const PLAN_DESCRIPTION: Text = Text::or_null("A descrição do plano", 256);
/// The price of one period of a plan.
pub(super) const PLAN_PRICE: Price = Price("O preço do plano");
/// Months of a plan's period: beyond two years nobody knows what a price is worth, and Stripe takes three at most.
pub(super) const MONTHS: Whole = Whole::new("O número de meses", 1, 24);
/// What is said of an account that is none.
pub(super) const NO_SUCH_ACCOUNT: &str = "Não há conta com este id nesta loja.";
